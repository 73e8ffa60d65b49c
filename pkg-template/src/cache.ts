/**
 * The class people use, and its fast path.
 *
 * A plain `get` or `set` is answered here: the key's slot is found in a JavaScript map, and the engine's own columns say
 * whether its value is fresh and its group alive. Everything else goes to the class that the WebAssembly module exports.
 * This module decides nothing that the engine does not: what it reads is what the engine wrote.
 */

import { CacheService as Core } from "#wasm/endpoint_cache.js";
import { REFUSALS } from "../../src/bindings/host/contract.js";
import { FAILED } from "../../src/bindings/host/core.js";
import { rest } from "../../src/bindings/host/contexts.js";
import { getOrSet } from "../../src/bindings/host/route-request.js";
import { copyOf } from "../../src/bindings/host/read-once.js";
import { Fields } from "../../src/bindings/host/fields.js";
import type { HostStore } from "../../src/bindings/host/host-store.js";
import { mutation } from "../../src/bindings/host/mutation.js";
import { isMutation } from "../../src/bindings/host/request-plan.js";
import { share } from "../../src/bindings/host/snapshot.js";
import { describe, isPlain, kindOf } from "../../src/bindings/host/values.js";
import { revealCores } from "./core-of.js";
import { addToProtocol, type CopyProtocol, makeProtocol, PROTOCOL_SYMBOL } from "./copy-protocol.js";
import { Engine } from "./supervisor.js";
import { coded } from "./errors.js";
import { broken, callWithRetry } from "./instance.js";
import { generateCacheKey } from "./keys.js";
import { isForLoads } from "./load-options.js";
import { exposition } from "./prometheus.js";
import { routeRequest } from "./route-request.js";
import type {
  AnyParams,
  CacheOptions,
  CacheServiceConstructor,
  CacheStats,
  DataOf,
  Endpoints,
  EndpointStats,
  Explanation,
  GetOrSetOptions,
  Handler,
  InvalidationPattern,
  LoadContext,
  MutationScope,
  CacheService as Public,
  RouteOptions,
  RouteRequest,
  RouteResponse,
  SetOptions,
  Ttl,
  UserId,
} from "./types/index.js";
import { UserCache } from "./user-cache.js";

/** Entries that one `get` releases of those that were invalidated: tens of microseconds at the most. */
const RELEASED = 32;

/** What `getStats` may be told of endpoints. "counted": where lookups are counted by endpoint, and only there. */
const ENDPOINTS = [true, false, "counted"] as readonly unknown[] as readonly string[];

type Entry = readonly [key: string, value: unknown, options?: Ttl | SetOptions];

/** What its members do is said in `types/cache-service.ts`. */
class Service<E extends Endpoints> implements Public<E> {
  static {
    // The name of the constant below.
    Object.defineProperty(Service, "name", { value: "CacheService", configurable: true });
  }

  #core: Engine;
  #hostStore: HostStore;
  /** Milliseconds an entry lives that is given no TTL; NaN where staleness options make that a question for the core. */
  #plainTtl: number;
  /** True where a hit never starts a load ahead of time. */
  #plainLoads: boolean;
  /** What functions of other copies of the package use this cache by. */
  #protocol: CopyProtocol | undefined;
  /** False once a logger or listener wants to know everything, or the cache was disposed of. */
  #fast: boolean;

