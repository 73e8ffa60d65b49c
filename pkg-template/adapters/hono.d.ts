import type { MiddlewareHandler, Context } from "hono";
import type { CacheService, HttpOptions } from "./http.js";
export type * from "./http.js";

/**
 * Middleware that answers from the cache what comes after it. Put it after whatever finds out who asks. It cannot see what middlewares around it
 * add to its response: register after it what sets cookies or `Cache-Control`.
 * @throws TypeError "ERR_OPTION" naming the option
 */
export function cached(cache: CacheService, options: HttpOptions<Context>): MiddlewareHandler;
