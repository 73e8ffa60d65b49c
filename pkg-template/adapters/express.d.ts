import type { IncomingMessage, ServerResponse } from "node:http";
import type { CacheService, HttpOptions } from "./http.js";
export type * from "./http.js";

/**
 * Middleware that answers from the cache what comes after it. Put it after whatever finds out who asks, and after
 * `express.json()` where reads or mutations carry a body. Reads over HTTP/2 go past it. An answer is judged by the head it is
 * sent with, whoever added to it.
 * @typeParam Req `Request` of Express, for the functions among the options
 * @throws TypeError "ERR_OPTION" naming the option
 */
export function cached<Req extends IncomingMessage = any>(
  cache: CacheService,
  options: HttpOptions<Req>,
): (req: Req, res: ServerResponse, next: (error?: any) => void) => void;
