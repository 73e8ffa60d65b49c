/**
 * endpoint-cache: an API response cache that cannot serve what an invalidation has made stale.
 *
 * Reading order: `CacheService` and `routeRequest`, then `CacheOptions`, `Rule`, `InvalidationPattern`, `ResponseMetadata`.
 * Units: every duration is in seconds unless it carries its unit ("250ms"); sizes are bytes; `at` and clocks are
 * milliseconds. Errors thrown by the package carry a stable `code`, see `ErrorCode`.
 */

export * from "./cache-service.js";
export * from "./errors.js";
export * from "./events.js";
export * from "./loads.js";
export * from "./middleware.js";
export * from "./options.js";
export * from "./patterns.js";
export * from "./request.js";
export * from "./stats.js";
export * from "./user-cache.js";
export * from "./values.js";
