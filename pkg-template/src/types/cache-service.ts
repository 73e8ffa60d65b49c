/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The cache as its users see it. `cache.ts` has the class, and the compiler holds it against this.
 *
 * It is an interface because a class with `#private` members is a type that only its own declaration has: then a cache of the
 * CommonJS build, or of another copy of the package, would not be one here, and to every function of the package it is.
 */

import type { GetOrSetOptions, LoadContext, SetOptions } from "./loads.js";
import type { CacheOptions } from "./options.js";
import type { InvalidationPattern, MutationScope } from "./patterns.js";
import type { AnyParams, DataOf, Handler, RouteOptions, RouteRequest, RouteResponse } from "./request.js";
import type { CacheStats, EndpointStats, Explanation } from "./stats.js";
import type { UserCache } from "./user-cache.js";
import type { Ttl, UserId } from "./values.js";

/** Endpoints by name, with what they are asked and what they answer. */
export type Endpoints = Readonly<Record<string, { readonly params?: unknown; readonly data?: unknown }>>;

/**
 * A cache of values by key, with a TTL for each.
 * @typeParam E the endpoints that its requests name; what they are asked and answer is not compared yet. Default: any
 */
export interface CacheService<E extends Endpoints = Endpoints> {
  /** Entries held. Expired ones count until a `get` meets them or `cleanupExpired` runs. */
  readonly size: number;

  /** The value, or undefined if there is none or it has expired; an expired one is removed. Counts as a hit or a miss. */
  get<T = unknown>(key: string): T | undefined;

  /**
   * Stores a reference to a value; `null`, `false`, `0` and `""` are values.
   * @returns whether it was stored: false when it is larger than `maxEntryBytes`, has too many tags, or no memory is left
   * @throws TypeError "ERR_VALUE" for undefined, "ERR_KEY", "ERR_KEY_LENGTH"; "ERR_TTL". Nothing is stored then.
   */
  set(key: string, value: unknown, options?: Ttl | SetOptions): boolean;

  /** Whether `get` would give a value. Counts nothing and removes nothing. */
  has(key: string): boolean;

  /** What `get` would give, without counting, removing or keeping the entry from eviction. */
  peek<T = unknown>(key: string): T | undefined;

  /** Removes one entry. @returns whether it was there, expired or not */
  delete(key: string): boolean;

  /**
   * The value, or else what `loader` returns, stored. Callers that come while a load is under way wait for it.
   * A value loaded before an invalidation that covers the key is given to those who wait and not stored.
   * What the loader throws is given to all who wait, and not stored. A loader that asks for its own key runs past the cache
   * there, at once; where the host has no AsyncLocalStorage and it asks after an await, only once `maxWait` is over.
   */
  getOrSet<T>(key: string, loader: (context: LoadContext) => T | PromiseLike<T>, options?: Ttl | GetOrSetOptions): Promise<T>;

  /** One value or undefined for each key, in their order. Each counts as a `get`. @throws TypeError "ERR_OPTION", "ERR_KEY" */
  getMany<T = unknown>(keys: Iterable<string>): (T | undefined)[];

  /**
   * Stores several values: pairs, a Map, or a plain object of values by key. All are checked first: one that would throw leaves
   * the cache as it was.
   * @param options for entries without options of their own
   * @returns how many were stored
   * @throws TypeError "ERR_OPTION" for what holds no entries, and as `set` does
   */
  setMany(
    entries: Iterable<readonly [key: string, value: unknown, options?: Ttl | SetOptions]> | Readonly<Record<string, unknown>>,
    options?: Ttl | SetOptions,
  ): number;

  /**
   * Runs a change that is made outside of `routeRequest`. The entries that it touches are invalidated before it runs and again when
   * it has settled, whether it succeeded or failed; what was loaded meanwhile is answered to those who asked and kept for nobody
   * else. Changes may nest. One that never settles holds back loads for `mutationTimeout`.
   *
   * @param scope what it touches: one scope or several
   * @param run makes the change
   * @returns what `run` returns; its error is thrown unchanged
   * @throws TypeError with `code` "ERR_SCOPE", before anything was done, where that is no scope
   * @example
   * await cache.mutation({ endpoint: "storycore.prompt.*" }, () => database.update(prompt));
   */
  mutation<T>(scope: MutationScope | readonly MutationScope[], run: () => T | Promise<T>): Promise<T>;

