/**
 * An unstorage storage with any driver. Keys are spelled in letters, digits and `$`, because unstorage itself cuts them at
 * a `?` and takes `/` and `:` for the same.
 */

import { checkPeer } from "../../peers.js";
import type { Store } from "../../types/tier.js";
import { fromText, toText } from "../text.js";

/** What is used of a storage. */
interface Client {
  getItem(key: string): Promise<unknown>;
  setItem(key: string, text: string, options: { ttl?: number }): Promise<unknown>;
  removeItem(key: string): Promise<unknown>;
}

/** What unstorage's `createStorage` returns, with any driver. */
export function unstorageStore(storage: object): Store {
  const client = storage as Client;
  checkPeer("stores/unstorage", "what createStorage of unstorage returns", storage, ["getItem", "setItem", "removeItem"]);
  const spelled = (key: string) =>
    encodeURIComponent(key.toWellFormed()).replace(/[%.!~*'()]/g, (character) =>
      character === "%" ? "$" : `$${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  return {
    get: async (key: string) => fromText(await client.getItem(spelled(key))),
    set: async (key: string, bytes: Uint8Array, options: { ttlMs?: number } = {}) => {
      const { ttlMs } = options;
      const ttl = ttlMs !== undefined && ttlMs < Infinity ? { ttl: Math.ceil(ttlMs / 1e3) } : {};
      await client.setItem(spelled(key), toText(bytes, ttlMs), ttl);
    },
    delete: async (keys: string[]) => {
      for (const key of keys) await client.removeItem(spelled(key));
    },
  };
}