  static {
    const own = (cache: unknown) => cache as Service<Endpoints>;
    revealCores((cache) => (#core in Object(cache) ? own(cache).#core : undefined));
    addToProtocol({
      routeRequest,
      isMutation: (cache, endpoint) => isMutation(own(cache).#core, endpoint),
      share: (_, value) => share(value),
      warn: (cache, endpoint, reason, text) => own(cache).#hostStore.warnings.once(endpoint, reason, text),
      attach: (cache, make) => own(cache).#attach(make),
    });
  }

  constructor(options?: number | CacheOptions) {
    this.#core = new Engine(options, () => {
      this.#hostStore = this.#core.hostStore;
    });
    this.#hostStore = this.#core.hostStore;
    const { plainTtl, eagerRefresh } = this.#hostStore.settings;
    this.#plainTtl = plainTtl;
    this.#plainLoads = !(eagerRefresh < 1);
    this.#fast = this.#hostStore.observer === undefined;
  }

  get size() {
    return this.#core.size;
  }

  get [PROTOCOL_SYMBOL]() {
    this.#protocol ??= makeProtocol(this);
    return this.#protocol;
  }

  routeRequest<T, P = AnyParams>(
    request: RouteRequest<P>,
    handler: Handler<T, P>,
    options?: RouteOptions,
  ): Promise<RouteResponse<DataOf<T>>> {
    return routeRequest(this, request, handler, options);
  }

  mutation<T>(scope: MutationScope | readonly MutationScope[], run: () => T | Promise<T>): Promise<T> {
    return mutation(this.#core, scope, run);
  }

  /** Puts a second tier behind this cache; what it held so far is dropped, because nobody knows how old it is. */
  #attach<T>(make: (core: Engine) => T): T {
    if (this.#hostStore.tier !== undefined) throw coded(TypeError, "ERR_OPTION", "this cache has a second tier already: close that first");
    const tier = make(this.#core);
    this.clear();
    this.#hostStore.tier = tier;
    return tier;
  }

  get<T = unknown>(key: string): T | undefined {
    if (broken) return this.#core.get(key) as T;
    const hostStore = this.#hostStore;
    if ((hostStore.waiting[0] ?? 0) > 0) this.#core.maintain(RELEASED);
    const slot = hostStore.slots.get(key);
    if (slot === undefined) {
      if (!this.#fast || !mayBeKey(key)) return this.#core.get(key) as T;
      hostStore.misses += 1;
      return undefined;
    }
    if (this.#fast && hostStore.isFreshFor(key, slot)) {
      hostStore.countHit(slot);
      // What a load stored leaves as a copy as far as it can be changed; what was set by hand is the very object.
      return hostStore.recipes.size > 0 ? hostStore.value(slot) : hostStore.values[slot];
    }
    return this.#core.get(key) as T;
  }

  set(key: string, value: unknown, options?: Ttl | SetOptions): boolean {
    const { tier } = this.#hostStore;
    if (tier !== undefined) return tier.set(key, value, copyOf(options));
    const plain = this.#plainTtl;
    const ttl = options === undefined ? plain : typeof options === "number" ? Math.round(options * 1e3) : NaN;
    // NaN is not above 0: where the service has a jitter or a window, it holds for a TTL of the call's as well.
    if (this.#fast && ttl >= 1 && plain > 0 && value !== undefined && typeof key === "string") {
      const stored = this.#place(key, value, ttl);
      if (stored !== undefined) return stored;
    }
    return this.#core.set(key, value, options);
  }

  /**
   * Stores an untagged value: whether it was, or undefined where the core has to find out what is wrong.
   *
   * @param ttl milliseconds
   */
  #place(key: string, value: unknown, ttl: number) {
    const hostStore = this.#hostStore;
    // What runs a user's code comes first: it may call the cache, and slots and groups change hands.
    const bytes = hostStore.bytesOf(key, value);
    const now = hostStore.writeNow();
    const slot = hostStore.slots.get(key);
    if (slot === undefined && !mayBeKey(key)) return undefined;
    const length = hostStore.writeText(key);
    if (length === 0) return undefined;
    const placed = this.#core.place(slot ?? -1, length, ttl, bytes, now);
    // Refused and counted, if the engine is not at fault.
    if (placed < 0) {
      if (placed === FAILED) return undefined;
      hostStore.reasons.rejected(key, REFUSALS[-1 - placed] ?? "failure");
      return false;
    }
    if (hostStore.putByHand(placed, key, value)) return true;
    this.#core.takeBack(placed);
    return false;
  }

  /** Throws once the cache was disposed of. */
  #open() {
    this.#core.check("any key", null, undefined);
  }

  has(key: string) {
    return this.#core.has(key);
  }

  peek<T = unknown>(key: string): T | undefined {
    return this.#core.peek(key) as T;
  }

  delete(key: string) {
    const there = this.#core.delete(key);
    this.#hostStore.tier?.forget(key);
    return there;
  }

  getOrSet<T>(key: string, loader: (context: LoadContext) => T | PromiseLike<T>, options?: Ttl | GetOrSetOptions): Promise<T> {
    if (this.#fast && this.#plainLoads && !broken && typeof loader === "function" && isForLoads(options)) {
      const hostStore = this.#hostStore;
      const slot = hostStore.slots.get(key);
      if (slot !== undefined && hostStore.tier === undefined && hostStore.isFreshFor(key, slot)) {
        // A value put there by hand is somebody's own object: whoever asks for it here gets a copy, on the slow path.
        if (hostStore.isReady(slot)) {
          hostStore.countHit(slot);
          rest();
          return Promise.resolve(hostStore.value(slot));
        }
      }
    }
    return getOrSet(this.#core, key, loader, options);
  }

  getMany<T = unknown>(keys: Iterable<string>): (T | undefined)[] {
    this.#open();
    if (!isIterable(keys)) throw coded(TypeError, "ERR_OPTION", `keys are an array or another iterable of strings, not ${kindOf(keys)}`);
    return Array.from(keys, (key) => this.get<T>(key));
  }

  setMany(entries: Iterable<Entry> | Readonly<Record<string, unknown>>, options?: Ttl | SetOptions): number {
    this.#open();
    const all = pairsOf(entries);
    for (const [key, value, own = options] of all) this.#core.check(key, value, own);
    return all.filter(([key, value, own = options]) => this.set(key, value, own)).length;
  }

  invalidate(pattern: InvalidationPattern): number {
    // Two that read it see the same.
    const { tier } = this.#hostStore;
    const own = tier === undefined ? pattern : copyOf(pattern);
    const count = this.#core.invalidate(own);
    tier?.touch(own);
    return count;
  }

  expire(pattern: InvalidationPattern): number {
    const { tier } = this.#hostStore;
    const own = tier === undefined ? pattern : copyOf(pattern);
    const count = this.#core.expire(own);
    tier?.touch(own);
    return count;
  }

  preview(pattern: InvalidationPattern): string[] {
    return this.#core.preview(pattern);
  }

  clear() {
    this.#core.clear();
    this.#hostStore.tier?.touch("");
  }

  cleanupExpired() {
    return this.#core.cleanupExpired();
  }

  getStats(): CacheStats;
  getStats(options: { endpoints: true | "counted" }): CacheStats & { endpoints: Record<string, EndpointStats> };
  getStats(options?: { endpoints?: boolean | "counted" }): CacheStats & { endpoints?: Record<string, EndpointStats> } {
    const asked =
      options === undefined
        ? undefined
        : (new Fields(options, "options", ["endpoints"]).oneOf("endpoints", ENDPOINTS) as boolean | "counted" | undefined);
    const stats = { ...this.#core.getStats(), resets: this.#core.resets };
    const counted = this.#hostStore.observer?.endpoints;
    return asked === true || (asked === "counted" && counted !== undefined) ? { ...stats, endpoints: this.#endpoints(counted) } : stats;
  }

  /** What each endpoint holds; its lookups and what was not cached, where they are counted. */
  #endpoints(counted: Map<string, { hits: number; misses: number }> | undefined): Record<string, EndpointStats> {
    const sizes = this.#core.endpointSizes();
    if (counted === undefined) return sizes;
    const { endpoints } = this.#hostStore.reasons;
    const names = new Set([...Object.keys(sizes), ...counted.keys(), ...endpoints.keys()]);
    return Object.fromEntries(
      Array.from(names, (name) => {
        const { hits, misses } = counted.get(name) ?? { hits: 0, misses: 0 };
        const hitRate = hits + misses > 0 ? hits / (hits + misses) : 0;
        const { bypassedBy = {}, refusedBy = {} } = endpoints.get(name) ?? {};
        return [name, { size: sizes[name]?.size ?? 0, hits, misses, hitRate, bypassedBy: { ...bypassedBy }, refusedBy: { ...refusedBy } }];
      }),
    );
  }

  toPrometheus(prefix?: string) {
    return exposition([{ labels: {}, stats: this.getStats({ endpoints: "counted" }) }], prefix);
  }

  keys() {
    return this.#core.keys().values();
  }

  entries<T = unknown>() {
    return (this.#core.entries() as [key: string, value: T][]).values();
  }

  [Symbol.iterator]<T = unknown>() {
    return this.entries<T>();
  }

  explain(key: string): Explanation {
    return this.#core.explain(key);
  }

  forUser(userId: UserId) {
    this.#open();
    return new UserCache(this, userId);
  }

  dispose() {
    this.#fast = false;
    this.#hostStore.tier?.close();
    this.#core.dispose();
  }

  declare [Symbol.dispose]: () => void;

  static generateCacheKey(endpoint: string, params?: object | null, userId?: UserId | null) {
    return generateCacheKey(endpoint, params, userId);
  }

  static getInvalidationPattern(endpoint: string, resourceType?: string | null, resourceId?: UserId | null) {
    return callWithRetry(() => Core.getInvalidationPattern(endpoint, resourceType, resourceId));
  }
}

/** Whether this can be a key; the core says what is wrong where it cannot. */
function mayBeKey(key: unknown) {
  return typeof key === "string" && key !== "" && key.length <= 1024 && key.isWellFormed();
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value && typeof value[Symbol.iterator] === "function";
}

/** Entries as `setMany` is given them: a Map, pairs, or an object of values by key. */
function pairsOf(entries: unknown): Entry[] {
  if (isIterable(entries)) {
    const all = Array.from(entries);
    const wrong = all.find((entry) => !Array.isArray(entry));
    if (wrong === undefined) return all as Entry[];
    throw coded(TypeError, "ERR_OPTION", `an entry is an array of a key and a value, not ${describe(wrong)}`);
  }
  if (isPlain(entries)) return Object.entries(entries as object);
  throw coded(TypeError, "ERR_OPTION", `entries are an iterable of [key, value], a Map or a plain object, not ${kindOf(entries)}`);
}

// Not every supported runtime has Symbol.dispose yet; where it is missing, so is the `using` that would ask for it.
if (Symbol.dispose !== undefined) {
  Object.defineProperty(Service.prototype, Symbol.dispose, {
    value: Service.prototype.dispose,
    configurable: true,
    writable: true,
  });
}

/** Makes a cache; see `CacheServiceConstructor`. */
export const CacheService: CacheServiceConstructor = Service;

/** A cache of values by key, with a TTL for each; see the interface of this name. */
export type CacheService<E extends Endpoints = Endpoints> = Public<E>;