  /**
   * Removes the entries that match, and keeps loads under way from storing what they bring. Costs by what it removes
   * when the pattern names an endpoint, a user or a tag; by what the cache holds when it names keys, at most 20 µs for each.
   * @returns how many entries went, expired ones included
   * @throws SyntaxError "ERR_PATTERN_SYNTAX", TypeError "ERR_PATTERN" or "ERR_PATTERN_EMPTY", RangeError
   *   "ERR_PATTERN_TOO_LARGE" or "ERR_PATTERN_BUDGET"; nothing is removed then
   */
  invalidate(pattern: InvalidationPattern): number;

  /** As `invalidate`, but entries become stale instead of going: `staleWhileRevalidate` and `staleIfError` may serve them. */
  expire(pattern: InvalidationPattern): number;

  /** The keys that `invalidate` would remove now. Counts nothing and removes nothing. @throws as `invalidate` does */
  preview(pattern: InvalidationPattern): string[];

  /** Removes everything. Counters stay. */
  clear(): void;

  /** Removes what has expired. @returns how many entries went */
  cleanupExpired(): number;

  /** Counters and sizes now. */
  getStats(): CacheStats;
  getStats(options: { endpoints: true }): CacheStats & { endpoints: Record<string, EndpointStats> };

  /** The function `routeRequest` for this cache. */
  routeRequest<T, P = AnyParams>(
    request: RouteRequest<P> & { endpoint: keyof E & string },
    handler: Handler<T, P>,
    options?: RouteOptions,
  ): Promise<RouteResponse<DataOf<T>>>;

  /**
   * The statistics in Prometheus' text format, by endpoint as well where `endpointStats` is on.
   * @param prefix of every name: letters, digits, `_` and `:`, not a digit first. Default: "endpoint_cache"
   * @throws TypeError "ERR_OPTION" for a prefix that no metric may have
   */
  toPrometheus(prefix?: string): string;

  /** The keys of entries that are alive. */
  keys(): IterableIterator<string>;

  /** The keys and values of entries that are alive. */
  entries<T = unknown>(): IterableIterator<[key: string, value: T]>;

  /** As `entries`: `for (const [key, value] of cache)`. */
  [Symbol.iterator]<T = unknown>(): IterableIterator<[key: string, value: T]>;

  /**
   * Why there is a value under this key, or why there is none. Counts nothing and removes nothing.
   * An endpoint may stand for a key: then `notCached` says why its requests were not cached.
   */
  explain(key: string): Explanation;

  /** A handle that sees and touches this user's entries only. @throws TypeError "ERR_USER_ID" */
  forUser(userId: UserId): UserCache;

  /**
   * Lets go of everything. Afterwards every method throws Error "ERR_DISPOSED", but for `dispose` itself;
   * `routeRequest` runs the handler.
   */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** What makes a cache, and knows of keys without one. */
export interface CacheServiceConstructor {
  /**
   * Makes a cache. May be called at module scope in every runtime: it reads no time and draws no randomness.
   * @param options a number is the default TTL in seconds
   * @throws TypeError | RangeError "ERR_OPTION" or "ERR_TTL", naming the option
   */
  new <E extends Endpoints = Endpoints>(options?: number | CacheOptions): CacheService<E>;

  readonly prototype: CacheService;

  /**
   * The key of a request: `endpoint:HASH` or `endpoint:user:USER:HASH`, the same that Python makes of the same params.
   * @param params JSON values; undefined and null are `{}`
   * @throws TypeError "ERR_PARAMS" naming the path, "ERR_ENDPOINT", "ERR_USER_ID", "ERR_KEY_LENGTH"
   */
  generateCacheKey(endpoint: string, params?: object | null, userId?: UserId | null): string;

  /**
   * A regular expression for `invalidate`: every key under the resource of `endpoint`, or under `resourceType`.
   * @param resourceId is checked and does not narrow the pattern: a key has a hash of its params and does not spell an id, and to
   *   remove too much is safe. To remove one id, name it in a rule (`resourceId`), or in a tag and `invalidate({ tag })`.
   */
  getInvalidationPattern(endpoint: string, resourceType?: string | null, resourceId?: UserId | null): string;
}
