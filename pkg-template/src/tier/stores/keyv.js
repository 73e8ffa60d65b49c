/** Any Keyv store adapter (`@keyv/redis`, `@keyv/postgres`, `@keyv/sqlite` …), spoken to directly, or a Keyv itself. */

import { checkPeer } from "../../peers.js";
import { fromText, toText } from "../text.js";

/** @param {any} adapter */
export function keyvStore(adapter) {
  checkPeer("stores/keyv", "a store adapter of Keyv, or a Keyv", adapter, ["get", "set", "delete"]);
  const unwrap = (/** @type {any} */ got) => fromText(typeof got === "object" && got !== null ? got.value : got);
  return {
    get: async (/** @type {string} */ key) => unwrap(await adapter.get(key)),
    getMany: async (/** @type {string[]} */ keys) => {
      if (typeof adapter.getMany !== "function") return Promise.all(keys.map(async (key) => unwrap(await adapter.get(key))));
      const got = await adapter.getMany(keys);
      return keys.map((_, at) => unwrap(got[at]));
    },
    set: async (/** @type {string} */ key, /** @type {Uint8Array} */ bytes, /** @type {{ ttlMs?: number }} */ options = {}) => {
      const { ttlMs } = options;
      await adapter.set(key, toText(bytes, ttlMs), ttlMs !== undefined && ttlMs < Infinity ? Math.ceil(ttlMs) : undefined);
    },
    delete: async (/** @type {string[]} */ keys) => {
      for (const key of keys) await adapter.delete(key);
    },
  };
}
