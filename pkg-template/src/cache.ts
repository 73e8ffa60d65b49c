/**
 * The class people use, and its fast path.
 *
 * A plain `get` or `set` is answered here: the key's slot is found in a JavaScript map, and the engine's own columns say
 * whether its value is fresh and its group alive. Everything else goes to the class that the WebAssembly module exports.
 * This module decides nothing that the engine does not: what it reads is what the engine wrote.
 */

import type { CopyProtocol } from "./copy-protocol.js";
import { CacheService as Core } from "#wasm/endpoint_cache.js";
import { REFUSALS } from "../../src/bindings/host/contract.js";
import { FAILED } from "../../src/bindings/host/core.js";
import { rest } from "../../src/bindings/host/contexts.js";
import { CONTROL } from "../../src/bindings/host/validate.js";
import { getOrSet } from "../../src/bindings/host/route-request.js";
import { copyOf } from "../../src/bindings/host/read-once.js";
import { Fields } from "../../src/bindings/host/fields.js";
import { mutation, type MutationScope } from "../../src/bindings/host/mutation.js";
import { isMutation } from "../../src/bindings/host/request-plan.js";
import { share } from "../../src/bindings/host/snapshot.js";
import { describe, isPlain, kindOf } from "../../src/bindings/host/values.js";
import { revealCores } from "./core-of.js";
import { addToProtocol, PROTOCOL_SYMBOL, makeProtocol } from "./copy-protocol.js";
import { Engine } from "./supervisor.js";
import { coded } from "./errors.js";
import { broken, callWithRetry } from "./instance.js";
import { generateCacheKey } from "./keys.js";
import { exposition } from "./prometheus.js";
import { routeRequest } from "./route-request.js";
import { UserCache } from "./user-cache.js";

/** Entries that one `get` releases of those that were invalidated: tens of microseconds at the most. */
const RELEASED = 32;

export class CacheService {
  static {
    // The compiled class has the same name, so in a bundle this one is given another.
    Object.defineProperty(this, "name", { value: "CacheService", configurable: true });
  }

  #core!: any;
  #hostStore!: any;
  /** Milliseconds an entry lives that is given no TTL; NaN where staleness options make that a question for the core. */
  #plainTtl;
  /** True where a hit never starts a load ahead of time. */
  #plainLoads;
  /** What functions of other copies of the package use this cache by. */
  #protocol!: CopyProtocol | undefined;
  /** False once a logger or listener wants to know everything, or the cache was disposed of. */
  #fast;

