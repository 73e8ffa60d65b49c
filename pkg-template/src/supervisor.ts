/**
 * A cache's engine that survives its instance: each call goes to the compiled class, and where that breaks, to a new and
 * empty one made of the same options. Callers see a cache that has lost its entries, never the trap. Where there is no
 * instance to ask, because the broken one is still on the stack, a cache counts as cleared and stores nothing.
 *
 * What a user hands over is read here, before the call, and listeners are told after it: see `isRefusal`.
 *
 * It has the members of the compiled class, so that every module that is given a core can be given this. Numbers of loads,
 * mutations and moments carry the instance they are of: one that comes back after a replacement finds nothing.
 */

import { CacheService as Compiled, linearMemory } from "#wasm/endpoint_cache.js";
import { enter } from "../../src/bindings/host/validate.js";
import { COUNT, LOAD, REFUSALS } from "../../src/bindings/host/contract.js";
import { type Core, FAILED } from "../../src/bindings/host/core.js";
import { asRead } from "../../src/bindings/host/read-once.js";
import { copyOptions, serviceOptions } from "../../src/bindings/host/options.js";
import { readPattern } from "../../src/bindings/host/patterns.js";
import { readSet } from "../../src/bindings/host/set-value.js";
import type { HostStore } from "../../src/bindings/host/host-store.js";
import { broken, callModule, generation, giveUp, isRefusal, recover, callWithRetry } from "./instance.js";
import { EVERYTHING, SUBSTITUTES } from "./substitutes.js";
import type { CacheOptions, CacheStats, EndpointStats, Explanation } from "./types/index.js";

/** How far apart the numbers of two instances lie: more than one will ever give out. */
const SPAN = 2 ** 40;

const UNKNOWN_LOAD = -1 - REFUSALS.indexOf("unknown-load");

/** The compiled class, with the members that its own types leave out. */
type Module = Compiled & {
  maintain(most: number): void;
  endpointSizes(): Record<string, EndpointStats>;
};

export class Engine implements Core {
  resets: number;
  disposed: boolean;
  hostStore!: HostStore;

  #core!: Module;
  #generation = generation;
  #options: number | CacheOptions | undefined;
  #renewed: () => void;

  /** @param renewed is told when all that was read from this engine is of no use any more */
  constructor(options: number | CacheOptions | undefined, renewed: () => void) {
    this.#options = copyOptions(options);
    this.#renewed = renewed;
    this.resets = 0;
    this.disposed = false;
    this.#build();
    // A clock is read and judged once, and time goes on when an instance breaks: the next one gets this clock as it is.
    const given = typeof options === "object" ? this.#options : options === undefined ? {} : { defaultTtl: options };
    this.#options = Object.create(given as object, { clock: { value: this.hostStore.clock } });
  }

