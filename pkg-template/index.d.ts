/// <reference lib="esnext.disposable" />
/**
 * endpoint-cache: an API response cache that cannot serve what an invalidation has made stale.
 *
 * Reading order: `CacheService` and `routeRequest`, then `CacheOptions`, `Rule`, `InvalidationPattern`, `ResponseMetadata`.
 * Units: every duration is in seconds unless it carries its unit ("250ms"); sizes are bytes; `at` and clocks are
 * milliseconds. Errors thrown by the package carry a stable `code`, see `ErrorCode`.
 */

// ---------------------------------------------------------------------------------------------------------------
// Values used throughout

/**
 * A duration: a number of seconds (fractions are kept to the millisecond) or a number with its unit.
 * @throws TypeError "ERR_TTL" for other types and unreadable strings, RangeError "ERR_TTL" for NaN and negative ones
 */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

/**
 * A time to live: a `Duration` where `0` and `Infinity` mean that the entry never expires.
 * An entry is alive *at* its deadline and expired after it.
 */
export type Ttl = Duration;

/** Who asks: a non-empty string, or a number, which is the same user as its digits (`0` is user "0", not anonymous). */
export type UserId = string | number;

/**
 * A set of endpoints in whole segments: `"storycore.prompt.list"`, `"storycore.prompt.*"`, `"*.list"`.
 * A `*` is one segment in the middle and one or more at either end.
 */
export type EndpointPattern = string;

/** Where time comes from: `Date` itself fits, so does `performance`, or an object with a `now` that a test moves. */
export interface Clock {
  /**
   * Milliseconds. It may stand still or start at 0. Where it steps forward, that time has passed; where it steps back, none
   * has, and every entry keeps the life that it has left. A value that is not a finite number is ignored and counted.
   */
  now(): number;
}

/**
 * A logger in pino's shape; `console` fits too. Hits, misses and sets go to `debug`, invalidations to `info` (a mutation is one
 * line, when it settles, and at `debug` where it removed nothing), what keeps an endpoint from being cached to `warn`, a failure
 * of the cache to `error`. An error is the field `err`. Messages are one line each: control characters in keys, user ids,
 * endpoints and tags are written as escapes; the fields hold them as they are.
 * All four methods are needed: TypeError "ERR_OPTION" where one is missing.
 */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The `code` of every error the package throws. Codes are stable; sentences may get better. */
export type ErrorCode =
  /** A value in params has no place in JSON, the sentence names its path; or their JSON text has more than 65,536 characters. */
  | "ERR_PARAMS"
  /** A duration is NaN, negative or not a duration. */
  | "ERR_TTL"
  /** A key is not a non-empty string of well-formed Unicode. */
  | "ERR_KEY"
  /** A key has more than 1,024 characters, or a user id has. */
  | "ERR_KEY_LENGTH"
  /** An endpoint is empty, has more than 1,024 characters, or holds `:`, white space or a control character. */
  | "ERR_ENDPOINT"
  /** An endpoint pattern has an empty segment or a `*` that is not a whole segment. */
  | "ERR_ENDPOINT_PATTERN"
  /** A user id is empty or neither a string nor a finite number. */
  | "ERR_USER_ID"
  /** The value to store is `undefined`. */
  | "ERR_VALUE"
  /** The value cannot be copied; see `CacheOptions.isolation`. */
  | "ERR_SNAPSHOT"
  /** An invalidation pattern is not a string, a RegExp or an object that names something. */
  | "ERR_PATTERN"
  /** A member of an invalidation pattern is empty. */
  | "ERR_PATTERN_EMPTY"
  /** A regular expression or glob cannot be read; the sentence names the position. Nothing was removed. */
  | "ERR_PATTERN_SYNTAX"
  /** A pattern has more than 4,096 characters or compiles to more than is allowed. Nothing was removed. */
  | "ERR_PATTERN_TOO_LARGE"
  /**
   * A pattern could take more steps for a key than is allowed, whatever keys there are: told before the first is looked at, and
   * the same on every machine. Nothing was removed.
   */
  | "ERR_PATTERN_BUDGET"
  /** An option is unknown, of the wrong type or out of its range; the sentence names it. */
  | "ERR_OPTION"
  /** A load took longer than `hardTimeout`. */
  | "ERR_TIMEOUT"
  /** A handler read something in a cached read that is not part of the key. */
  | "ERR_UNKEYED"
  /** The cache was used after `dispose()`. */
  | "ERR_DISPOSED"
  /** The cache was made by a copy of the package of another version, which this copy cannot use; the sentence names both. */
  | "ERR_COPY"
  /** The cache failed inside and could not start anew yet. Only what belongs to no one cache throws it, such as a key. */
  | "ERR_FAILURE"
  /** An adapter was given a framework or client that it cannot work with; the sentence names what was found and what is expected. */
  | "ERR_PEER";