  static {
    revealCores((cache) => (#core in Object(cache) ? cache.#core : undefined));
    addToProtocol({
      routeRequest,
      isMutation: (cache, endpoint) => isMutation(cache.#core, endpoint),
      share: (_, value) => share(value),
      warn: (cache, endpoint, reason, text) => cache.#core.hostStore.warnings.once(endpoint, reason, text),
      attach: (cache, make) => cache.#attach(make),
    });
  }

  constructor(options?: any) {
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
    return (this.#protocol ??= makeProtocol(this));
  }

  routeRequest(request: any, handler: (params: any, context: any) => any, options?: any) {
    return routeRequest(this, request, handler, options);
  }

  /**
   * Runs a change that is made outside of `routeRequest`: the entries that it touches are invalidated before it runs and again when
   * it has settled, whether it succeeded or failed, and nothing that was loaded meanwhile is kept. Changes may nest.
   *
   * @param scope what it touches: one scope or several
   * @param run makes the change; its result is returned, its error thrown unchanged
   */
  mutation<T>(scope: MutationScope | readonly MutationScope[], run: () => T | Promise<T>): Promise<T> {
    return mutation(this.#core, scope, run);
  }

  /** Puts a second tier behind this cache; what it held so far is dropped, because nobody knows how old it is. */
  #attach<T>(make: (core: any) => T): T {
    if (this.#hostStore.tier !== undefined) throw coded(TypeError, "ERR_OPTION", "this cache has a second tier already: close that first");
    const tier = make(this.#core);
    this.clear();
    this.#hostStore.tier = tier;
    return tier;
  }

  get(key: string) {
    if (broken) return this.#core.get(key);
    const hostStore = this.#hostStore;
    if ((hostStore.waiting[0] ?? 0) > 0) this.#core.maintain(RELEASED);
    const slot = hostStore.slots.get(key);
    if (slot === undefined) {
      if (!this.#fast || !mayBeKey(key)) return this.#core.get(key);
      hostStore.misses += 1;
      return undefined;
    }
    if (this.#fast && hostStore.isFreshFor(key, slot)) {
      hostStore.countHit(slot);
      // What a load stored leaves as a copy as far as it can be changed; what was set by hand is the very object.
      return hostStore.recipes.size > 0 ? hostStore.value(slot) : hostStore.values[slot];
    }
    return this.#core.get(key);
  }

  set(key: string, value: any, options?: any) {
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
  #place(key: string, value: any, ttl: number) {
    const hostStore = this.#hostStore;
    // What runs a user's code comes first: it may call the cache, and slots and groups change hands.
    const bytes = hostStore.bytesOf(key, value);
    const now = hostStore.writeNow();
    const slot = hostStore.slots.get(key);
    if (slot === undefined && !mayBeKey(key)) return undefined;
    const length = hostStore.writeText(key);
    if (length === 0) return undefined;
    const placed = this.#core.place(slot ?? -1, length, 0, ttl, 0, bytes, 0, now);
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

  peek(key: string) {
    return this.#core.peek(key);
  }

  delete(key: string) {
    const there = this.#core.delete(key);
    this.#hostStore.tier?.forget(key);
    return there;
  }

  getOrSet(key: string, loader: (context: any) => any, options?: any) {
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

  getMany(keys: Iterable<string>) {
    this.#open();
    if (!isIterable(keys)) throw coded(TypeError, "ERR_OPTION", `keys are an array or another iterable of strings, not ${kindOf(keys)}`);
    return Array.from(keys, (key) => this.get(key));
  }

  setMany(entries: Iterable<readonly [string, any, any?]> | Record<string, any>, options?: any) {
    this.#open();
    const all = pairsOf(entries);
    for (const [key, value, own = options] of all) this.#core.check(key, value, own);
    return all.filter(([key, value, own = options]) => this.set(key, value, own)).length;
  }

  invalidate(pattern: any) {
    // Two that read it see the same.
    const { tier } = this.#hostStore;
    const own = tier === undefined ? pattern : copyOf(pattern);
    const count = this.#core.invalidate(own);
    tier?.touch(own);
    return count;
  }

  expire(pattern: any) {
    const { tier } = this.#hostStore;
    const own = tier === undefined ? pattern : copyOf(pattern);
    const count = this.#core.expire(own);
    tier?.touch(own);
    return count;
  }

  preview(pattern: any) {
    return this.#core.preview(pattern);
  }

  clear() {
    this.#core.clear();
    this.#hostStore.tier?.touch("");
  }

  cleanupExpired() {
    return this.#core.cleanupExpired();
  }

  /** @param options "counted": where lookups are counted by endpoint, and only there */
  getStats(options?: { endpoints?: boolean | "counted" }) {
    const endpoints: any = options === undefined ? undefined : new Fields(options, "options", ["endpoints"]).oneOf("endpoints", ([true, false, "counted"] as any));
    const stats = { ...this.#core.getStats(), resets: this.#core.resets };
    const asked = endpoints;
    const counted = this.#hostStore.observer?.endpoints;
    return asked === true || (asked === "counted" && counted !== undefined) ? { ...stats, endpoints: this.#endpoints(counted) } : stats;
  }

  /** What each endpoint holds; its lookups and what was not cached, where they are counted. */
  #endpoints(counted: Map<string, { hits: number, misses: number }> | undefined) {
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

  entries() {
    return this.#core.entries().values();
  }

  [Symbol.iterator]() {
    return this.entries();
  }

  explain(key: string) {
    return this.#core.explain(key);
  }

  forUser(userId: string | number) {
    this.#open();
    return new UserCache(this, userId);
  }

  dispose() {
    this.#fast = false;
    this.#hostStore.tier?.close();
    this.#core.dispose();
  }

  static generateCacheKey(endpoint: string, params?: any, userId?: any) {
    return generateCacheKey(endpoint, params, userId);
  }

  static getInvalidationPattern(endpoint: string, resourceType?: any, resourceId?: any) {
    return callWithRetry(() => Core.getInvalidationPattern(endpoint, resourceType, resourceId));
  }
}

/** Whether this can be a key; the core says what is wrong where it cannot. */
function mayBeKey(key: unknown) {
  return typeof key === "string" && key !== "" && key.length <= 1024 && key.isWellFormed();
}

const isIterable = (value: any) => typeof value === "object" && value !== null && typeof value[Symbol.iterator] === "function";

/** Entries as `setMany` is given them: a Map, pairs, or an object of values by key. */
function pairsOf(entries: any): (readonly [string, any, any?])[] {
  if (isIterable(entries)) {
    const all = Array.from(entries as Iterable<any>);
    const wrong = all.find((entry) => !Array.isArray(entry));
    if (wrong === undefined) return all;
    throw coded(TypeError, "ERR_OPTION", `an entry is an array of a key and a value, not ${describe(wrong)}`);
  }
  if (isPlain(entries)) return Object.entries(entries);
  throw coded(TypeError, "ERR_OPTION", `entries are an iterable of [key, value], a Map or a plain object, not ${kindOf(entries)}`);
}

const isDuration = (value: any) => (typeof value === "number" ? value >= 0 : typeof value === "string" && /^\d+(\.\d+)?(ms|s|m|h|d)$/.test(value));

const isShare = (value: any) => typeof value === "number" && value >= 0 && value <= 1;

const isFunction = (value: any) => typeof value === "function";

/** What options say that have no say in how a fresh value is served, and whether they can be used. */
const FITS: Record<string, (value: any) => boolean> = {
  // Not what every object has.
  // @ts-expect-error: the one spelling that makes an object without a prototype
  __proto__: null,
  ttl: isDuration,
  staleWhileRevalidate: isDuration,
  staleIfError: isDuration,
  softTimeout: isDuration,
  hardTimeout: (value) => isDuration(value) && Number.parseFloat(value) > 0,
  jitter: isShare,
  negativeTtl: isDuration,
  retryBackoff: isDuration,
  tags: (value) => Array.isArray(value) && value.every((tag) => typeof tag === "string" && tag !== "" && tag.isWellFormed() && !CONTROL.test(tag)),
  waitUntil: isFunction,
  singleFlight: (value) => value === "auto" || value === "process" || value === "request" || value === "off",
  execution: (value) => Object(value) === value,
  background: (value) => value === "inherit" || value === "detached" || isFunction(value),
};

/**
 * True for options that say how a value is loaded and stored, and nothing of how one that is fresh is served. What is misspelled
 * or cannot be used is none of these: the slow path says so, whether there is a value or not.
 */
function isForLoads(options: any) {
  if (options === undefined) return true;
  if (typeof options === "number") return options >= 0;
  // Getters of a class do not show here.
  if (typeof options !== "object" || options === null || options.constructor !== Object) return false;
  try {
    for (const name in options) {
      const value = options[name];
      if (value === undefined || (value === null && (name === "signal" || name === "execution"))) continue;
      if (FITS[name]?.(value) !== true) return false;
    }
    return true;
  } catch {
    // A getter threw: the slow path meets it again and rejects with what it threw.
    return false;
  }
}

// Not every supported runtime has Symbol.dispose yet; where it is missing, so is the `using` that would ask for it.
if (Symbol.dispose !== undefined) {
  Object.defineProperty(CacheService.prototype, Symbol.dispose, {
    value: CacheService.prototype.dispose,
    configurable: true,
    writable: true,
  });
}
