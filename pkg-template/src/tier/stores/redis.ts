/**
 * Redis and Valkey, by a client that is connected already: node-redis (4 and newer), ioredis (4 and newer) or iovalkey, single or cluster.
 *
 * Only GET, MGET (not on a cluster), SET, DEL and INFO are used, each on one key where keys may lie on several nodes.
 */

import type { Store } from "../../types/tier.js";
import { checkRedis, type Ioredis, isIoredis, type NodeRedis } from "../redis-client.js";

/**
 * Redis or Valkey by a connected client of node-redis (4 and newer), ioredis or iovalkey, single or cluster; it stays yours
 * to close. Give the client a short reconnect delay (at most an eighth of `l1Ttl`) and no offline queue.
 */
export function redisStore(client: object): Store {
  checkRedis("stores/redis", client, ["get", "set", "del"]);
  const commands = isIoredis(client) ? ofIoredis(client) : ofNodeRedis(client as NodeRedis);
  return {
    ...commands,
    onReconnect(listener) {
      (client as Partial<NodeRedis>).on?.("ready", listener);
    },
  };
}

/** Whole milliseconds, or undefined for "no end". */
const wholeMs = (ttlMs: number | undefined) => (ttlMs === undefined || !(ttlMs < 2 ** 52) ? undefined : Math.max(1, Math.ceil(ttlMs)));

const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const runId = (info: unknown) => /run_id:(\w+)/.exec(String(info))?.[1];

function ofIoredis(client: Ioredis): Store {
  const cluster = client.isCluster === true;
  const set = (key: string, bytes: Uint8Array, options?: { ttlMs?: number }, more: string[] = []) => {
    const ms = wholeMs(options?.ttlMs);
    return client.set(key, asBuffer(bytes), ...(ms === undefined ? [] : ["PX", ms]), ...more);
  };
  return {
    get: async (key: string) => (await client.getBuffer(key)) ?? undefined,
    getMany: (keys: string[]) => (cluster ? Promise.all(keys.map((key) => client.getBuffer(key))) : client.mgetBuffer(keys)),
    set: async (key: string, bytes: Uint8Array, options: { ttlMs?: number }) => {
      await set(key, bytes, options);
    },
    add: async (key: string, bytes: Uint8Array, options: { ttlMs?: number }) => (await set(key, bytes, options, ["NX"])) === "OK",
    delete: async (keys: string[]) => {
      await Promise.all(keys.map((key) => client.del(key)));
    },
    incarnation: cluster ? undefined : async () => runId(await client.info("server")),
  };
}

/** The type of reply that holds bytes, in the protocol's own numbering. */
const BLOB_STRING = 36;

function ofNodeRedis(client: NodeRedis): Store {
  const cluster = client.masters !== undefined;
  const binary = typeof client.withTypeMapping === "function" ? client.withTypeMapping({ [BLOB_STRING]: Buffer }) : undefined;
  const ask = (args: string[]) =>
    cluster ? client.sendCommand(args[1], true, args, { returnBuffers: true }) : client.sendCommand(args, { returnBuffers: true });
  const get = (key: string) => (binary === undefined ? (ask(["GET", key]) as Promise<Uint8Array | null>) : binary.get(key));
  const set = (key: string, bytes: Uint8Array, options?: { ttlMs?: number }, more?: object) => {
    const ms = wholeMs(options?.ttlMs);
    return client.set(key, asBuffer(bytes), { ...(ms === undefined ? {} : { PX: ms }), ...more });
  };
  return {
    get: async (key: string) => (await get(key)) ?? undefined,
    getMany: (keys: string[]) => {
      if (cluster) return Promise.all(keys.map(get));
      return binary === undefined ? (ask(["MGET", ...keys]) as Promise<(Uint8Array | null)[]>) : binary.mGet(keys);
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
