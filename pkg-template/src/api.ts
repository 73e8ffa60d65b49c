/** The public API. Every entry of the package initialises the WebAssembly module and re-exports this. */

export { CacheService } from "./cache.js";
export { cacheResponse, createCacheInvalidationMiddleware, createCacheMiddleware } from "./chain.js";
export { routeRequest } from "./route-request.js";
export { CACHE_TTL_CONFIG, getTtlForEndpoint } from "./ttl-config.js";
export * from "./types/index.js";
