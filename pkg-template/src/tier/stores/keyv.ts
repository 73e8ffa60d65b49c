/** Any Keyv store adapter (`@keyv/redis`, `@keyv/postgres`, `@keyv/sqlite` …), spoken to directly, or a Keyv itself. */

import { checkPeer } from "../../peers.js";
import { fromText, toText } from "../text.js";

export function keyvStore(adapter: any) {
  checkPeer("stores/keyv", "a store adapter of Keyv, or a Keyv", adapter, ["get", "set", "delete"]);
  const unwrap = (got: any) => fromText(typeof got === "object" && got !== null ? got.value : got);
  return {
    get: async (key: string) => unwrap(await adapter.get(key)),
    getMany: async (keys: string[]) => {
      if (typeof adapter.getMany !== "function") return Promise.all(keys.map(async (key) => unwrap(await adapter.get(key))));
      const got = await adapter.getMany(keys);
      return keys.map((_, at) => unwrap(got[at]));
    },
    set: async (key: string, bytes: Uint8Array, options: { ttlMs?: number } = {}) => {
      const { ttlMs } = options;
      await adapter.set(key, toText(bytes, ttlMs), ttlMs !== undefined && ttlMs < Infinity ? Math.ceil(ttlMs) : undefined);
    },
    delete: async (keys: string[]) => {
      for (const key of keys) await adapter.delete(key);
    },
  };
}
