// The caches that load by themselves, each used as its documentation says, in its best configuration in one process.
// variants: the documented ways to invalidate one key. resource: the documented way to invalidate all keys of a resource at
// once, by a tag, a group or a scan of the keys, where there is one. Each is create(load, { ttl, max }) with ttl in seconds and
// returns { read(params) -> promise of the value, invalidate(params) -> promise, close?() }.
// Where a peer wants a string key, the caller makes it as its users do: with a stable JSON text of the parameters.
import { createCache as createDedupe } from "async-cache-dedupe";
import { BentoCache, bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import { createCache as createManager } from "cache-manager";
import { Cacheable, createKeyv } from "cacheable";
import { cachified, totalTtl } from "@epic-web/cachified";
import { GroupLoader, Loader } from "layered-loader/core";
import { LRUCache } from "lru-cache";
import { createMemoryStorage, defineCachedFunction } from "ocache";
import { stringify } from "safe-stable-stringify";
import { version } from "./versions.mjs";

const PREFIX = "core.items.";
const keyOf = (params) => `${PREFIX}list:${stringify(params)}`;

function bento(load, { ttl, max }, tagged) {
  const cache = new BentoCache({
    default: "memory",
    ttl: ttl * 1000,
    stores: { memory: bentostore().useL1Layer(memoryDriver({ maxItems: max, serialize: false })) },
  });
  return {
    read: (params) => cache.getOrSet({ key: keyOf(params), factory: () => load(params), ...(tagged ? { tags: [keyOf(params)] } : {}) }),
    invalidate: (params) => (tagged ? cache.deleteByTag({ tags: [keyOf(params)] }) : cache.delete({ key: keyOf(params) })),
    close: () => cache.disconnectAll(),
  };
}

function cacheable(load, { ttl, max }, tagged) {
  const cache = new Cacheable({ primary: createKeyv({ useClone: false, lruSize: max }), ttl: ttl * 1000, tags: tagged });
  return {
    read: (params) => cache.getOrSet(keyOf(params), () => load(params), { ttl: ttl * 1000, ...(tagged ? { tags: ["items"] } : {}) }),
    invalidate: (params) => (tagged ? cache.tags.invalidateTag("items") : cache.delete(keyOf(params))),
    close: () => cache.disconnect(),
  };
}

function dedupe(load, { ttl, max }, how) {
  const cache = createDedupe({ ttl, storage: { type: "memory", options: { size: max, invalidation: how !== "clear" } } });
  cache.define("items", how === "clear" ? {} : { references: () => ["items"] }, (params) => load(params));
  return {
    read: (params) => cache.items(params),
    invalidate: async (params) => {
      if (how !== "clear") await cache.invalidateAll("items");
      if (how !== "invalidateAll") await cache.clear("items", params);
    },
  };
}

function cachifiedOnLru(load, { ttl, max }, invalidate) {
  const lru = new LRUCache({ max });
  const cache = {
    set(key, value) {
      const alive = totalTtl(value?.metadata);
      return lru.set(key, value, { ttl: alive === Infinity ? undefined : alive, start: value?.metadata?.createdTime });
    },
    get: (key) => lru.get(key),
    delete: (key) => lru.delete(key),
  };
  return {
    read: (params) => cachified({ key: keyOf(params), cache, ttl: ttl * 1000, getFreshValue: () => load(params) }),
    invalidate: async (params) => invalidate(lru, params),
  };
}

function lruFetch(load, { ttl, max }, options, invalidate) {
  const cache = new LRUCache({ max, ttl: ttl * 1000, ...options, fetchMethod: (_key, _stale, { context }) => load(context) });
  return {
    read: (params) => cache.fetch(keyOf(params), { context: params }),
    invalidate: async (params) => invalidate(cache, params),
  };
}

function deleteByScan(lru) {
  for (const key of lru.keys()) if (key.startsWith(PREFIX)) lru.delete(key);
}

export const ASYNC_CACHES = [
  {
    id: "bentocache",
    version: version("bentocache"),
    variants: {
      delete: (load, options) => bento(load, options, false),
      deleteByTag: (load, options) => bento(load, options, true),
    },
    resource: (load, options) => bento(load, options, true),
  },
  {
    id: "cacheable",
    version: version("cacheable"),
    variants: {
      delete: (load, options) => cacheable(load, options, false),
      "tags.invalidateTag": (load, options) => cacheable(load, options, true),
    },
    resource: (load, options) => cacheable(load, options, true),
  },
  {
    id: "cache-manager",
    version: version("cache-manager"),
    variants: {
      del: (load, { ttl, max }) => {
        const cache = createManager({ stores: [createKeyv({ ttl: ttl * 1000, lruSize: max, useClone: false })] });
        return {
          read: (params) => cache.wrap(keyOf(params), () => load(params), { ttl: ttl * 1000 }),
          invalidate: (params) => cache.del(keyOf(params)),
          close: () => cache.disconnect(),
        };
      },
    },
  },
  {
    id: "async-cache-dedupe",
    version: version("async-cache-dedupe"),
    variants: {
      invalidateAll: (load, options) => dedupe(load, options, "invalidateAll"),
      clear: (load, options) => dedupe(load, options, "clear"),
      "invalidateAll + clear": (load, options) => dedupe(load, options, "both"),
    },
    resource: (load, options) => dedupe(load, options, "invalidateAll"),
  },
  {
    id: "@epic-web/cachified",
    version: version("@epic-web/cachified"),
    variants: { "cache.delete": (load, options) => cachifiedOnLru(load, options, (lru, params) => lru.delete(keyOf(params))) },
    resource: (load, options) => cachifiedOnLru(load, options, deleteByScan),
  },
  {
    id: "layered-loader",
    version: version("layered-loader"),
    variants: {
      invalidateCacheFor: (load, { ttl, max }) => {
        const loader = new Loader({
          inMemoryCache: { cacheType: "lru-map", ttlInMsecs: ttl * 1000, maxItems: max },
          cacheKeyFromLoadParamsResolver: keyOf,
          dataSourceGetOneFn: (params) => load(params),
          loadErrorHandler: () => {},
        });
        return { read: (params) => loader.get(params), invalidate: (params) => loader.invalidateCacheFor(keyOf(params)) };
      },
    },
    resource: (load, { ttl, max }) => {
      const loader = new GroupLoader({
        inMemoryCache: { cacheType: "lru-map", ttlInMsecs: ttl * 1000, maxItemsPerGroup: max, maxGroups: 100 },
        cacheKeyFromLoadParamsResolver: keyOf,
        dataSourceGetOneFromGroupFn: (params) => load(params),
        loadErrorHandler: () => {},
      });
      return { read: (params) => loader.get(params, "items"), invalidate: () => loader.invalidateCacheForGroup("items") };
    },
  },
  {
    id: "lru-cache",
    label: "lru-cache fetch",
    version: version("lru-cache"),
    variants: {
      delete: (load, options) => lruFetch(load, options, {}, (cache, params) => cache.delete(keyOf(params))),
      "delete, ignoreFetchAbort": (load, options) => lruFetch(load, options, { ignoreFetchAbort: true }, (cache, params) => cache.delete(keyOf(params))),
    },
    resource: (load, options) => lruFetch(load, options, { ignoreFetchAbort: true }, deleteByScan),
  },
  {
    id: "ocache",
    version: version("ocache"),
    variants: {
      invalidate: (load, { ttl, max }) => {
        const cached = defineCachedFunction((params) => load(params), {
          name: "items",
          maxAge: ttl,
          swr: false,
          getKey: keyOf,
          storage: createMemoryStorage({ maxSize: max }),
        });
        return { read: (params) => cached(params), invalidate: (params) => cached.invalidate(params) };
      },
    },
  },
];

/** Ours, by getOrSet + invalidate and by routeRequest, where the mutation is a request like any other. */
export function ourAsyncCaches(ours) {
  if (!ours) return [];
  const { CacheService, routeRequest } = ours;
  return [
    {
      id: "endpoint-cache",
      variants: {
        "getOrSet + invalidate": (load, { ttl, max }) => {
          const cache = new CacheService({ defaultTtl: ttl, maxEntries: max });
          return {
            read: (params) => cache.getOrSet(keyOf(params), () => load(params), { ttl }),
            invalidate: async (params) => cache.invalidate({ prefix: keyOf(params) }),
            close: () => cache.dispose(),
          };
        },
        "routeRequest + mutation": (load, { ttl, max }) => {
          const cache = new CacheService({ defaultTtl: ttl, maxEntries: max });
          return {
            read: async (params) => (await routeRequest(cache, { endpoint: "core.items.list", method: "POST", params }, () => load(params))).data,
            // `change` is where the data changes: inside the handler of the mutation.
            invalidate: (params, change) =>
              routeRequest(cache, { endpoint: "core.items.update", method: "POST", params: { id: params.id } }, async () => {
                await change?.();
                return { updated: true };
              }),
            mutates: true,
            close: () => cache.dispose(),
          };
        },
      },
      resource: (load, { ttl, max }) => {
        const cache = new CacheService({ defaultTtl: ttl, maxEntries: max });
        return {
          read: (params) => cache.getOrSet(keyOf(params), () => load(params), { ttl }),
          invalidate: async () => cache.invalidate({ endpoint: "core.items.*" }),
          close: () => cache.dispose(),
        };
      },
    },
  ];
}
