/** A request to an endpoint, its handler, and its response. */

import type { Background, Isolation, SingleFlight, StalenessOptions } from "./options.js";
import type { Ttl, UserId } from "./values.js";

/** What decides the key of a request. */
export interface KeyedRequest {
  readonly endpoint: string;
  readonly method: string;
  readonly userId: string | undefined;
  readonly vary: Readonly<Record<string, unknown>>;
}

/** Params of which nothing is said: whatever is there. */
// biome-ignore lint/complexity/noBannedTypes: that is what this type is.
export type AnyParams = {};

/** A request to an endpoint. The object is not changed and not kept. */
export interface RouteRequest<P = unknown> {
  /** Dot-separated segments, `"storycore.prompt.list"`; the last one says what it does. */
  endpoint: string;
  /** GET and POST reads are cached, others bypass; mutations are mutations by any method. Default: "GET". */
  method?: string | undefined;
  /**
   * What is asked for. What JSON cannot carry, or cannot in 65,536 characters, makes a read bypass; a mutation then touches
   * all that its endpoint may touch, whatever `resourceId` says. The handler of a cached read is given a copy of its own.
   * Default: `{}`.
   */
  params?: P | null | undefined;
  /** Who asks. One that is empty or no id bypasses; null and undefined are anonymous. Default: `user.userId`. */
  userId?: UserId | null | undefined;
  /** The other place for an identity, and the one that is asked first. */
  user?: { readonly userId?: UserId | null | undefined } | null | undefined;
  /** Further values an answer may depend on, such as a language. Those that a rule names are part of the key and seen by the handler. */
  vary?: Readonly<Record<string, unknown>> | null | undefined;
  /** Ends this caller's wait; the load goes on while anybody else waits for it. null is none; what is no signal makes a read bypass. */
  signal?: AbortSignal | null | undefined;
  /** Is given the promise of each load that takes time; see `GetOrSetOptions.waitUntil`. */
  waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  /** The object that stands for the incoming request where `singleFlight` is "request". */
  execution?: object | undefined;
  /** Names this request in `metadata`. Default: a new id for each request. */
  requestId?: string | undefined;
}

/** Options of one request, over those of the rules. With one that cannot be used the request bypasses ("options"), which is warned of once. */
export interface RouteOptions extends StalenessOptions {
  /** How long the answer lives. Default: by rule. */
  ttl?: Ttl | undefined;
  /** Tags of the entry besides those of the rules; with more than 1,024 in all it is not stored ("too-many-tags"). Default: none. */
  tags?: readonly string[] | undefined;
  /** What this caller is given. Default: the cache's. */
  isolation?: Isolation | undefined;
  /** Who may wait for this load. Default: the cache's. */
  singleFlight?: SingleFlight | undefined;
  /** In which asynchronous context a load in the background runs. Default: the cache's. */
  background?: Background | undefined;
  /** What `metadata.apiVersion` says. Default: "v1". */
  apiVersion?: string | undefined;
  /**
   * Is asked before anything is looked up or invalidated. What it throws is thrown unchanged, and the cache was
   * neither read nor touched. Default: none.
   */
  authorize?: ((request: KeyedRequest) => unknown) | undefined;
}

/**
 * What answers a request. It returns plain data, or an envelope, which is the response: an object with a `status` of "success"
 * and `data` of its own, or a `status` of "error" and an `error` of its own. Any other object is data, whatever its `status`
 * says. An object whose own `status` is "error" is never stored; who wants one kept returns it as the `data` of an envelope.
 * What it throws is thrown unchanged.
 */
// biome-ignore lint/suspicious/noExplicitAny: a handler for some params is one for any where nothing is said of them.
export type Handler<T, P = any> = (params: P, context: HandlerContext) => HandlerResult<T> | PromiseLike<HandlerResult<T>>;

/** The three forms of an answer. */
export type HandlerResult<T> = T | { status: "success"; data: T } | { status: "error"; error?: unknown; data?: unknown };

/** The data in what a handler returns. */
export type DataOf<T> = T extends { status: "error" } ? never : T extends { status: "success"; data: infer D } ? D : T;

/**
 * What a handler is given beside params. In a cached read it holds nothing that is not part of the key: `request` and
 * every other property throw a TypeError "ERR_UNKEYED", because the answer is served to other requests as well. What every object
 * has, and what test runners ask of any object, reads as on a plain one.
 */
