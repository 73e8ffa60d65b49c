/**
 * A cache's engine that survives its instance: each call goes to the compiled class, and where that breaks, to a new and
 * empty one made of the same options. Callers see a cache that has lost its entries, never the trap. Where there is no
 * instance to ask, because the broken one is still on the stack, a cache counts as cleared and stores nothing.
 *
 * What a user hands over is read here, before the call, and listeners are told after it: see `isRefusal`.
 *
 * It has the members of the compiled class, so that every room that is given a core can be given this. Numbers of loads,
 * mutations and moments carry the instance they are of: one that comes back after a replacement finds nothing.
 */

import { CacheService as Core, defaultLimits, linearMemory } from "#wasm/endpoint_cache.js";
import { enter, enterKey } from "../../src/bindings/host/checks.js";
import { asRead, readOr } from "../../src/bindings/host/given.js";
import { callOptions, copyOptions, LOAD, REQUEST, serviceOptions, SET } from "../../src/bindings/host/options.js";
import { readPattern } from "../../src/bindings/host/patterns.js";
import { endpointName, readVary } from "../../src/bindings/host/request.js";
import { broken, during, era, giveUp, isRefusal, mend, steadily } from "./instance.js";
import { EVERYTHING, SUBSTITUTES } from "./substitutes.js";

/** How far apart the numbers of two instances lie: more than one will ever give out. */
const SPAN = 2 ** 40;

const isObject = (value: unknown) => typeof value === "object" && value !== null;

/** The core's own defaults. */
let limits: Float64Array | undefined;

export class Engine {
  resets: number;
  disposed: boolean;
  shelf: any;

  #core!: any;
  #era = era;
  #options!: any;
  #renewed!: () => void;

  /** @param renewed is told when all that was read from this engine is of no use any more */
  constructor(options: any, renewed: () => void) {
    this.#options = copyOptions(options);
    this.#renewed = renewed;
    this.resets = 0;
    this.disposed = false;
    this.shelf = undefined;
    this.#build();
    // A clock is read and judged once, and time goes on when an instance breaks: the next one gets this clock as it is.
    const given = typeof options === "object" ? this.#options : options === undefined ? {} : { defaultTtl: options };
    this.#options = Object.create(given, { clock: { value: this.shelf.clock } });
  }

