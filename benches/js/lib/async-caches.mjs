// The caches that load by themselves, each used as its documentation says, in its best configuration in one process. A library is
// loaded by its ways(), which resolve to { variants, resource? }. variants: the documented ways to invalidate one key (`bench` names
// the one that is timed, the first if none). resource: the documented way to invalidate all keys of a resource at once, by a tag, a
// group or a scan of the keys, where there is one. Each is create(load, { ttl, max }) with ttl in seconds and returns
// { read(params) -> promise of the value, invalidate(params) -> promise, close?() }.
// Where a peer wants a string key, the caller makes it as its users do: with a stable JSON text of the parameters.
import { stringify } from "safe-stable-stringify";
import { loadOurs, oursVersion, takesPart } from "./ours.mjs";
import { version } from "./versions.mjs";

const PREFIX = "core.items.";
const keyOf = (params) => `${PREFIX}list:${stringify(params)}`;

function deleteByScan(lru) {
  for (const key of lru.keys()) if (key.startsWith(PREFIX)) lru.delete(key);
}

/** Ours, by getOrSet + invalidate and by routeRequest, where the mutation is a request like any other. */
async function ours() {
  const { CacheService, routeRequest } = await loadOurs();
  const make = ({ ttl, max }) => new CacheService({ defaultTtl: ttl, maxEntries: max });
  const byKey = (invalidate) => (load, options) => {
    const cache = make(options);
    return {
      read: (params) => cache.getOrSet(keyOf(params), () => load(params), { ttl: options.ttl }),
      invalidate: async (params) => invalidate(cache, params),
      close: () => cache.dispose(),
    };
  };
  return {
    variants: {
      "getOrSet + invalidate": byKey((cache, params) => cache.invalidate({ prefix: keyOf(params) })),
      "routeRequest + mutation": (load, options) => {
        const cache = make(options);
        return {
          read: async (params) =>
            (await routeRequest(cache, { endpoint: "core.items.list", method: "POST", params }, () => load(params))).data,
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
    resource: byKey((cache) => cache.invalidate({ endpoint: "core.items.*" })),
  };
}

async function bentocache() {
  const { BentoCache, bentostore } = await import("bentocache");
  const { memoryDriver } = await import("bentocache/drivers/memory");
  const make =
    (tagged) =>
    (load, { ttl, max }) => {
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
    };
  return { variants: { delete: make(false), deleteByTag: make(true) }, resource: make(true) };
}

async function cacheable() {
  const { Cacheable, createKeyv } = await import("cacheable");
  const make =
    (tagged) =>
    (load, { ttl, max }) => {
      const cache = new Cacheable({ primary: createKeyv({ useClone: false, lruSize: max }), ttl: ttl * 1000, tags: tagged });
      return {
        read: (params) => cache.getOrSet(keyOf(params), () => load(params), { ttl: ttl * 1000, ...(tagged ? { tags: ["items"] } : {}) }),
        invalidate: (params) => (tagged ? cache.tags.invalidateTag("items") : cache.delete(keyOf(params))),
        close: () => cache.disconnect(),
      };
    };
  return { variants: { delete: make(false), "tags.invalidateTag": make(true) }, resource: make(true) };
}

async function cacheManager() {
  const { createCache } = await import("cache-manager");
  const { createKeyv } = await import("cacheable");
  const del = (load, { ttl, max }) => {
    const cache = createCache({ stores: [createKeyv({ ttl: ttl * 1000, lruSize: max, useClone: false })] });
    return {
      read: (params) => cache.wrap(keyOf(params), () => load(params), { ttl: ttl * 1000 }),
      invalidate: (params) => cache.del(keyOf(params)),
      close: () => cache.disconnect(),
    };
  };
  return { variants: { del } };
}

async function dedupe() {
  const { createCache } = await import("async-cache-dedupe");
  const make =
    (how) =>
    (load, { ttl, max }) => {
      const cache = createCache({ ttl, storage: { type: "memory", options: { size: max, invalidation: how !== "clear" } } });
      cache.define("items", how === "clear" ? {} : { references: () => ["items"] }, (params) => load(params));
      return {
        read: (params) => cache.items(params),
        invalidate: async (params) => {
          if (how !== "clear") await cache.invalidateAll("items");
          if (how !== "invalidateAll") await cache.clear("items", params);
        },
      };
    };
  return {
    variants: { invalidateAll: make("invalidateAll"), clear: make("clear"), "invalidateAll + clear": make("both") },
    resource: make("invalidateAll"),
  };
}

async function cachifiedOnLru() {
  const { cachified, totalTtl } = await import("@epic-web/cachified");
  const { LRUCache } = await import("lru-cache");
  const make =
    (invalidate) =>
    (load, { ttl, max }) => {
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
    };
  return { variants: { "cache.delete": make((lru, params) => lru.delete(keyOf(params))) }, resource: make(deleteByScan) };
}

async function layeredLoader() {
  const { GroupLoader, Loader } = await import("layered-loader/core");
  const common = { cacheKeyFromLoadParamsResolver: keyOf, loadErrorHandler: () => {} };
  return {
    variants: {
      invalidateCacheFor: (load, { ttl, max }) => {
        const inMemoryCache = { cacheType: "lru-map", ttlInMsecs: ttl * 1000, maxItems: max };
        const loader = new Loader({ ...common, inMemoryCache, dataSourceGetOneFn: (params) => load(params) });
        return { read: (params) => loader.get(params), invalidate: (params) => loader.invalidateCacheFor(keyOf(params)) };
      },
    },
    resource: (load, { ttl, max }) => {
      const inMemoryCache = { cacheType: "lru-map", ttlInMsecs: ttl * 1000, maxItemsPerGroup: max, maxGroups: 100 };
      const loader = new GroupLoader({ ...common, inMemoryCache, dataSourceGetOneFromGroupFn: (params) => load(params) });
      return { read: (params) => loader.get(params, "items"), invalidate: () => loader.invalidateCacheForGroup("items") };
    },
  };
}

async function lruFetch() {
  const { LRUCache } = await import("lru-cache");
  const make =
    (more, invalidate) =>
    (load, { ttl, max }) => {
      const cache = new LRUCache({ max, ttl: ttl * 1000, ...more, fetchMethod: (_key, _stale, { context }) => load(context) });
      return { read: (params) => cache.fetch(keyOf(params), { context: params }), invalidate: async (params) => invalidate(cache, params) };
    };
  const one = (cache, params) => cache.delete(keyOf(params));
  return {
    variants: { delete: make({}, one), "delete, ignoreFetchAbort": make({ ignoreFetchAbort: true }, one) },
    resource: make({ ignoreFetchAbort: true }, deleteByScan),
  };
}

async function ocache() {
  const { createMemoryStorage, defineCachedFunction } = await import("ocache");
  const invalidate = (load, { ttl, max }) => {
    const storage = createMemoryStorage({ maxSize: max });
    const cached = defineCachedFunction((params) => load(params), { name: "items", maxAge: ttl, swr: false, getKey: keyOf, storage });
    return { read: (params) => cached(params), invalidate: (params) => cached.invalidate(params) };
  };
  return { variants: { invalidate } };
}

const peer = (id, ways, { label = id, bench } = {}) => ({ id, name: `${label} ${version(id)}`, ways, bench });

export const asyncCaches = [
  ...(takesPart ? [{ id: "endpoint-cache", name: `endpoint-cache ${oursVersion()}`, ways: ours }] : []),
  peer("bentocache", bentocache),
  peer("cacheable", cacheable),
  peer("cache-manager", cacheManager),
  peer("async-cache-dedupe", dedupe, { bench: "clear" }),
  peer("@epic-web/cachified", cachifiedOnLru),
  peer("layered-loader", layeredLoader),
  peer("lru-cache", lruFetch, { label: "lru-cache fetch" }),
  peer("ocache", ocache),
];
