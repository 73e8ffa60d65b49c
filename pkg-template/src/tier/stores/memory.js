/** A store in this process' memory: for tests, and to see the contract at its smallest. */

/** @param {{ now?: () => number, maxEntries?: number }} [options] */
export function memoryStore({ now = () => Date.now(), maxEntries = 100_000 } = {}) {
  /** @type {Map<string, { bytes: Uint8Array, until: number }>} */
  const held = new Map();
  const alive = (/** @type {string} */ key) => {
    const entry = held.get(key);
    if (entry === undefined || entry.until >= now()) return entry;
    held.delete(key);
    return undefined;
  };
  const put = (/** @type {string} */ key, /** @type {Uint8Array} */ bytes, /** @type {number | undefined} */ ttlMs) => {
    const oldest = held.size >= maxEntries && !held.has(key) ? held.keys().next().value : undefined;
    if (oldest !== undefined) held.delete(oldest);
    held.set(key, { bytes: bytes.slice(), until: now() + (ttlMs ?? Infinity) });
  };
  return {
    async get(/** @type {string} */ key) {
      return alive(key)?.bytes.slice();
    },
    async getMany(/** @type {string[]} */ keys) {
      return keys.map((key) => alive(key)?.bytes.slice());
    },
    async set(/** @type {string} */ key, /** @type {Uint8Array} */ bytes, /** @type {{ ttlMs?: number }} */ options = {}) {
      put(key, bytes, options.ttlMs);
    },
    async add(/** @type {string} */ key, /** @type {Uint8Array} */ bytes, /** @type {{ ttlMs?: number }} */ options = {}) {
      if (alive(key) !== undefined) return false;
      put(key, bytes, options.ttlMs);
      return true;
    },
    async delete(/** @type {string[]} */ keys) {
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
