/** One user's part of a cache. */

import type { GetOrSetOptions, LoadContext, SetOptions } from "./loads.js";
import type { PatternObject } from "./patterns.js";
import type { AnyParams, DataOf, Handler, RouteOptions, RouteRequest, RouteResponse } from "./request.js";
import type { Ttl } from "./values.js";

/** One user's part of a cache, by endpoint and params instead of keys. */
export interface UserCache {
  readonly userId: string;
  /** The key of this user's request. */
  generateCacheKey(endpoint: string, params?: object | null): string;
  get<T = unknown>(endpoint: string, params?: object | null): T | undefined;
  peek<T = unknown>(endpoint: string, params?: object | null): T | undefined;
  has(endpoint: string, params?: object | null): boolean;
  set(endpoint: string, params: object | null | undefined, value: unknown, options?: Ttl | SetOptions): boolean;
  delete(endpoint: string, params?: object | null): boolean;
  getOrSet<T>(
    endpoint: string,
    params: object | null | undefined,
    loader: (context: LoadContext) => T | PromiseLike<T>,
    options?: Ttl | GetOrSetOptions,
  ): Promise<T>;
  /** `routeRequest` as this user. */
  routeRequest<T, P = AnyParams>(
    request: Omit<RouteRequest<P>, "userId" | "user">,
    handler: Handler<T, P>,
    options?: RouteOptions,
  ): Promise<RouteResponse<DataOf<T>>>;
  /** Removes this user's entries that match; all of them without a pattern. @throws as `CacheService.invalidate` does */
  invalidate(pattern?: string | RegExp | Omit<PatternObject, "userId">): number;
  /** Marks this user's entries stale that match; all of them without a pattern. */
  expire(pattern?: string | RegExp | Omit<PatternObject, "userId">): number;
}
