/** Options of a cache, and of its rules. */

import type { CacheEvent } from "./events.js";
import type { KeyedRequest } from "./request.js";
import type { Clock, Duration, EndpointPattern, Logger, Ttl } from "./values.js";

/** How far an answer may be stale, and how long anybody waits. Call over rule over service; all but `retryBackoff` are off by default. */
export interface StalenessOptions {
  /** How long past its deadline an entry is still served while one load replaces it. Range: 0 or more. Default: 0 (off). */
  staleWhileRevalidate?: Duration | undefined;
  /** How long past its deadline an entry stands in when the load fails. Range: 0 or more. Default: 0 (off). */
  staleIfError?: Duration | undefined;
  /**
   * How long a caller waits for a load when a stale entry could be served instead; the load goes on.
   * Needs `staleWhileRevalidate` or `staleIfError` to have one. Range: 0 or more. Default: none.
   */
  softTimeout?: Duration | undefined;
  /**
   * How long a caller waits for a load at all; then it fails with "ERR_TIMEOUT", or a stale entry stands in. When nobody waits any
   * more the load is told to stop; what it brings all the same is stored if nothing was invalidated since it began. Range: above 0.
   * Default: none.
   */
  hardTimeout?: Duration | undefined;
  /** The share of the TTL by which it is shortened at random, so that entries do not expire together. Range: 0 to 1. Default: 0. */
  jitter?: number | undefined;
  /** The share of the TTL after which a hit starts a load in the background. Range: above 0, up to 1. Default: 1 (never). */
  eagerRefresh?: number | undefined;
  /** The TTL of an answer that is `null`. Range: as `ttl`, 0 means that it never expires. Default: as any other answer. */
  negativeTtl?: Ttl | undefined;
  /**
   * How long after a load that brought nothing a stale entry is served before the next load is tried. Range: 0 or more.
   * Default: after the first the next is tried at once, from the second on after 1 s: a dead origin gets one load a second for
   * each key, and an answer is new within a second of its return.
   */
  retryBackoff?: Duration | undefined;
}

/**
 * How callers of `getOrSet` and `routeRequest` are kept apart: what one does to an answer never reaches another caller, the
 * first included, or the handler's own objects.
 *
 * - `"snapshot"`: a copy that is what the handler returned, or there is none. Primitives, plain objects, arrays and built-ins
 *   with nothing of their own (Date, RegExp, Map, Set, typed arrays, ArrayBuffer, DataView, Buffer, Error) are copied with all
 *   they have. Anything else (a class instance, whatever has a `toJSON`, a function, a promise) is passed on and not stored,
 *   with the reason "not-cloneable" and one warning. Frozen and shared by all callers; where something stays mutable when
 *   frozen, that and the objects on the way to it are each caller's own.
 * - `"json"`: what `JSON.stringify` would send, so `toJSON` decides what an answer shows. Frozen and shared.
 * - `"copy"`: as "snapshot", but each caller's own and not frozen, for libraries that write into what they are given.
 * - `"reference"`: the very object, and the responsibility.
 */
export type Isolation = "snapshot" | "json" | "copy" | "reference";

/**
 * Who may wait for whose load. `"process"`: everybody in this process. `"request"`: only calls with the same
 * `execution` object. `"off"`: nobody. `"auto"`: `"process"`. In workerd, where a load
 * may end unnoticed with the request that ran it, callers then wait a second for another request's load before one of them loads
 * anew; and `"auto"` is `"request"` there where `isolation` is `"reference"`, as only plain data may cross from request to request.
 */
export type SingleFlight = "auto" | "process" | "request" | "off";

/**
 * In which asynchronous context (`AsyncLocalStorage`) loads run that go on behind a stale answer. `"inherit"`: in that of the
 * request that began them, which may have ended, and a transaction or a connection in it with it. `"detached"`: in that in which
 * the cache was made; where the host has no such contexts it is `"inherit"`. A function is given `run` and calls it where it
 * likes, at once or later; what `run` returns is the handler's promise.
 */
export type Background = "inherit" | "detached" | ((run: () => unknown) => unknown);

