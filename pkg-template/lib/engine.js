/**
 * A cache's engine that survives its instance: each call goes to the compiled class, and where that breaks, to a new and
 * empty one made of the same options. Callers see a cache that has lost its entries, never the trap.
 *
 * It has the members of the compiled class, so that every room that is given a core can be given this. Numbers of loads,
 * mutations and moments carry the instance they are of: one that comes back after a replacement finds nothing.
 */

import { CacheService as Core } from "../wasm/endpoint_cache.js";
import { bypass } from "../wasm/host/plan.js";
import { during, era, giveUp, isBreakage, mend, steadily } from "./instance.js";

/** How far apart the numbers of two instances lie: more than one will ever give out. */
const SPAN = 2 ** 40;

/** What is answered where a new instance breaks at the same call again. @type {Record<string, () => any>} */
const SUBSTITUTES = {
  set: () => false,
  has: () => false,
  delete: () => false,
  invalidate: () => 0,
  expire: () => 0,
  cleanupExpired: () => 0,
  keys: () => [],
  entries: () => [],
  preview: () => [],
  isMutation: () => false,
  mutationScopes: () => [],
  openKey: () => bypass("failure"),
  openRequest: () => bypass("failure"),
  fill: () => "failure",
  settle: () => 0,
};

export class Engine {
  /** @type {any} */
  #core;
  #era = era;
  #options;
  /** @type {() => void} */
  #renewed;

  /**
   * @param {any} options
   * @param {() => void} renewed is told when all that was read from this engine is of no use any more
   */
  constructor(options, renewed) {
    // A copy: the caller's object is read once, and this is read again.
    this.#options = typeof options === "object" && options !== null && Object.getPrototypeOf(options) === Object.prototype ? { ...options } : options;
    this.#renewed = renewed;
    this.resets = 0;
    this.disposed = false;
    /** @type {any} */
    this.shelf = undefined;
    this.#build();
    // A clock is read and judged once, and time goes on when an instance breaks: the next one gets this clock as it is.
    const given = typeof options === "object" ? this.#options : options === undefined ? {} : { defaultTtl: options };
    this.#options = Object.create(given, { clock: { value: this.shelf.clock } });
  }

  #build() {
    mend();
    const core = /** @type {any} */ (steadily(() => new Core(this.#options)));
    const old = this.shelf;
    this.#core = core;
    this.#era = era;
    this.shelf = core.shelf;
    this.shelf.loads.base = this.#base;
    if (old === undefined) return;
    this.shelf.tier = old.tier;
    // The context is that of the constructor, not of the request at which the instance broke.
    this.shelf.detached = old.detached;
    old.clear();
    this.resets += 1;
    if (this.disposed) core.dispose();
    this.#renewed();
  }

  /** What to add to a number of this instance to tell it from those of others. */
  get #base() {
    return this.#era * SPAN;
  }

  /** Whether a number is of this instance. @param {number} number */
  #isOwn(number) {
    return Math.floor(number / SPAN) === this.#era;
  }

  /** @returns whether the compiled class may be called; makes a new one where the instance was replaced */
  #ready() {
    if (!mend()) return false;
    if (this.#era !== era) this.#build();
    return true;
  }

