/**
 * An unstorage storage with any driver. Keys are spelled in letters, digits and `$`, because unstorage itself cuts them at
 * a `?` and takes `/` and `:` for the same.
 */

import { checkPeer } from "../../peers.js";
import { fromText, toText } from "../text.js";

/** @param {any} storage what `createStorage` returns */
export function unstorageStore(storage) {
  checkPeer("stores/unstorage", "what createStorage of unstorage returns", storage, ["getItem", "setItem", "removeItem"]);
  const spelled = (/** @type {string} */ key) =>
    encodeURIComponent(key.toWellFormed()).replace(/[%.!~*'()]/g, (character) => (character === "%" ? "$" : `$${character.charCodeAt(0).toString(16).toUpperCase()}`));
  return {
    get: async (/** @type {string} */ key) => fromText(await storage.getItem(spelled(key))),
    set: async (/** @type {string} */ key, /** @type {Uint8Array} */ bytes, /** @type {{ ttlMs?: number }} */ options = {}) => {
      const { ttlMs } = options;
      const ttl = ttlMs !== undefined && ttlMs < Infinity ? { ttl: Math.ceil(ttlMs / 1e3) } : {};
      await storage.setItem(spelled(key), toText(bytes, ttlMs), ttl);
    },
    delete: async (/** @type {string[]} */ keys) => {
      for (const key of keys) await storage.removeItem(spelled(key));
    },
  };
}
