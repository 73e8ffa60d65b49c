import type { CacheService, HttpOptions } from "./http.js";
export type * from "./http.js";

/** A handler in the form of Workers, Deno, Bun, Next and SvelteKit; what comes after the request is passed on unchanged. */
export type FetchHandler<Rest extends unknown[]> = (request: Request, ...rest: Rest) => Response | PromiseLike<Response>;

/**
 * The handler with a cache before it. Work in the background goes to the third argument's `waitUntil`, where there is one.
 * A handler whose answer others may get is given a copy of its request, without the caller's signal and conditions.
 * The cache cannot see what is added to its response afterwards: cookies and `Cache-Control` belong into the handler's own.
 * @throws TypeError "ERR_OPTION" naming the option
 */
export function cached<Rest extends unknown[]>(
  cache: CacheService,
  options: HttpOptions<Request>,
  handler: FetchHandler<Rest>,
): (request: Request, ...rest: Rest) => Promise<Response>;
