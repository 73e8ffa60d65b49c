/**
 * An unstorage storage with any driver. Keys are spelled in letters, digits and `$`, because unstorage itself cuts them at
 * a `?` and takes `/` and `:` for the same.
 */

import { checkPeer } from "../../peers.js";
import { fromText, toText } from "../text.js";

/** @param storage what `createStorage` returns */
export function unstorageStore(storage: any) {
  checkPeer("stores/unstorage", "what createStorage of unstorage returns", storage, ["getItem", "setItem", "removeItem"]);
  const spelled = (key: string) =>
    encodeURIComponent(key.toWellFormed()).replace(/[%.!~*'()]/g, (character) => (character === "%" ? "$" : `$${character.charCodeAt(0).toString(16).toUpperCase()}`));
  return {
    get: async (key: string) => fromText(await storage.getItem(spelled(key))),
    set: async (key: string, bytes: Uint8Array, options: { ttlMs?: number } = {}) => {
      const { ttlMs } = options;
      const ttl = ttlMs !== undefined && ttlMs < Infinity ? { ttl: Math.ceil(ttlMs / 1e3) } : {};
      await storage.setItem(spelled(key), toText(bytes, ttlMs), ttl);
    },
    delete: async (keys: string[]) => {
      for (const key of keys) await storage.removeItem(spelled(key));
    },
  };
}
