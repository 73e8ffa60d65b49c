/**
 * What the adapters have in common: the options, and what is kept and what never is.
 *
 * Kept: answers with a status of `statuses` (200 and 203) to GET, and to POST where the path names a read, as status,
 * chosen headers and bytes. Never kept: an answer with `Set-Cookie`, `Cache-Control: private | no-store | no-cache`,
 * `Vary: *` or a `Vary` that `vary` does not name, `Content-Range`, a `Content-Encoding` without `vary: ["accept-encoding"]`,
 * an event stream, an empty body, a body over `maxBodyBytes`, and any other status. A request by GET or HEAD that has a
 * body, or that asks for a range, goes past the cache.
 */

import type { CacheService } from "./cache-service.js";
import type { HandlerContext } from "./request.js";
import type { UserId } from "./values.js";

/** What a request asks for. */
export interface HttpTarget {
  /** Dot-separated segments; the last one says what it does, see `Rule`. */
  endpoint: string;
  /** All that the answer depends on besides the endpoint, the user and the `vary` headers. Default: the query and a JSON body. */
  params?: Readonly<Record<string, unknown>> | undefined;
}

/** What `authorize` is told. */
export interface HttpAsked {
  /** Undefined where the path names no endpoint: such a request is not cached, and asked about all the same. */
  readonly endpoint: string | undefined;
  readonly method: string;
  readonly userId: string | undefined;
}

/** Several requests in one: a POST of an array of `{ endpoint, params }`. */
export interface HttpBatch {
  /** The whole path, "/api/batch". */
  path: string;
  /** Answers one item, as a handler of `routeRequest` does. What it throws is told to nobody: the item's answer is an error. */
  // biome-ignore lint/suspicious/noExplicitAny: what params are is known to the handler alone, which says what it expects.
  handler: (params: any, context: HandlerContext) => unknown;
  /** Items of one batch at most; a longer one is answered with 413. Default: 100. */
  maxItems?: number | undefined;
}

/** Options of an adapter; `Subject` is what its framework calls a request. */
export interface HttpOptions<Subject> {
  /**
   * Who asks. `"anonymous"` says that everybody may be answered alike; then a request with `Authorization` or `Cookie`
   * bypasses. A function gives the id of the user, whose answers nobody else gets; `null` where nobody asks; undefined
   * where it cannot tell, and then a request with credentials bypasses. One that throws bypasses.
   * Where nobody asks, the handler sees neither `Cookie` nor `Authorization` nor parsed cookies; one that looks at a session or
   * a user of another middleware answers its asker alone (`unkeyed`).
   * Anything else that tells users apart (an address, an API key in another header) belongs into the id, or into `vary`.
   */
  identity: "anonymous" | ((subject: Subject) => UserId | null | undefined | PromiseLike<UserId | null | undefined>);
  /**
   * From a request to its endpoint. `"rest"`: `GET /prompts` is `prompts.list`, `GET /prompts/42` is `prompts.get` with
   * `{ id: "42" }`, `POST` creates, `PUT` and `PATCH` update, `DELETE` deletes; `/projects/7/prompts` is
   * `projects.prompts.list` with `{ projectsId: "7" }`. `"rpc"`: the path after the prefix is the endpoint.
   * A function decides by itself; where it gives none the request bypasses. Default: "rest".
   */
  paths?:
    | "rest"
    | "rpc"
    | ((subject: Subject) => HttpTarget | string | null | undefined | PromiseLike<HttpTarget | string | null | undefined>)
    | undefined;
  /** What stands before the endpoint's part of a path. Default: "/" for REST, "/api/" for RPC; where the framework mounts the middleware, that. */
  prefix?: `/${string}` | undefined;
  /** Whether the router tells paths apart by case; where it does not, only lower-case names are cached. Default: as the framework says, else true. */
  caseSensitive?: boolean | undefined;
  /**
   * Is asked about every request before the cache is read or touched. `false` answers 403, and what it throws is the
   * framework's to answer.
   */
  authorize?: ((subject: Subject, asked: HttpAsked) => unknown) | undefined;
  /** Request headers that answers depend on: their values are part of the key. Default: none. */
  vary?: readonly string[] | undefined;
  /** Response headers to keep besides the usual ones (Content-*, Cache-Control, ETag, Expires, Last-Modified, Link, Vary). Default: none. */
  headers?: readonly string[] | undefined;
  /** Statuses whose answers are kept. Range: 200 to 499 without 206, 304, 401, 407, 416. Default: 200 and 203. */
  statuses?: readonly number[] | undefined;
  /** Bytes of a body that is kept at most; a longer one is passed on as it comes. Default: 1,048,576. */
  maxBodyBytes?: number | undefined;
  /** The kind of `ETag` made of the bytes where the handler gives none. Default: "weak". */
  etag?: "weak" | "strong" | false | undefined;
  /**
   * Whether scheme and host are part of the key, as the framework understands them and as a proxy forwards them. Turn it off
   * only where every host gets the same answers. Default: true.
   */
  host?: boolean | undefined;
  /** The name under which `Cache-Status` tells what happened (RFC 9211), or false for none. Default: "endpoint-cache". */
  cacheStatus?: string | false | undefined;
  /** Whether `X-Cache` says HIT, MISS, STALE, JOINED or BYPASS. Default: false. */
  xCache?: boolean | undefined;
  /** Answers batches, each item cached by itself. Default: none. */
  batch?: HttpBatch | undefined;
}

export type { CacheService };
