// The synchronous caches, each in the configuration its own documentation calls fast. A library is loaded when the first cache of
// it is made. create({ max, ttl }) takes seconds and resolves to a cache with get(key) and set(key, value).
import { loadOurs, takesPart } from "./ours.mjs";
import { version } from "./versions.mjs";

/** The least that bounds a Map: a ring of its keys, of which the oldest goes. */
class Fifo {
  #map = new Map();
  #at = 0;
  #ring;
  constructor(max) {
    this.#ring = new Array(max).fill(undefined);
  }
  get(key) {
    return this.#map.get(key);
  }
  set(key, value) {
    const before = this.#map.size;
    this.#map.set(key, value);
    if (this.#map.size === before) return;
    const oldest = this.#ring[this.#at];
    if (oldest !== undefined) this.#map.delete(oldest);
    this.#ring[this.#at] = key;
    this.#at = (this.#at + 1) % this.#ring.length;
  }
}

export const syncCaches = [
  { id: "map", name: "Map (no TTL, no bound)", bounded: false, create: async () => new Map() },
  { id: "fifo", name: "Map and a ring of keys (no TTL, first in, first out)", create: async ({ max }) => new Fifo(max) },
  {
    id: "lru-cache",
    name: `lru-cache ${version("lru-cache")} (ttl)`,
    create: async ({ max, ttl }) => new (await import("lru-cache")).LRUCache({ max, ttl: ttl * 1000 }),
  },
  {
    id: "ttlcache",
    name: `@isaacs/ttlcache ${version("@isaacs/ttlcache")}`,
    create: async ({ max, ttl }) => new (await import("@isaacs/ttlcache")).TTLCache({ max, ttl: ttl * 1000 }),
    close: (c) => c.cancelTimer(),
  },
  {
    id: "tiny-lru",
    name: `tiny-lru ${version("tiny-lru")} (ttl)`,
    create: async ({ max, ttl }) => (await import("tiny-lru")).lru(max, ttl * 1000),
  },
  {
    id: "quick-lru",
    name: `quick-lru ${version("quick-lru")} (maxAge)`,
    create: async ({ max, ttl }) => new (await import("quick-lru")).default({ maxSize: max, maxAge: ttl * 1000 }),
  },
  {
    id: "node-cache",
    name: `node-cache ${version("node-cache")} (no clones)`,
    bounded: false,
    create: async ({ ttl }) => new (await import("node-cache")).default({ stdTTL: ttl, useClones: false, checkperiod: 0 }),
  },
  {
    id: "ours",
    name: "endpoint-cache",
    create: async ({ max, ttl }) => new (await loadOurs()).CacheService({ defaultTtl: ttl, maxEntries: max }),
    close: (c) => c.dispose(),
  },
].filter(({ id }) => id !== "ours" || takesPart);