/** What the package throws: a TypeError, RangeError, SyntaxError or Error with a `code`. */
export interface CodedError extends Error {
  readonly code: ErrorCode;
}

// ---------------------------------------------------------------------------------------------------------------
// Options

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
  resourceId?: string | ((params: any) => string | number | null | undefined) | undefined;
}

/** What decides the key of a request. */
export interface KeyedRequest {
  readonly endpoint: string;
  readonly method: string;
  readonly userId: string | undefined;
  readonly vary: Readonly<Record<string, unknown>>;
}

/** Options of `set` beside the TTL. */
export interface SetOptions extends Pick<StalenessOptions, "staleWhileRevalidate" | "staleIfError" | "jitter"> {
  /** How long the entry lives. Default: the cache's `defaultTtl`. */
  ttl?: Ttl | undefined;
  /**
   * Names by which `invalidate({ tag })` finds the entry. Range: at most 1,024, with 16 KiB of text in all; an entry with more is
   * not stored ("too-many-tags"). Default: none.
   */
  tags?: readonly string[] | undefined;
}

/** Options of one load. One that cannot be used rejects with "ERR_OPTION" or "ERR_TTL", whether there is a value or not. */
export interface GetOrSetOptions extends StalenessOptions {
  /** How long the value lives. Default: the cache's `defaultTtl`. */
  ttl?: Ttl | undefined;
  /**
   * Names by which `invalidate({ tag })` finds the entry. Range: at most 1,024, with 16 KiB of text in all; an entry with more is
   * not stored ("too-many-tags"). Default: none.
   */
  tags?: readonly string[] | undefined;
  /** Ends this caller's wait. The load goes on while anybody else waits for it. Default: none; null is none. */
  signal?: AbortSignal | null | undefined;
  /** In which asynchronous context a load in the background runs. Default: the cache's. */
  background?: Background | undefined;
  /**
   * Is given the promise of each load that takes time, which never rejects (a Worker's `ctx.waitUntil`). Default: that of
   * `execution`, where it has one. In workerd a load ends with its request unless it is kept alive: without this a refresh
   * behind a stale answer is waited for.
   */
  waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  /** What this caller is given. Default: the cache's. */
  isolation?: Isolation | undefined;
  /** Who may wait for this load. Default: the cache's. */
  singleFlight?: SingleFlight | undefined;
  /** The object that stands for the incoming request (a Worker's `ctx`) where `singleFlight` is "request". Default: none, and nobody waits. */
  execution?: object | undefined;
}

/** What a loader of `getOrSet` is given. */
export interface LoadContext {
  readonly key: string;
  /** Aborts when nobody waits for the load any more. */
  readonly signal: AbortSignal;
  /** When the load began, in milliseconds by the cache's clock. */
  readonly began: number;
  /** The value that the load is to replace, for this load alone; undefined where there is none. */
  readonly stale: unknown;
  /**
   * Says how long the value lives, over every option. Here 0 and less mean that it has no lifetime: it is not stored (reason
   * "no-lifetime"), and neither is one whose lifetime cannot be read, which is warned of. Never throws.
   */
  setTtl(ttl: Ttl): void;
  /**
   * Adds tags to the entry. An invalidation of one of them since the load began is honoured. With more than 1,024 tags, or 16 KiB
   * of text in them, the entry is not stored ("too-many-tags").
   */
  addTags(...tags: string[]): void;
  /** Keeps this value from being stored; those who wait get it. */
  noStore(): void;
}

// ---------------------------------------------------------------------------------------------------------------
// Patterns

/**
 * Which entries to remove.
 *
 * - A string is a regular expression searched in the whole key; the empty one matches every key.
 *   It is read by a linear-time engine: no look-around, no back-references.
 * - A `RegExp` means the same where that engine supports its syntax.
 * - An object names one thing or several; an entry must match all of them.
 */
export type InvalidationPattern = string | RegExp | PatternObject;

