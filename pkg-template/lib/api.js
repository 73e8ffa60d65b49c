/** The public API. Every entry of the package initialises the WebAssembly module and re-exports this. */

export { getTtlForEndpoint } from "../wasm/endpoint_cache.js";
export { CacheService } from "./cache-service.js";
export { cacheResponse, createCacheInvalidationMiddleware, createCacheMiddleware } from "./chain.js";
export { routeRequest } from "./route-request.js";
export { CACHE_TTL_CONFIG } from "./ttl-config.js";
