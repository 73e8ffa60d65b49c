import type { EventHandler, H3Event, Middleware } from "h3";
import type { CacheService, HttpOptions } from "./http.js";
export type * from "./http.js";

/**
 * Middleware that answers from the cache what comes after it.
 * @throws TypeError "ERR_OPTION" naming the option
 */
export function cached(cache: CacheService, options: HttpOptions<H3Event>): Middleware;
/** One handler with a cache before it. */
export function cached(cache: CacheService, options: HttpOptions<H3Event>, handler: EventHandler): EventHandler;
