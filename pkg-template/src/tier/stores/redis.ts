/**
 * Redis and Valkey, by a client that is connected already: node-redis (4 and newer), ioredis (4 and newer) or iovalkey, single or cluster.
 *
 * Only GET, MGET (not on a cluster), SET, DEL and INFO are used, each on one key where keys may lie on several nodes.
 */

import { checkRedis, isIoredis } from "../redis-client.js";

export function redisStore(client: any) {
  checkRedis("stores/redis", client, ["get", "set", "del"]);
  const commands = isIoredis(client) ? ofIoredis(client) : ofNodeRedis(client);
  return {
    ...commands,
    onReconnect(listener: () => void) {
      client.on?.("ready", listener);
    },
  };
}

/** Whole milliseconds, or undefined for "no end". */
const wholeMs = (ttlMs: number | undefined) => (ttlMs === undefined || !(ttlMs < 2 ** 52) ? undefined : Math.max(1, Math.ceil(ttlMs)));

const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const runId = (info: unknown) => /run_id:(\w+)/.exec(String(info))?.[1];

function ofIoredis(client: any) {
  const cluster = client.isCluster === true;
  const set = (key: string, bytes: Uint8Array, options?: { ttlMs?: number }, more: string[] = []) => {
    const ms = wholeMs(options?.ttlMs);
    return client.set(key, asBuffer(bytes), ...(ms === undefined ? [] : ["PX", ms]), ...more);
  };
  return {
    get: async (key: string) => (await client.getBuffer(key)) ?? undefined,
    getMany: (keys: string[]) =>
      cluster ? Promise.all(keys.map((key) => client.getBuffer(key))) : client.mgetBuffer(keys),
    set: async (key: string, bytes: Uint8Array, options: { ttlMs?: number }) => {
      await set(key, bytes, options);
    },
    add: async (key: string, bytes: Uint8Array, options: { ttlMs?: number }) =>
      (await set(key, bytes, options, ["NX"])) === "OK",
    delete: async (keys: string[]) => {
      await Promise.all(keys.map((key) => client.del(key)));
    },
    incarnation: cluster ? undefined : async () => runId(await client.info("server")),
  };
}

/** The type of reply that holds bytes, in the protocol's own numbering. */
const BLOB_STRING = 36;

function ofNodeRedis(client: any) {
  const cluster = client.masters !== undefined;
  const typed = typeof client.withTypeMapping === "function";
  const binary = typed ? client.withTypeMapping({ [BLOB_STRING]: Buffer }) : client;
  const ask = (args: string[]) =>
    cluster ? client.sendCommand(args[1], true, args, { returnBuffers: true }) : client.sendCommand(args, { returnBuffers: true });
  const get = (key: string) => (typed ? binary.get(key) : ask(["GET", key]));
  const set = (key: string, bytes: Uint8Array, options?: { ttlMs?: number }, more?: object) => {
    const ms = wholeMs(options?.ttlMs);
    return client.set(key, asBuffer(bytes), { ...(ms === undefined ? {} : { PX: ms }), ...more });
  };
  return {
    get: async (key: string) => (await get(key)) ?? undefined,
    getMany: (keys: string[]) => {
      if (cluster) return Promise.all(keys.map(get));
      return typed ? binary.mGet(keys) : ask(["MGET", ...keys]);
    },
    set: async (key: string, bytes: Uint8Array, options: { ttlMs?: number }) => {
      await set(key, bytes, options);
    },
    add: async (key: string, bytes: Uint8Array, options: { ttlMs?: number }) =>
      String(await set(key, bytes, options, { NX: true })) === "OK",
    delete: async (keys: string[]) => {
      await Promise.all(keys.map((key) => client.del(key)));
    },
    incarnation: cluster ? undefined : async () => runId(await client.info("server")),
  };
}