  #build() {
    const { core, shelf } = this.#made();
    const old = this.shelf;
    this.#core = core;
    this.#era = era;
    this.shelf = shelf;
    shelf.loads.base = this.#base;
    if (old === undefined) return;
    shelf.tier = old.tier;
    // The context is that of the constructor, not of the request at which the instance broke.
    shelf.detached = old.detached;
    // Those who watch hear on, and nothing is said to them twice; what is counted by endpoint begins anew, as all counters do.
    shelf.warnings = old.warnings;
    shelf.observer = old.observer;
    old.observer?.endpoints?.clear();
    old.clear();
    this.resets += 1;
    if (this.disposed) core.dispose();
    this.#renewed();
  }

  /** A compiled object, and its shelf. */
  #made(): { core: any, shelf: any } {
    limits ??= steadily(defaultLimits);
    const memory = steadily(linearMemory);
    const before = era;
    const given = asRead(serviceOptions(this.#options, memory, limits));
    const core = steadily(() => new Core((given as any)));
    // An instance that came meanwhile has another memory.
    return era === before ? { core, shelf: given.shelf } : this.#made();
  }

  /** What to add to a number of this instance to tell it from those of others. */
  get #base() {
    return this.#era * SPAN;
  }

  /** Whether a number is of this instance. */
  #isOwn(number: number) {
    return Math.floor(number / SPAN) === this.#era;
  }

  /** @returns whether the compiled class may be called; makes a new one where the instance was replaced */
  #ready() {
    if (!mend()) return false;
    try {
      if (this.#era !== era) this.#build();
    } catch {
      // No memory for it yet: the next call tries again.
    }
    return this.#era === era && !broken;
  }

  /**
   * Calls a member of the compiled class, and once more where that broke the instance, or where a call within it did.
   *
   * @param argument for a substitute
   */
  run(name: string, call: (core: any) => any, argument?: any) {
    for (let attempt = 0; attempt < 2 && this.#ready(); attempt += 1) {
      const { observer } = this.shelf;
      let error;
      if (observer !== undefined) observer.holding += 1;
      try {
        const result = during(call, this.#core);
        if (this.#era === era) return result;
      } catch (thrown) {
        if (this.#era === era) throw thrown;
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
    if (this.#era !== era) this.shelf.clear();
    return SUBSTITUTES[name]?.(argument);
  }

  /** Forgets what an instance that broke held, and tells the listener. */
  #lose(error: unknown) {
    if (this.#era !== era) this.shelf.clear();
    if (!this.#ready()) return;
    const { observer, warnings } = this.shelf;
    warnings.once("", "failure", "the cache failed inside and started anew, empty. Please report it", error);
    observer?.broken(error);
    observer?.flush();
  }

  // -- the fast lane's: no user's code runs inside, and nothing is made for the call --------------------------------

  /** @returns a slot, -1 where the value is too large, -3 where no memory is left, or -2 where the slow lane has to look */
  place(slot: number, length: number, ttl: number, bytes: number, now: number): number {
    // A slot of an instance that is gone: the slow lane begins anew.
    if (this.#era !== era) return -2;
    try {
      return this.#core.place(slot, length, ttl, bytes, now);
    } catch (error) {
      return this.#afterPlace(error);
    }
  }

  #afterPlace(error: unknown): number {
    if (isRefusal(error)) throw error;
    giveUp();
    this.#lose(error);
    return -2;
  }

  // -- what takes objects of a user's -------------------------------------------------------------------------------

  /**
   * A call's options, read; a TTL by itself as it is.
   *
   * @param key is looked at first
   * @param call which kind of call it is
   */
  #readCall(key: any, options: any, call: number) {
    if (!isObject(options)) return options;
    enterKey(this.shelf, this.disposed, key);
    return asRead(callOptions(options, call));
  }

  set(key: any, value: any, options: any) {
    const read = value === undefined ? undefined : this.#readCall(key, options, SET);
    return this.run("set", (core) => core.set(key, value, read));
  }

  check(key: any, value: any, options: any) {
    const read = value === undefined ? undefined : this.#readCall(key, options, SET);
    return this.run("check", (core) => core.check(key, value, read));
  }

  #byPattern(name: "invalidate" | "expire" | "preview", pattern: any) {
    enter(this.shelf, this.disposed);
    const parts = asRead(readPattern(pattern));
    return this.run(name, (core) => core[name](parts));
  }

  invalidate(pattern: any) {
    return this.#byPattern("invalidate", pattern);
  }

  expire(pattern: any) {
    return this.#byPattern("expire", pattern);
  }

  preview(pattern: any) {
    return this.#byPattern("preview", pattern);
  }

  explain(key: any) {
    return this.run("explain", (core) => core.explain(key), key);
  }

  isMutation(endpoint: any) {
    const name = endpointName(endpoint);
    return this.run("isMutation", (core) => core.isMutation(name));
  }

  // -- what carries numbers -----------------------------------------------------------------------------------------

  #open(name: string, open: (core: any) => any) {
    return this.run(name, (core) => {
      const plan = open(core);
      if (plan.flight >= 0) plan.flight += this.#base;
      return plan;
    });
  }

  openKey(key: any, options: any, manner: number) {
    const read = this.#readCall(key, options, LOAD);
    return this.#open("openKey", (core) => core.openKey(key, read, manner));
  }

  openRequest(endpoint: any, reads: boolean, user: any, text: any, params: any, vary: any, options: any, manner: number) {
    const name = endpointName(endpoint);
    const call = isObject(options) ? readOr(() => callOptions(options, REQUEST)) : options;
    const varied = this.shelf.vary.length > 0 ? readOr(() => readVary(this.shelf.vary, vary)) : undefined;
    return this.#open("openRequest", (core) => core.openRequest(name, reads, user, text, params, varied, call, manner));
  }

  get moment() {
    return this.run("moment", (core) => core.moment + this.#base);
  }

  fillSince(moment: number, ...rest: any[]) {
    return this.run("fillSince", (core) => (this.#isOwn(moment) ? core.fillSince(moment - this.#base, ...rest) : undefined));
  }

  fill(number: number, ...rest: any[]) {
    return this.run("fill", (core) => (this.#isOwn(number) ? core.fill(number - this.#base, ...rest) : "unknown-load"));
  }

  refuse(number: number, ...rest: any[]) {
    return this.run("refuse", (core) => (this.#isOwn(number) ? core.refuse(number - this.#base, ...rest) : "unknown-load"));
  }

  /** @returns a moment for `fillSince` */
  abandon(number: number, ...rest: any[]): number | undefined {
    return this.run("abandon", (core) => {
      const moment = this.#isOwn(number) ? core.abandon(number - this.#base, ...rest) : undefined;
      return moment === undefined ? undefined : moment + this.#base;
    });
  }

  mutationScopes(number: number) {
    return this.run("mutationScopes", (core) => (this.#isOwn(number) ? core.mutationScopes(number - this.#base) : EVERYTHING));
  }

  /**
   * @param text of the params
   * @param wide whether it spares nothing
   */
  settle(number: number, endpoint: any, text: any, wide: boolean = false, before = 0): number {
    const name = endpointName(endpoint);
    return this.run("settle", (core) => {
      if (this.#isOwn(number)) return core.settle(number - this.#base, name, text, wide, before);
      // Begun in an instance that is gone, and what it touches was forgotten with it: all that came since may be old.
      const count = core.size;
      core.clear();
      return count;
    });
  }

  get size(): number {
    return this.run("size", (core) => core.size) ?? 0;
  }

  dispose() {
    this.disposed = true;
    this.run("dispose", (core) => core.dispose());
  }

  static identify(text: string, vary: string) {
    return steadily(() => (Core as any).identify(text, vary));
  }
}

// The rest is passed on as it is.
for (const name of Object.getOwnPropertyNames(Core.prototype)) {
  if (Object.hasOwn(Engine.prototype, name) || name === "free" || name.startsWith("__")) continue;
  const { value } = (Object.getOwnPropertyDescriptor(Core.prototype, name) as PropertyDescriptor);
  if (typeof value !== "function") continue;
  Object.defineProperty(Engine.prototype, name, {
    value(this: Engine, ...args: any[]) {
      return this.run(name, (core) => core[name](...args));
    },
  });
}