/** Which entries to remove, by name. At least one member must be given, and none may be empty. */
export interface PatternObject {
  /** A regular expression over the whole key. */
  regex?: string | RegExp | undefined;
  /** The whole key, where `*` is any characters, `?` any one, and `\` takes the next one as it is. */
  glob?: string | undefined;
  /** How the key starts. */
  prefix?: string | undefined;
  /** The entry's endpoint, in whole segments: "storycore.prompt.*" never touches "storycore.prompts". */
  endpoint?: EndpointPattern | undefined;
  /** The user the entry belongs to. */
  userId?: UserId | undefined;
  /** A tag of the entry. */
  tag?: string | undefined;
}

// ---------------------------------------------------------------------------------------------------------------
// The cache

/** What a change touches: the entries for which all members hold. A `key` stands alone. */
export interface MutationScope {
  /** An endpoint, or a pattern of endpoints as in rules: `"storycore.prompt.*"`. */
  endpoint?: string;
  /** The entries of this user. */
  userId?: string | number;
  /** The entries with this tag. */
  tag?: string;
  /** The entry under this key. */
  key?: string;
}

/** A cache of values by key, with a TTL for each. */
export class CacheService {
  /**
   * Makes a cache. May be called at module scope in every runtime: it reads no time and draws no randomness.
   * @param options a number is the default TTL in seconds
   * @throws TypeError | RangeError "ERR_OPTION" or "ERR_TTL", naming the option
   */
  constructor(options?: number | CacheOptions);

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
  routeRequest<T, P = {}>(request: RouteRequest<P>, handler: Handler<T, P>, options?: RouteOptions): Promise<RouteResponse<DataOf<T>>>;

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

  /**
   * The key of a request: `endpoint:HASH` or `endpoint:user:USER:HASH`, the same that Python makes of the same params.
   * @param params JSON values; undefined and null are `{}`
   * @throws TypeError "ERR_PARAMS" naming the path, "ERR_ENDPOINT", "ERR_USER_ID", "ERR_KEY_LENGTH"
   */
  static generateCacheKey(endpoint: string, params?: object | null, userId?: UserId | null): string;

  /**
   * A regular expression for `invalidate`: every key under the resource of `endpoint`, or under `resourceType`.
   * @param resourceId is checked and does not narrow the pattern: a key has a hash of its params and does not spell an id, and to
   *   remove too much is safe. To remove one id, name it in a rule (`resourceId`), or in a tag and `invalidate({ tag })`.
   */
  static getInvalidationPattern(endpoint: string, resourceType?: string | null, resourceId?: UserId | null): string;
}

/** One user's part of a cache, by endpoint and params instead of keys. */
export interface UserCache {
  readonly userId: string;
  /** The key of this user's request. */
  generateCacheKey(endpoint: string, params?: object | null): string;
  get<T = unknown>(endpoint: string, params?: object | null): T | undefined;
  peek<T = unknown>(endpoint: string, params?: object | null): T | undefined;
  has(endpoint: string, params?: object | null): boolean;
  set(endpoint: string, params: object | null | undefined, value: unknown, options?: Ttl | SetOptions): boolean;
  delete(endpoint: string, params?: object | null): boolean;
  getOrSet<T>(endpoint: string, params: object | null | undefined, loader: (context: LoadContext) => T | PromiseLike<T>, options?: Ttl | GetOrSetOptions): Promise<T>;
  /** `routeRequest` as this user. */
  routeRequest<T, P = {}>(request: Omit<RouteRequest<P>, "userId" | "user">, handler: Handler<T, P>, options?: RouteOptions): Promise<RouteResponse<DataOf<T>>>;
  /** Removes this user's entries that match; all of them without a pattern. @throws as `CacheService.invalidate` does */
  invalidate(pattern?: string | RegExp | Omit<PatternObject, "userId">): number;
  /** Marks this user's entries stale that match; all of them without a pattern. */
  expire(pattern?: string | RegExp | Omit<PatternObject, "userId">): number;
}

// ---------------------------------------------------------------------------------------------------------------
// Requests

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

/**
 * Answers a request from the cache or by its handler: a mutation invalidates what it touches, before the handler and when
 * it settles; a read is served from its entry, waits for a load under way, or runs the handler and stores the answer.
 * Nothing that goes wrong in the cache reaches the caller: then the handler runs.
 *
 * A cache that another copy of the package made works as well, as it does for every function that takes one.
 *
 * @throws only what the handler or `authorize` throws, the reason of `signal`, "ERR_TIMEOUT" where `hardTimeout` is set, and,
 *   before anything is done, what a getter of the request or of the options throws, "ERR_OPTION" for what is no cache, request or
 *   handler, and "ERR_COPY" for a cache that cannot be used; always as a rejection
 */
