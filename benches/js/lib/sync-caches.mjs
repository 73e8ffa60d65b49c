// The synchronous caches, each in the configuration its own documentation calls fast.
// create({ max, ttl }) takes seconds and returns the cache; get(c) and set(c) are texts of one call,
// so that every contender's loop is compiled by itself.
import NodeCache from "node-cache";
import QuickLRU from "quick-lru";
import { LRUCache } from "lru-cache";
import { TTLCache } from "@isaacs/ttlcache";
import { lru } from "tiny-lru";
import { version } from "./versions.mjs";

export function syncCaches(ours) {
  const list = [
    { id: "map", name: "Map (no TTL, no bound)", create: () => new Map(), get: "c.get(k)", set: "c.set(k, v)", bounded: false },
    {
      id: "lru-cache",
      name: `lru-cache ${version("lru-cache")} (ttl)`,
      create: ({ max, ttl }) => new LRUCache({ max, ttl: ttl * 1000 }),
      get: "c.get(k)",
      set: "c.set(k, v)",
    },
    {
      id: "ttlcache",
      name: `@isaacs/ttlcache ${version("@isaacs/ttlcache")}`,
      create: ({ max, ttl }) => new TTLCache({ max, ttl: ttl * 1000 }),
      get: "c.get(k)",
      set: "c.set(k, v)",
      close: (c) => c.cancelTimer(),
    },
    {
      id: "tiny-lru",
      name: `tiny-lru ${version("tiny-lru")} (ttl)`,
      create: ({ max, ttl }) => lru(max, ttl * 1000),
      get: "c.get(k)",
      set: "c.set(k, v)",
    },
    {
      id: "quick-lru",
      name: `quick-lru ${version("quick-lru")} (maxAge)`,
      create: ({ max, ttl }) => new QuickLRU({ maxSize: max, maxAge: ttl * 1000 }),
      get: "c.get(k)",
      set: "c.set(k, v)",
    },
    {
      id: "node-cache",
      name: `node-cache ${version("node-cache")} (no clones)`,
      create: ({ ttl }) => new NodeCache({ stdTTL: ttl, useClones: false, checkperiod: 0 }),
      get: "c.get(k)",
      set: "c.set(k, v)",
      bounded: false,
    },
  ];
  if (ours) {
    list.push({
      id: "ours",
      name: "endpoint-cache",
      create: ({ max, ttl }) => new ours.CacheService({ defaultTtl: ttl, maxEntries: max }),
      get: "c.get(k)",
      set: "c.set(k, v)",
      close: (c) => c.dispose(),
    });
  }
  return list;
}
