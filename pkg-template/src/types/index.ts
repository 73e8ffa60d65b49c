/**
 * endpoint-cache: an API response cache that cannot serve what an invalidation has made stale.
 *
 * Reading order: `CacheService` and `routeRequest`, then `CacheOptions`, `Rule`, `InvalidationPattern`, `ResponseMetadata`.
 * Units: every duration is in seconds unless it carries its unit ("250ms"); sizes are bytes; `at` and clocks are
 * milliseconds. Errors thrown by the package carry a stable `code`, see `ErrorCode`.
 */

export type * from "./cache-service.js";
export type * from "./errors.js";
export type * from "./events.js";
export type * from "./loads.js";
export type * from "./middleware.js";
export type * from "./options.js";
export type * from "./patterns.js";
export type * from "./request.js";
export type * from "./stats.js";
export type * from "./user-cache.js";
export type * from "./values.js";
