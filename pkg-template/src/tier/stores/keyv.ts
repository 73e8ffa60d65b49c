/** Any Keyv store adapter (`@keyv/redis`, `@keyv/postgres`, `@keyv/sqlite` …), spoken to directly, or a Keyv itself. */

import { checkPeer } from "../../peers.js";
import type { Store } from "../../types/tier.js";
import { fromText, toText } from "../text.js";

/** What is used of an adapter. */
interface Client {
  get(key: string): unknown;
  getMany?(keys: string[]): Promise<unknown[]>;
  set(key: string, text: string, ttlMs: number | undefined): unknown;
  delete(key: string): unknown;
}

/** A Keyv store adapter, or a Keyv. An adapter that ignores TTLs keeps entries until it is cleaned up; they are not served. */
export function keyvStore(adapter: object): Store {
  const client = adapter as Client;
  checkPeer("stores/keyv", "a store adapter of Keyv, or a Keyv", adapter, ["get", "set", "delete"]);
  const unwrap = (got: unknown) => fromText(typeof got === "object" && got !== null && "value" in got ? got.value : got);
  return {
    get: async (key: string) => unwrap(await client.get(key)),
    getMany: async (keys: string[]) => {
      if (typeof client.getMany !== "function") return Promise.all(keys.map(async (key) => unwrap(await client.get(key))));
      const got = await client.getMany(keys);
      return keys.map((_, at) => unwrap(got[at]));
    },
    set: async (key: string, bytes: Uint8Array, options: { ttlMs?: number } = {}) => {
      const { ttlMs } = options;
      await client.set(key, toText(bytes, ttlMs), ttlMs !== undefined && ttlMs < Infinity ? Math.ceil(ttlMs) : undefined);
    },
    delete: async (keys: string[]) => {
      for (const key of keys) await client.delete(key);
    },
  };
}