export function routeRequest<T, P = {}>(
  cache: CacheService,
  request: RouteRequest<P>,
  handler: Handler<T, P>,
  options?: RouteOptions,
): Promise<RouteResponse<DataOf<T>>>;

// ---------------------------------------------------------------------------------------------------------------
// Middlewares, for routers that keep a chain

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

/**
 * A middleware that answers from the cache, and on a miss leaves `cacheKey` and `cacheTtl` in the context.
 * A chain has no place to await another request, so there is no single flight here; `routeRequest` has it.
 * @param apiVersion what `metadata.apiVersion` says. Default: "v1"
 */
export function createCacheMiddleware(cache: CacheService, apiVersion?: string): Middleware;

/**
 * A middleware that invalidates what a mutation touches, before its handler. Put it before the cache middleware.
 * A chain does not tell when the handler has settled: hand a mutation's response to `cacheResponse` as well and
 * it invalidates once more, or use `routeRequest`, which always does.
 */
export function createCacheInvalidationMiddleware(cache: CacheService): Middleware;

/**
 * Stores a successful response under the context's `cacheKey` for its `cacheTtl`, unless an invalidation that covers the
 * key came since the middleware's miss. After a mutation it invalidates instead.
 * @returns the response as given; nothing is thrown
 */
export function cacheResponse<R>(cache: CacheService, response: R, context: MiddlewareContext): R;

/** The TTL of an endpoint by its last segments, in seconds; that of "metadata" where no segment says more. */
export function getTtlForEndpoint(endpoint: string): number;

/**
 * TTLs by kind of endpoint, in seconds. Assignments take effect at once, for every cache; a rule's `ttl` overrides them.
 * Defaults: metadata 300, list 180, status 60, get 120, search 60, analyze 120, schema 3600, config 600, healthCheck 300, metrics 300.
 * @throws TypeError | RangeError "ERR_TTL" on assigning what is no TTL; TypeError "ERR_OPTION" on assigning to another name
 */
export const CACHE_TTL_CONFIG: Record<
  "metadata" | "list" | "status" | "get" | "search" | "analyze" | "schema" | "config" | "healthCheck" | "metrics",
  number
>;

// ---------------------------------------------------------------------------------------------------------------
// What can be seen

/** Counters since the cache was made, and sizes now. */
export interface CacheStats {
  /** Entries held, expired ones included. */
  readonly size: number;
  /** Lookups answered with a value. */
  readonly hits: number;
  /** Lookups answered with none. */
  readonly misses: number;
  /** Hits among lookups, 0 to 1; 0 when there were none. */
  readonly hitRate: number;
  readonly missRate: number;
  /** Entries that have expired and not been removed yet. */
  readonly expiredEntries: number;
  /** Values stored. */
  readonly sets: number;
  /** Entries that went because room was needed. */
  readonly evictions: number;
  /** Entries that went by invalidations. */
  readonly invalidations: number;
  /** Hits past the deadline, as an option allows. */
  readonly staleHits: number;
  /** Callers that waited for another caller's load. */
  readonly joined: number;
  /** Loads begun. */
  readonly loads: number;
  /** Loads that ended in an error or were given up. */
  readonly failedLoads: number;
  /** Finished loads whose value was not stored. */
  readonly refusedFills: number;
  /** The same by reason; of values set by hand, those with too many tags. */
  readonly refusedBy: Readonly<Partial<Record<RefusalReason, number>>>;
  /** Loads that ended: with a value that was stored or refused, with an error, or given up. Each ends once. */
  readonly endedLoads: number;
  /** Seconds that these took from beginning to end, all together. */
  readonly loadSeconds: number;
  /** Requests that ran their handler past the cache. One that waited for another's load in vain counts as a miss as well. */
  readonly bypasses: number;
  /** The same by reason. */
  readonly bypassedBy: Readonly<Partial<Record<BypassReason, number>>>;
  /** Values set by hand and not stored: too large, with too many tags, or for want of memory. */
  readonly rejected: number;
  /** Mutations whose time ran out before they settled. */
  readonly expiredMutations: number;
  /** Bytes of keys, values and tags, as estimated. */
  readonly bytes: number;
  /** Bytes of bookkeeping: columns, indexes and the memory of evicted keys. Reserved ones count. */
  readonly overheadBytes: number;
  /** Loads under way. */
  readonly loading: number;
  /** Mutations under way. */
  readonly mutating: number;
  /** Readings of the clock that threw or were not finite numbers; each time the latest time counted. */
  readonly clockErrors: number;
  /** Entries that `expire` marked stale. */
  readonly markedStale: number;
  /** How often the cache failed inside and started anew, empty. */
  readonly resets: number;
  /** The bounds that hold; `Infinity` where there is none. */
  readonly limits: {
    /** Entries held at most. */
    readonly maxEntries: number;
    /** Bytes of keys and values held at most. */
    readonly maxBytes: number;
    /** Bytes of one entry at most. */
    readonly maxEntryBytes: number;
    /** Loads under way at most. */
    readonly maxLoads: number;
  };
}

