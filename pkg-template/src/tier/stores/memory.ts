/** A store in this process' memory: for tests, and to see the contract at its smallest. */

import type { Store } from "../../types/tier.js";

/** A store in this process' memory, for tests. */
export function memoryStore(
  options: {
    /** Milliseconds. Default: `Date.now`. */
    now?: (() => number) | undefined;
    /** The oldest goes first. Default: 100,000. */
    maxEntries?: number | undefined;
  } = {},
): Store & { readonly size: number; clear(): void } {
  const { now = () => Date.now(), maxEntries = 100_000 } = options;
  const held: Map<string, { bytes: Uint8Array; until: number }> = new Map();
  const alive = (key: string) => {
    const entry = held.get(key);
    if (entry === undefined || entry.until >= now()) return entry;
    held.delete(key);
    return undefined;
  };
  const put = (key: string, bytes: Uint8Array, ttlMs: number | undefined) => {
    const oldest = held.size >= maxEntries && !held.has(key) ? held.keys().next().value : undefined;
    if (oldest !== undefined) held.delete(oldest);
    held.set(key, { bytes: bytes.slice(), until: now() + (ttlMs ?? Infinity) });
  };
  return {
    async get(key: string) {
      return alive(key)?.bytes.slice();
    },
    async getMany(keys: string[]) {
      return keys.map((key) => alive(key)?.bytes.slice());
    },
    async set(key: string, bytes: Uint8Array, options: { ttlMs?: number } = {}) {
      put(key, bytes, options.ttlMs);
    },
    async add(key: string, bytes: Uint8Array, options: { ttlMs?: number } = {}) {
      if (alive(key) !== undefined) return false;
      put(key, bytes, options.ttlMs);
      return true;
    },
    async delete(keys: string[]) {
      for (const key of keys) held.delete(key);
    },
    /** Entries held, for tests. */
    get size() {
      return held.size;
    },
    clear() {
      held.clear();
    },
  };
}