  /**
   * Calls a member of the compiled class, and once more where that broke the instance.
   *
   * @param {string} name
   * @param {(core: any) => any} call
   */
  run(name, call) {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      try {
        if (!this.#ready()) break;
        return during(call, this.#core);
      } catch (error) {
        if (!isBreakage(error)) throw error;
        // Nothing of the old instance is served from now on, even where it cannot be replaced yet.
        this.shelf.clear();
        this.#report(error);
      }
    }
    return SUBSTITUTES[name]?.();
  }

  /** Tells the listener, if there is one and a new instance to go on with. @param {unknown} error */
  #report(error) {
    try {
      if (!this.#ready()) return;
      const { observer } = this.shelf;
      observer?.broken(error);
      observer?.flush();
    } catch {
      // No memory for a new instance yet: the next call tries again.
    }
  }

  // -- the fast lane's: no user's code runs inside, and nothing is made for the call --------------------------------

  /**
   * @param {number} slot
   * @param {number} length
   * @param {number} ttl
   * @param {number} bytes
   * @param {number} now
   * @returns {number} a slot, -1 where the value was refused, or -2 where the slow lane has to look
   */
  place(slot, length, ttl, bytes, now) {
    // A slot of an instance that is gone: the slow lane begins anew.
    if (this.#era !== era) return -2;
    try {
      return this.#core.place(slot, length, ttl, bytes, now);
    } catch (error) {
      return this.#afterPlace(error);
    }
  }

  /** @param {unknown} error @returns {number} */
  #afterPlace(error) {
    if (!isBreakage(error)) throw error;
    giveUp();
    this.shelf.clear();
    this.#report(error);
    return -2;
  }

  // -- what carries numbers -----------------------------------------------------------------------------------------

  /** @param {string} name @param {(core: any) => any} open */
  #open(name, open) {
    return this.run(name, (core) => {
      const plan = open(core);
      if (plan.flight >= 0) plan.flight += this.#base;
      return plan;
    });
  }

  /** @param {any} key @param {any} options @param {number} manner */
  openKey(key, options, manner) {
    return this.#open("openKey", (core) => core.openKey(key, options, manner));
  }

  /**
   * @param {any} endpoint @param {boolean} reads @param {any} user @param {any} text
   * @param {any} params @param {any} vary @param {any} options @param {number} manner
   */
  openRequest(endpoint, reads, user, text, params, vary, options, manner) {
    return this.#open("openRequest", (core) => core.openRequest(endpoint, reads, user, text, params, vary, options, manner));
  }

  get moment() {
    return this.run("moment", (core) => core.moment + this.#base);
  }

  /** @param {number} moment @param {any[]} rest */
  fillSince(moment, ...rest) {
    return this.run("fillSince", (core) => (this.#isOwn(moment) ? core.fillSince(moment - this.#base, ...rest) : undefined));
  }

  /** @param {number} number @param {any[]} rest */
  fill(number, ...rest) {
    return this.run("fill", (core) => (this.#isOwn(number) ? core.fill(number - this.#base, ...rest) : "unknown-load"));
  }

  /** @param {number} number @param {any[]} rest */
  refuse(number, ...rest) {
    return this.run("refuse", (core) => (this.#isOwn(number) ? core.refuse(number - this.#base, ...rest) : "unknown-load"));
  }

  /** @param {number} number @param {any[]} rest @returns {number | undefined} a moment for `fillSince` */
  abandon(number, ...rest) {
    return this.run("abandon", (core) => {
      const moment = this.#isOwn(number) ? core.abandon(number - this.#base, ...rest) : undefined;
      return moment === undefined ? undefined : moment + this.#base;
    });
  }

  /** @param {number} number */
  mutationScopes(number) {
    return this.run("mutationScopes", (core) => (this.#isOwn(number) ? core.mutationScopes(number - this.#base) : []));
  }

  /** @param {number} number @param {any[]} rest @returns {number} */
  settle(number, ...rest) {
    return this.run("settle", (core) => {
      if (this.#isOwn(number)) return core.settle(number - this.#base, ...rest);
      // Begun in an instance that is gone, and what it touches was forgotten with it: all that came since may be old.
      const count = core.size;
      core.clear();
      return count;
    });
  }

  /** @returns {number} */
  get size() {
    return this.run("size", (core) => core.size) ?? 0;
  }

  dispose() {
    this.disposed = true;
    this.run("dispose", (core) => core.dispose());
  }

  /** @param {string} text @param {string} vary */
  static identify(text, vary) {
    return steadily(() => /** @type {any} */ (Core).identify(text, vary));
  }
}

// The rest is passed on as it is.
for (const name of Object.getOwnPropertyNames(Core.prototype)) {
  if (Object.hasOwn(Engine.prototype, name) || name === "free" || name.startsWith("__")) continue;
  const { value } = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(Core.prototype, name));
  if (typeof value !== "function") continue;
  Object.defineProperty(Engine.prototype, name, {
    /** @this {Engine} @param {any[]} args */
    value(...args) {
      return this.run(name, (core) => core[name](...args));
    },
  });
}