export interface HandlerContext {
  readonly endpoint: string;
  readonly method: string;
  /** Who asks; undefined where nobody does, or where the entry is shared. */
  readonly userId: string | undefined;
  /** The values that are part of the key; all of `RouteRequest.vary` where the request is not cached. */
  readonly vary: Readonly<Record<string, unknown>>;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Whether the answer may be served to other requests. */
  readonly cached: boolean;
  /** The request itself. Throws where `cached`. */
  readonly request: RouteRequest;
  /** The key; undefined where not `cached`. */
  readonly key?: string | undefined;
  /** When the load began, in milliseconds by the cache's clock. */
  readonly began: number;
  /** The data of the answer that this one is to replace, for this load alone; undefined where there is none. */
  readonly stale: unknown;
  /** Says how long the answer lives, over every option; see `LoadContext.setTtl`. Does nothing where not `cached`, as the next two. */
  setTtl(ttl: Ttl): void;
  /**
   * Adds tags to the entry. An invalidation of one of them since the load began is honoured. With more than 1,024 tags, or 16 KiB
   * of text in them, the entry is not stored ("too-many-tags").
   */
  addTags(...tags: string[]): void;
  /** Keeps this answer from being stored; those who wait get it. */
  noStore(): void;
}

/** What `routeRequest` resolves to. */
export type RouteResponse<T = unknown> = SuccessResponse<T> | ErrorResponse;

export interface SuccessResponse<T = unknown> {
  readonly status: "success";
  readonly data: T;
  readonly metadata: ResponseMetadata;
}

/** The handler's own account of a failure. Never stored. */
export interface ErrorResponse {
  readonly status: "error";
  readonly error?: unknown;
  readonly data?: undefined;
  readonly metadata: ResponseMetadata;
}

/** How a response came about. Each response has its own; it is never shared. */
export interface ResponseMetadata {
  /** Whether the data was in the cache already: true for "hit" and "stale". */
  readonly fromCache: boolean;
  /** "joined": waited for another caller's load. "stale": past its deadline, as an option allows. */
  readonly cache: "hit" | "miss" | "stale" | "joined" | "bypass" | "mutation";
  /** Why the cache was bypassed, or why what was loaded is not stored. */
  readonly reason?: BypassReason | RefusalReason | undefined;
  /** Seconds since the data was stored; 0 where it was not. */
  readonly age: number;
  /** Seconds until it expires, negative when stale, Infinity when never; null where nothing is stored. */
  readonly ttl: number | null;
  /** The key, or null where there is none. */
  readonly key: string | null;
  readonly requestId: string;
  /** When the response was made, as ISO 8601 in UTC: what the cache's clock read. */
  readonly timestamp: string;
  /** Milliseconds from the call to the response, by the cache's clock. */
  readonly durationMs: number;
  readonly apiVersion: string;
  /** How many entries a mutation removed, before and after its handler. */
  readonly invalidated?: number | undefined;
}

/** Why a request ran its handler past the cache. */
export type BypassReason =
  /** Neither GET nor POST. */
  | "method"
  /** No rule calls the endpoint a read, or one keeps it out of the cache. */
  | "not-cacheable"
  /** The endpoint is not a name, or too long. Where it may be that of a mutation all the same, it is taken for one. */
  | "endpoint"
  /** Params hold what JSON cannot carry, too much of it, or what writes itself as JSON and has no copy for the handler. */
  | "params"
  /** `vary` is no plain object of values that JSON can carry, or a chain's context lacks a value that a rule names. */
  | "vary"
  /** An option of the call is unknown or out of its range, or a rule's function for tags failed. */
  | "options"
  /** The user id is empty, or not an id. A handler and `authorize` are told "" of one that has no text. */
  | "user-id"
  /** The rule's scope is "user" and nobody is named. */
  | "no-user"
  /** The key would be too long, or the user id is. */
  | "key-length"
  /** Another request has the same 64-bit key. */
  | "collision"
  | "too-many-loads"
  | "too-many-followers"
  /** Another caller's load may not be waited for here, or a load would wait for itself. */
  | "not-joinable"
  /** Another caller's load took longer than `maxWait`. */
  | "wait-exceeded"
  | "out-of-memory"
  | "disposed"
  /** The cache failed inside; it starts anew, empty. What may have been a mutation then ends by removing everything. */
  | "failure";

/** Why what a load brought was not stored. */
export type RefusalReason =
  /** An invalidation that covers the key came after the load began. */
  | "invalidated"
  /** A mutation that covers the key is under way. */
  | "mutation-active"
  /** A value was set by hand meanwhile. */
  | "superseded"
  | "too-large"
  | "out-of-memory"
  /** An error, undefined, or `noStore()`. */
  | "not-storable"
  /** It cannot be copied; see `CacheOptions.isolation`. */
  | "not-cloneable"
  /** The load took longer than a load may take. */
  | "too-late"
  | "unknown-load"
  /** The answer says that it has no time to live, or one that cannot be read. */
  | "no-lifetime"
  /** It has more than 1,024 tags, or more than 16 KiB of text in them. */
  | "too-many-tags";
