import type { EventHandler, H3Event, Middleware } from "h3" with { "resolution-mode": "import" };
import type { CacheService, HttpOptions } from "./http.js";
export type * from "./http.js";

/**
 * Middleware that answers from the cache what comes after it. It cannot see what middlewares around it
 * add to its response: register after it what sets cookies or `Cache-Control`.
 * @throws TypeError "ERR_OPTION" naming the option
 */
export function cached(cache: CacheService, options: HttpOptions<H3Event>): Middleware;
/** One handler with a cache before it. */
export function cached(cache: CacheService, options: HttpOptions<H3Event>, handler: EventHandler): EventHandler;