/** Options of a cache. The object is read once and never changed. */
export interface CacheOptions extends StalenessOptions {
  /** How long an entry lives that `set` or `getOrSet` gives no TTL. Default: 300. */
  defaultTtl?: Ttl | undefined;
  /**
   * Entries held at most; the least useful goes first (S3-FIFO). Range: an integer from 1, or `Infinity`, which is 15,727,616:
   * with loads under way, as many keys as a JavaScript `Map` holds. Default: 10,000.
   */
  maxEntries?: number | undefined;
  /** Bytes of keys, values and tags held at most, as `sizeOf` estimates values; a tag counts its text and 128 bytes. Range: from 1, or `Infinity`. Default: 64 MiB (67,108,864). */
  maxBytes?: number | undefined;
  /** Bytes of one entry at most; a larger one is not stored. Range: from 1 to `maxBytes`. Default: an eighth of `maxBytes`. */
  maxEntryBytes?: number | undefined;
  /**
   * The bytes a value holds on to, beside its key. Range: 0 or more; `Infinity` is too large. What is no such number, or is
   * thrown, is replaced by the default and warned of once.
   * Default: an estimate of what V8 keeps for the value and its entry, by a walk over at most 10,000 values: between 0.7 and 1.5
   * of the heap for what JSON can hold, and rather too high. Strings that were cut from longer ones are parted from those.
   */
  sizeOf?: ((value: unknown) => number) | undefined;
  /**
   * Where time comes from. Read once when the cache is made. Default: `Date` as it is at each reading, so that fake timers
   * are followed, and none is read before the first operation; up to 16 lookups of one turn without a write share a reading.
   * @throws TypeError "ERR_OPTION" where it throws or gives no finite number when the cache is made
   */
  clock?: Clock | undefined;
  /** What holds for which endpoints, on top of the built-in rules. The most specific pattern that says something decides. */
  rules?: Readonly<Record<EndpointPattern, Rule>> | undefined;
  /**
   * Where the cache reports in words. What it throws or rejects with is ignored. Default: none; warnings then go to
   * `console.warn`, one for each endpoint and reason.
   */
  logger?: Logger | undefined;
  /**
   * Is told everything that happens, after it has happened. What it throws or rejects with is ignored. It may call the
   * cache: what that causes is told afterwards. Where that goes on and on, events are dropped beyond the eighth in a row, or
   * beyond a thousand, with a warning. Default: none.
   */
  onEvent?: ((event: CacheEvent) => void) | undefined;
  /**
   * Counts hits and misses by endpoint, for `getStats({ endpoints: true })` and metrics. Every lookup then takes the slow
   * path; a thousand endpoints are counted apart, and keys without an endpoint together as "". Default: false.
   */
  endpointStats?: boolean | undefined;
  /** Starts the generator behind `jitter`. Range: an integer from 0 to 2³²-1. Default: random, drawn at first need. */
  seed?: number | undefined;
  /** How callers of `getOrSet` and `routeRequest` are kept apart. Default: "snapshot". (`set` stores references, and `get` gives them back.) */
  isolation?: Isolation | undefined;
  /**
   * Copies objects of your own types, for the isolations "snapshot" and "copy". It is called for each object that is neither
   * plain nor built-in, when the answer is stored and for each caller. It returns a copy, or the object itself where that never
   * changes, or `undefined` where it has none: then the answer is not stored. Default: none.
   */
  clone?: ((value: object) => unknown) | undefined;
  /** Who may wait for whose load. Default: "auto". */
  singleFlight?: SingleFlight | undefined;
  /**
   * In which asynchronous context loads in the background run. One that fails is warned of once for each endpoint, and so is
   * every load that fails while a stale answer stands in. Default: "inherit".
   */
  background?: Background | undefined;
  /** Callers that wait for one load at most; further ones run their own handler. Range: an integer from 0, or `Infinity`. Default: `Infinity`. */
  maxFollowers?: number | undefined;
  /** How long a caller waits for another caller's load before it runs its own handler, and how old a load may be to be joined. Range: above 0. Default: 30. */
  maxWait?: Duration | undefined;
  /**
   * Loads under way at most; further requests run their handler past the cache. Loads older than `maxWait` give up their places
   * when one is needed. Range: an integer from 1 to 1,048,576. Default: 10,000.
   */
  maxLoads?: number | undefined;
  /** How long a mutation that has not settled keeps reads of its scope from being stored; then they are invalidated once more. Range: above 0. Default: 60. */
  mutationTimeout?: Duration | undefined;
}

/** What a rule says about the endpoints its pattern covers. What it leaves out is left to less specific rules and the built-in ones. */
export interface Rule extends StalenessOptions {
  /** `false` keeps a read out of the cache; `true` caches an endpoint of unknown kind. Default: by the last segment. */
  cache?: boolean | undefined;
  /**
   * Whom an entry may be served to. `"auto"`: to its user where the request names one, to everybody without identity
   * where it names none. `"user"`: to its user only; without identity the request bypasses. `"shared"`: to everybody,
   * identity is ignored. Default: "auto".
   */
  scope?: "auto" | "user" | "shared" | undefined;
  /** How long an answer lives. Default: by the last segment, see `CACHE_TTL_CONFIG`. */
  ttl?: Ttl | undefined;
  /**
   * Tags of every entry, for `invalidate({ tag })`; a function makes them from params. Tags of several rules add up. An entry has
   * at most 1,024 tags and 16 KiB of text in them; one with more is not stored ("too-many-tags"). Default: none.
   */
  // biome-ignore lint/suspicious/noExplicitAny: what params are is known to the function alone, which says what it expects.
  tags?: readonly string[] | ((params: any, request: KeyedRequest) => readonly string[]) | undefined;
  /** Names of values of `RouteRequest.vary` that are part of the key, and that the handler may see. Several rules add up. Default: none. */
  vary?: readonly string[] | undefined;
  /** `true` makes the endpoint a mutation, `false` says that it is none in spite of its name. Default: by the last segment. */
  mutation?: boolean | undefined;
  /** What a mutation invalidates instead of the built-in effects. Default: by the last segment. */
  invalidates?: readonly EndpointPattern[] | undefined;
  /** What a mutation invalidates besides. Several rules add up. Default: nothing. */
  alsoInvalidates?: readonly EndpointPattern[] | undefined;
  /**
   * Where the id of the resource is: the name of a member of params, or a function that finds it in params (undefined where there
   * is none). Named for a mutation and for the `get` of the same resource, a mutation of one id leaves the `get` entries of
   * other ids alone. Ids that may be the same are the same: numbers and strings of digits are compared by value (7, "7" and "07"),
   * other strings by their Unicode normal form C and by case. Numbers beyond 2⁵³ are told from none. A function that throws, or
   * gives anything else, has found none and is warned of once. Default: none.
   */
  // biome-ignore lint/suspicious/noExplicitAny: what params are is known to the function alone, which says what it expects.
  resourceId?: string | ((params: any) => string | number | null | undefined) | undefined;
}
