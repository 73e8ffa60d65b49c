/** Middlewares, for routers that keep a chain. */

import type { RouteResponse } from "./request.js";
import type { Ttl, UserId } from "./values.js";

/** What travels along a router's chain. Middlewares add `cacheKey` and `cacheTtl`. */
export interface MiddlewareContext {
  endpoint: string;
  /** Default: "GET". */
  method?: string | undefined;
  /** Identity is `user?.userId ?? userId`; a `user` without any id bypasses, it does not become anonymous. */
  user?: { readonly userId?: UserId | null | undefined } | null | undefined;
  userId?: UserId | null | undefined;
  /** Further values an answer may depend on. Where a rule names one that is not here, the request bypasses: an answer that depends on it must not be shared. */
  vary?: Readonly<Record<string, unknown>> | null | undefined;
  requestId?: string | undefined;
  /** Set on a miss: what `cacheResponse` stores the answer under. */
  cacheKey?: string | undefined;
  /** Set on a miss, in seconds; a handler may change it, as with `LoadContext.setTtl`: 0 or less is not stored. */
  cacheTtl?: Ttl | undefined;
}

/** Answers, or leaves the request to the next in the chain. */
export type Middleware = (context: MiddlewareContext, params?: object | null) => RouteResponse | undefined;
