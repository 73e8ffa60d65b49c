/**
 * Redis and Valkey, by a client that is connected already: node-redis (4 and newer), ioredis (4 and newer) or iovalkey, single or cluster.
 *
 * Only GET, MGET (not on a cluster), SET, DEL and INFO are used, each on one key where keys may lie on several nodes.
 */

import { checkRedis, isIoredis } from "../redis-client.js";

/** @param {any} client */
export function redisStore(client) {
  checkRedis("stores/redis", client, ["get", "set", "del"]);
  const commands = isIoredis(client) ? ofIoredis(client) : ofNodeRedis(client);
  return {
    ...commands,
    onReconnect(/** @type {() => void} */ listener) {
      client.on?.("ready", listener);
    },
  };
}

/** Whole milliseconds, or undefined for "no end". @param {number | undefined} ttlMs */
const wholeMs = (ttlMs) => (ttlMs === undefined || !(ttlMs < 2 ** 52) ? undefined : Math.max(1, Math.ceil(ttlMs)));

/** @param {Uint8Array} bytes */
const asBuffer = (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** @param {unknown} info */
const runId = (info) => /run_id:(\w+)/.exec(String(info))?.[1];

/** @param {any} client */
function ofIoredis(client) {
  const cluster = client.isCluster === true;
  /** @param {string} key @param {Uint8Array} bytes @param {{ ttlMs?: number }} [options] @param {string[]} [more] */
  const set = (key, bytes, options, more = []) => {
    const ms = wholeMs(options?.ttlMs);
    return client.set(key, asBuffer(bytes), ...(ms === undefined ? [] : ["PX", ms]), ...more);
  };
  return {
    get: async (/** @type {string} */ key) => (await client.getBuffer(key)) ?? undefined,
    getMany: (/** @type {string[]} */ keys) =>
      cluster ? Promise.all(keys.map((key) => client.getBuffer(key))) : client.mgetBuffer(keys),
    set: async (/** @type {string} */ key, /** @type {Uint8Array} */ bytes, /** @type {{ ttlMs?: number }} */ options) => {
      await set(key, bytes, options);
    },
    add: async (/** @type {string} */ key, /** @type {Uint8Array} */ bytes, /** @type {{ ttlMs?: number }} */ options) =>
      (await set(key, bytes, options, ["NX"])) === "OK",
    delete: async (/** @type {string[]} */ keys) => {
      await Promise.all(keys.map((key) => client.del(key)));
    },
    incarnation: cluster ? undefined : async () => runId(await client.info("server")),
  };
}

/** The type of reply that holds bytes, in the protocol's own numbering. */
const BLOB_STRING = 36;

/** @param {any} client */
function ofNodeRedis(client) {
  const cluster = client.masters !== undefined;
  const typed = typeof client.withTypeMapping === "function";
  const binary = typed ? client.withTypeMapping({ [BLOB_STRING]: Buffer }) : client;
  /** @param {string[]} args */
  const ask = (args) =>
    cluster ? client.sendCommand(args[1], true, args, { returnBuffers: true }) : client.sendCommand(args, { returnBuffers: true });
  const get = (/** @type {string} */ key) => (typed ? binary.get(key) : ask(["GET", key]));
  /** @param {string} key @param {Uint8Array} bytes @param {{ ttlMs?: number }} [options] @param {object} [more] */
  const set = (key, bytes, options, more) => {
    const ms = wholeMs(options?.ttlMs);
    return client.set(key, asBuffer(bytes), { ...(ms === undefined ? {} : { PX: ms }), ...more });
  };
  return {
    get: async (/** @type {string} */ key) => (await get(key)) ?? undefined,
    getMany: (/** @type {string[]} */ keys) => {
      if (cluster) return Promise.all(keys.map(get));
      return typed ? binary.mGet(keys) : ask(["MGET", ...keys]);
    },
    set: async (/** @type {string} */ key, /** @type {Uint8Array} */ bytes, /** @type {{ ttlMs?: number }} */ options) => {
      await set(key, bytes, options);
    },
    add: async (/** @type {string} */ key, /** @type {Uint8Array} */ bytes, /** @type {{ ttlMs?: number }} */ options) =>
      String(await set(key, bytes, options, { NX: true })) === "OK",
    delete: async (/** @type {string[]} */ keys) => {
      await Promise.all(keys.map((key) => client.del(key)));
    },
    incarnation: cluster ? undefined : async () => runId(await client.info("server")),
  };
}