  #build() {
    const { core, hostStore } = this.#made();
    const old = this.hostStore as HostStore | undefined;
    this.#core = core;
    this.#generation = generation;
    this.hostStore = hostStore;
    hostStore.loads.base = this.#base;
    if (old === undefined) return;
    hostStore.tier = old.tier;
    // The context is that of the constructor, not of the request at which the instance broke.
    hostStore.detached = old.detached;
    // Those who watch hear on, and nothing is said to them twice; what is counted by endpoint begins anew, as all counters do.
    hostStore.warnings = old.warnings;
    hostStore.observer = old.observer;
    old.observer?.endpoints?.clear();
    old.clear();
    this.resets += 1;
    if (this.disposed) core.dispose();
    hostStore.disposed = this.disposed;
    this.#renewed();
  }

  /** A compiled object, and its hostStore. */
  #made(): { core: Module; hostStore: HostStore } {
    const memory = callWithRetry(linearMemory) as WebAssembly.Memory;
    const before = generation;
    const given = asRead(serviceOptions(this.#options, memory));
    const core = callWithRetry(() => new Compiled(given) as Module);
    // An instance that came meanwhile has another memory.
    return generation === before ? { core, hostStore: given.hostStore } : this.#made();
  }

  /** What to add to a number of this instance to tell it from those of others. */
  get #base() {
    return this.#generation * SPAN;
  }

  /** Whether a number is of this instance. */
  #isOwn(number: number) {
    return Math.floor(number / SPAN) === this.#generation;
  }

  /** @returns whether the compiled class may be called; makes a new one where the instance was replaced */
  #ready() {
    if (!recover()) return false;
    try {
      if (this.#generation !== generation) this.#build();
    } catch {
      // No memory for it yet: the next call tries again.
    }
    return this.#generation === generation && !broken;
  }

  /** Runs some calls into the engine, and once more where one of them broke the instance; see `Core.attempt`. */
  attempt<T>(work: () => T, otherwise: () => T): T {
    for (let attempts = 0; attempts < 2 && this.#ready(); attempts += 1) {
      const { observer } = this.hostStore;
      let error: unknown;
      if (observer !== undefined) observer.holding += 1;
      try {
        const result = work();
        if (this.#generation === generation) return result;
      } catch (thrown) {
        if (this.#generation === generation) throw thrown;
        error = thrown;
      } finally {
        if (observer !== undefined) {
          observer.holding -= 1;
          observer.flush();
        }
      }
      this.#lose(error);
    }
    // Whatever was asked for: what was held before is not served any more.
    if (this.#generation !== generation) this.hostStore.clear();
    return otherwise();
  }

  /** Calls a member of the compiled class; its substitute answers where there is none to call. */
  run<T>(name: string, call: (core: Module) => T, argument = ""): T {
    return this.attempt(
      () => callModule(call, this.#core),
      () => SUBSTITUTES[name]?.(argument) as T,
    );
  }

  /** Forgets what an instance that broke held, and tells the listener. */
  #lose(error: unknown) {
    if (this.#generation !== generation) this.hostStore.clear();
    if (!this.#ready()) return;
    const { observer, warnings } = this.hostStore;
    warnings.once("", "failure", "the cache failed inside and started anew, empty. Please report it", error);
    observer?.broken(error);
    observer?.flush();
  }

  // -- calls that carry numbers: `core.ts` says what each does ------------------------------------------------------

  /** One call within `attempt`. */
  #call<T>(call: (core: Module) => T): T {
    // What was written for this call lies in the memory of an instance that is gone.
    if (this.#generation !== generation) throw new Error("the instance was replaced");
    return callModule(call, this.#core);
  }

  profile(length: number) {
    return this.#call((core) => core.profile(length));
  }

  resourceTag(length: number) {
    return this.#call((core) => core.resourceTag(length));
  }

  requestKey(length: number, hasUser: boolean) {
    return this.#call((core) => core.requestKey(length, hasUser));
  }

  identify(length: number) {
    return this.#call((core) => core.identify(length));
  }

  begin(slot: number, key: number, tags: number, now: number, swr: number, sie: number, eager: number, backoff: number, flags: number) {
    const decision = this.#call((core) => core.begin(slot, key, tags, now, swr, sie, eager, backoff, flags));
    const { answer } = this.hostStore;
    const load = answer[LOAD] ?? -1;
    if (load >= 0) answer[LOAD] = load + this.#base;
    return decision;
  }

  callOff(load: number) {
    this.#call((core) => core.callOff(load - this.#base));
  }

  fill(load: number, tags: number, ttl: number, window: number, bytes: number, jitter: number, now: number) {
    if (!this.#isOwn(load)) return UNKNOWN_LOAD;
    return this.#call((core) => core.fill(load - this.#base, tags, ttl, window, bytes, jitter, now));
  }

  fillSince(
    moment: number,
    slot: number,
    key: number,
    tags: number,
    ttl: number,
    window: number,
    bytes: number,
    jitter: number,
    hasDigest: boolean,
    now: number,
  ) {
    if (!this.#isOwn(moment)) return UNKNOWN_LOAD;
    return this.#call((core) => core.fillSince(moment - this.#base, slot, key, tags, ttl, window, bytes, jitter, hasDigest, now));
  }

  abandon(load: number, retryBackoff: number, now: number) {
    if (!this.#isOwn(load)) {
      this.hostStore.answer[COUNT] = 0;
      return -1;
    }
    const moment = this.#call((core) => core.abandon(load - this.#base, retryBackoff, now));
    return moment < 0 ? moment : moment + this.#base;
  }

  refuse(load: number, reason: number, now: number) {
    if (load >= 0 && !this.#isOwn(load)) return UNKNOWN_LOAD;
    return this.#call((core) => core.refuse(load < 0 ? load : load - this.#base, reason, now));
  }

  /** The fast path's: no user's code runs inside, and nothing is made for the call. `FAILED` sends it the other way. */
  place(slot: number, key: number, ttl: number, bytes: number, now: number): number {
    if (this.#generation !== generation) return FAILED;
    try {
      return this.#core.place(slot, key, ttl, bytes, now);
    } catch (error) {
      if (isRefusal(error)) throw error;
      giveUp();
      this.#lose(error);
      return FAILED;
    }
  }

  takeBack(slot: number) {
    this.#call((core) => core.takeBack(slot));
  }

  get moment(): number {
    return this.run("moment", (core) => core.moment + this.#base);
  }

  countBypass() {
    this.#call((core) => core.countBypass());
  }

  beginMutation(endpoint: number, tag: number, now: number) {
    return this.#call((core) => core.beginMutation(endpoint, tag, now)) + this.#base;
  }

  settle(mutation: number, endpoint: number, tag: number, wide: boolean, now: number): number {
    return this.#call((core) => {
      if (this.#isOwn(mutation)) return core.settle(mutation - this.#base, endpoint, tag, wide, now);
      // Begun in an instance that is gone, and what it touches was forgotten with it: all that came since may be old.
      const count = core.size;
      core.clear();
      return count;
    });
  }

  beginScopes(scopes: object[], now: number) {
    return this.#call((core) => core.beginScopes(scopes, now)) + this.#base;
  }

  settleScopes(mutation: number, scopes: object[], now: number): number {
    return this.#call((core) => {
      if (this.#isOwn(mutation)) return core.settleScopes(mutation - this.#base, scopes, now);
      const count = core.size;
      core.clear();
      return count;
    });
  }

  delete(key: string): boolean {
    return this.run("delete", (core) => core.delete(key));
  }

  mutationScopes(mutation: number): string[] {
    return this.run("mutationScopes", (core) => (this.#isOwn(mutation) ? core.mutationScopes(mutation - this.#base) : EVERYTHING));
  }

  // -- what takes objects of a user's -------------------------------------------------------------------------------

  set(key: string, value: unknown, options: unknown): boolean {
    const read = asRead(readSet(this.hostStore, key, value, options));
    return this.run("set", (core) => core.set(key, value, read));
  }

  check(key: unknown, value: unknown, options: unknown) {
    readSet(this.hostStore, key, value, options);
  }

  #byPattern<T>(name: "invalidate" | "expire" | "preview", pattern: unknown): T {
    enter(this.hostStore);
    const parts = asRead(readPattern(pattern));
    return this.run(name, (core) => core[name](parts) as T);
  }

  invalidate(pattern: unknown): number {
    return this.#byPattern("invalidate", pattern);
  }

  expire(pattern: unknown): number {
    return this.#byPattern("expire", pattern);
  }

  preview(pattern: unknown): string[] {
    return this.#byPattern("preview", pattern);
  }

  explain(key: string): Explanation {
    return this.run("explain", (core) => core.explain(key) as Explanation, key);
  }

  get size(): number {
    return this.run("size", (core) => core.size) ?? 0;
  }

  // -- what is passed on as it is ------------------------------------------------------------------------------------

  get(key: string): unknown {
    return this.run("get", (core) => core.get(key));
  }

  peek(key: string): unknown {
    return this.run("peek", (core) => core.peek(key));
  }

  has(key: string) {
    return this.run("has", (core) => core.has(key));
  }

  clear() {
    this.run("clear", (core) => core.clear());
  }

  maintain(most: number) {
    this.run("maintain", (core) => core.maintain(most));
  }

  cleanupExpired() {
    return this.run("cleanupExpired", (core) => core.cleanupExpired());
  }

  keys() {
    return this.run("keys", (core) => core.keys());
  }

  entries() {
    return this.run("entries", (core) => core.entries());
  }

  /** All but `resets`, which are counted here. */
  getStats() {
    return this.run("getStats", (core) => core.getStats() as Omit<CacheStats, "resets">);
  }

  endpointSizes() {
    return this.run("endpointSizes", (core) => core.endpointSizes());
  }

  dispose() {
    this.disposed = true;
    this.run("dispose", (core) => core.dispose());
    this.hostStore.disposed = true;
  }
}