/** The part of one endpoint; "" is that of keys without one. All but `size` is counted where `CacheOptions.endpointStats` is true. */
export interface EndpointStats {
  /** Entries held. */
  readonly size: number;
  readonly hits?: number | undefined;
  readonly misses?: number | undefined;
  /** Hits among lookups, 0 to 1. */
  readonly hitRate?: number | undefined;
  /** Requests that ran their handler past the cache, by reason. */
  readonly bypassedBy?: Readonly<Partial<Record<BypassReason, number>>> | undefined;
  /** Finished loads whose value was not stored, by reason. */
  readonly refusedBy?: Readonly<Partial<Record<RefusalReason, number>>> | undefined;
}

/** Why there is a value under a key, or why there is none. */
export interface Explanation {
  readonly key: string;
  /**
   * "fresh": a value within its TTL. "stale": past it, kept for a staleness option. "expired": past it, not removed yet.
   * "loading": none yet, a load is under way. "absent": none.
   */
  readonly state: "fresh" | "stale" | "expired" | "loading" | "absent";
  /** The whole story in one sentence, for a person. */
  readonly summary: string;
  /** Seconds since it was stored. */
  readonly age?: number | undefined;
  /** Seconds until it expires; negative when it has. */
  readonly ttl?: number | undefined;
  /** Whether a load is under way whose value would be stored. */
  readonly loading: boolean;
  /** Seconds until the next load is tried after a failed one. */
  readonly retryIn?: number | undefined;
  /** How the last value under this key went, if that was lately. */
  readonly removal?: { readonly reason: RemovalReason; readonly at: number } | undefined;
  /** The invalidation that removed it, if that was lately. */
  readonly invalidation?: { readonly by: string; readonly count: number; readonly at: number } | undefined;
  /**
   * Why a request of the key's endpoint, or for a key without one the key itself, was not cached, if one was not: the last reason,
   * how often it was that one, and when it was last. A thousand endpoints are remembered.
   */
  readonly notCached?: { readonly endpoint: string; readonly reason: BypassReason | RefusalReason; readonly count: number; readonly at: number } | undefined;
}

export type RemovalReason = "deleted" | "expired" | "evicted" | "invalidated" | "abandoned";

/** Something that happened. `at` is what the cache's clock read, in milliseconds. */
export type CacheEvent = { readonly at: number } & (
  | { readonly type: "hit"; readonly key: string; readonly age: number }
  | { readonly type: "stale"; readonly key: string; readonly age: number }
  | { readonly type: "miss"; readonly key: string }
  | { readonly type: "joined"; readonly key: string }
  | { readonly type: "set"; readonly key: string; readonly ttl: number; readonly bytes: number }
  | { readonly type: "removed"; readonly key: string; readonly reason: RemovalReason }
  | { readonly type: "refused"; readonly key: string; readonly reason: RefusalReason }
  | { readonly type: "loadFailed"; readonly key: string; readonly error: unknown }
  | { readonly type: "bypass"; readonly endpoint: string; readonly reason: BypassReason }
  /** `count` entries went now; `total` says, when it settles, how many went since it began. */
  | { readonly type: "mutation"; readonly endpoint: string; readonly phase: "begin" | "settle" | "timeout"; readonly count: number; readonly total?: number }
  | { readonly type: "invalidated"; readonly by: string; readonly count: number }
  /** `expire()` marked entries stale. */
  | { readonly type: "expired"; readonly by: string; readonly count: number }
  | { readonly type: "cleared"; readonly count: number }
  | { readonly type: "failure"; readonly error: unknown }
);
