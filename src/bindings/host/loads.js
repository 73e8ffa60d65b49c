/**
 * Loads under way: who waits, for how long, and what becomes of what they bring.
 *
 * The engine has decided that a load is to run; this room runs it, stores its value by the engine's leave, and lets
 * callers wait. One caller's end never ends the load for others; when nobody waits any more, the load's signal aborts.
 */

import { CONTROL, MAX_NAME } from "./checks.js";
import { beginInside, insideOf, runBy, runInside } from "./contexts.js";
import { storedForm } from "./isolation.js";
import { endpointOf } from "./reasons.js";
import { onAbort } from "./signals.js";
import { joined } from "./tags.js";
import { lifetimeMs } from "./ttl.js";
import { close } from "./underway.js";
import { describe } from "./values.js";
import { inWorker, keeperOf } from "./workers.js";

const noop = () => {};

/** What `waitFor` comes back with when a caller has waited as long as it may. */
export const TOO_LONG = Symbol("waited too long");

/**
 * @typedef {object} Outcome
 * @property {any} value as it is stored; each who waits is given what `copyFor` makes of it
 * @property {boolean} copied false when `value` is the load's own object, which only its first caller may have
 * @property {string | undefined} reason why it was not stored
 * @property {number} ttl milliseconds that it lives, where it was stored
 * @property {"hit" | "stale" | undefined} from what a second tier had, where the value comes from there
 */

/**
 * @typedef {object} Load
 * @property {import("./plan.js").Plan} plan
 * @property {AbortController | undefined} controller of the load's signal, once somebody has asked for it: see `signalOf`
 * @property {unknown} ended why it is no longer wanted; undefined while it is
 * @property {Promise<Outcome>} promise not there yet while the handler's synchronous part runs
 * @property {number} waiters callers that wait
 * @property {boolean} background runs on although nobody waits
 * @property {boolean} lasts false for one whose handler has answered at once: nobody needs to keep it alive
 * @property {boolean} settled
 * @property {boolean} storable
 * @property {number | undefined} ttl milliseconds, as the load itself set it; 0 where it has no lifetime
 * @property {string[]} tags
 * @property {object | undefined} execution the request that began it
 * @property {number} began milliseconds of the engine's time
 * @property {number} beganAt what the clock read then
 * @property {import("./contexts.js").Inside | undefined} inside how what its handler calls is known; undefined once it is over
 * @property {number | undefined} late the moment against which a value is stored that comes after everybody's `hardTimeout`
 * @property {Map<object, Load> | undefined} apart loads of the same by other executions, where these may not wait for this one
 * @property {Promise<typeof TOO_LONG> | undefined} lateness when those who joined have waited long enough
 * @property {() => void} hush ends the timer behind `lateness`
 * @property {any} seen what a second tier knew when the load began
 */

/** Said of a load that failed and whose caller was served all the same. */
const FAILED_BEHIND =
  "a load failed behind a value that is served on; the next one waits for retryBackoff. In the background a handler runs in the " +
  "async context of the request that began it: where it finds that ended, set the option background to detached";

/**
 * Runs a load. The handler starts before this returns, unless there is a second tier to be asked first.
 *
 * @param {any} core
 * @param {import("./plan.js").Plan} plan with the number of the flight
 * @param {object} call
 * @param {(load: Load) => any} call.run
 * @param {(raw: any) => { value: any, data: any, storable: boolean }} call.read what the handler returned
 * @param {import("./isolation.js").Isolation} call.isolation
 * @param {object | undefined} call.execution
 * @param {((work: Promise<unknown>) => void) | undefined} call.waitUntil
 * @param {(() => string | undefined) | undefined} call.identify
 * @param {((run: () => unknown) => unknown) | undefined} call.background where a load in the background runs
 * @param {boolean} [background] whether it runs on although nobody waits
 * @param {Load} [beside] the load under way that this execution may not wait for: then the engine knows nothing of this one
 * @returns {Load}
 */
export function startLoad(core, plan, call, background = false, beside = undefined) {
  const { shelf } = core;
  /** @type {Load} */
  const load = {
    plan: beside === undefined ? plan : { ...plan, flight: -1 },
    controller: undefined,
    ended: undefined,
    promise: /** @type {any} */ (undefined),
    waiters: 0,
    background,
    lasts: shelf.tier !== undefined,
    settled: false,
    storable: true,
    ttl: undefined,
    tags: plan.tags,
    execution: call.execution,
    began: shelf.clock.time,
    beganAt: shelf.wall(),
    inside: beginInside(),
    late: undefined,
    apart: undefined,
    lateness: undefined,
    hush: noop,
    seen: undefined,
  };
  if (beside === undefined) shelf.loads.add(load, load.began - shelf.settings.maxWait);
  else (beside.apart ??= new Map()).set(call.execution ?? load, load);
  load.promise = perform(core, load, call);
  load.promise.catch(noop);
  if (beside !== undefined) {
    const forget = () => void beside.apart?.delete(call.execution ?? load);
    load.promise.then(forget, forget);
  }
  // A request that ends takes its work with it, where the host says what is to be kept: other callers may wait for it.
  if (load.lasts || background) keep(load, keeperOf(call));
  return load;
}

/**
 * @param {any} core
 * @param {Load} load
 * @param {any} call
 * @returns {Promise<Outcome>}
 */
async function perform(core, load, call) {
  const { plan } = load;
  const { tier } = core.shelf;
  let held;
  try {
    if (tier !== undefined) {
      held = await tier.read(load, call);
      if (held?.serve === true) return settle(core, load, held, call);
      if (load.ended !== undefined) throw load.ended;
    }
    const running = handle(load, call);
    load.lasts = typeof running?.then === "function";
    const raw = await running;
    const brought = call.read(raw);
    if (load.background && !brought.storable) warnBehind(core, plan.key, raw?.error);
    return settle(core, load, brought, call);
  } catch (error) {
    if (load.ended === undefined) guarded(() => core.abandon(plan.flight, plan.key, plan.retryBackoff, error));
    if (load.background && load.ended === undefined) warnBehind(core, plan.key, error);
    if (held === undefined) throw error;
    return { value: held.value, copied: true, reason: "not-storable", ttl: 0, from: "stale" };
  } finally {
    load.settled = true;
    load.hush();
    core.shelf.loads.over(plan.flight);
    close(load);
  }
}

/**
 * A load failed that nobody hears of, because something stale is served.
 *
 * @param {any} core
 * @param {string} key
 * @param {unknown} error
 */
export function warnBehind(core, key, error) {
  core.shelf.warnings.once(endpointOf(key), "refresh-failed", FAILED_BEHIND, error);
}

/**
 * Runs a load's handler, where it belongs.
 *
 * @param {Load} load
 * @param {any} call
 */
export function handle(load, call) {
  const run = () => runInside(load.inside, () => call.run(load));
  return load.background && call.background !== undefined ? runBy(call.background, run) : run();
}

/**
 * Stores what a load brought, if the engine lets it. Nothing here may fail the load.
 *
 * @param {any} core
 * @param {Load} load
 * @param {{ value: any, data: any, storable: boolean, ttl?: number, from?: Outcome["from"] }} brought
 * @param {any} call
 * @returns {Outcome}
 */
function settle(core, load, { value, data, storable, ttl, from }, call) {
  const { plan } = load;
  /** @type {Outcome} */
  const outcome = { value, copied: true, reason: undefined, ttl: 0, from };
  try {
    outcome.value = storedForm(value, call.isolation, core.shelf.settings.clone);
  } catch (cause) {
    outcome.copied = false;
    // An answer that is not to be stored in any case needs no copy either.
    const reason = storable && load.storable ? "not-cloneable" : "not-storable";
    if (reason === "not-cloneable") core.shelf.reasons.warn(plan.key, reason, cause);
    outcome.reason = guarded(() => core.refuse(plan.flight, plan.key, reason)) ?? "failure";
    return outcome;
  }
  if (!storable || !load.storable) {
    outcome.reason = guarded(() => core.refuse(plan.flight, plan.key)) ?? "failure";
    return outcome;
  }
  const negative = data === null && plan.negativeTtl >= 0 ? plan.negativeTtl : plan.ttl;
  outcome.ttl = ttl ?? load.ttl ?? negative;
  const { tier } = core.shelf;
  const fill = () => {
    if (!(outcome.ttl > 0)) return core.refuse(plan.flight, plan.key, "no-lifetime");
    if (tier !== undefined) return tier.fill(load, outcome, call);
    const window = Math.max(plan.staleWhileRevalidate, plan.staleIfError);
    return store(core, load, outcome.value, outcome.ttl, window, call);
  };
  outcome.reason = guarded(fill, "failure", (error) => notFilled(core, plan, error));
  return outcome;
}

/**
 * Stores a load's value: against the load, or, where its place was given away, against the moment at which it began.
 *
 * @param {any} core
 * @param {Load} load
 * @param {any} value
 * @param {number} ttl milliseconds
 * @param {number} window milliseconds past its time in which it is of use
 * @param {any} call
 * @returns {string | undefined} why it was not stored
 */
export function store(core, { plan, late, tags }, value, ttl, window, call) {
  if (late === undefined) return core.fill(plan.flight, plan.key, value, ttl, tags, plan.jitter, window);
  const [text, vary] = call.texts?.() ?? [];
  return core.fillSince(late, plan.key, value, ttl, tags, plan.jitter, window, text, vary);
}

/**
 * The cache failed at storing what a load brought: the load ends all the same, and it is said.
 *
 * @param {any} core
 * @param {import("./plan.js").Plan} plan
 * @param {any} error
 */
function notFilled(core, plan, error) {
  if (error?.code === "ERR_DISPOSED") return;
  guarded(() => core.abandon(plan.flight, plan.key, plan.retryBackoff, error));
  core.shelf.reasons.refused(plan.key, "failure", error);
}

/**
 * The result of a call into the cache, or a substitute where the cache fails: that must not fail the request.
 *
 * @template T
 * @param {() => T} call
 * @param {T} [otherwise]
 * @param {(error: unknown) => void} [caught] is given what was thrown
 * @returns {T | undefined}
 */
export function guarded(call, otherwise, caught) {
  try {
    return call();
  } catch (error) {
    caught?.(error);
    return otherwise;
  }
}

/**
 * Waits for a load as long as this caller may: until it settles, the caller's signal aborts, or a time is over.
 *
 * @param {any} core
 * @param {Load} load
 * @param {AbortSignal | undefined} signal
 * @param {number} patience milliseconds after which `TOO_LONG` is returned; infinite where there is no limit
 * @param {number} wait milliseconds for which a caller waits for another's load; infinite where it is its own
 * @returns {Promise<Outcome | typeof TOO_LONG>}
 */
export async function waitFor(core, load, signal, patience, wait) {
  load.waiters += 1;
  const endings = /** @type {(() => void)[]} */ ([]);
  note(load, endings);
  let late = false;
  try {
    if (signal === undefined && patience === Infinity && wait === Infinity) return await load.promise;
    const outcome = await Promise.race(racers(load, signal, patience, wait, endings));
    late = outcome === TOO_LONG;
    return outcome;
  } finally {
    for (const end of endings) end();
    load.waiters -= 1;
    if (load.waiters === 0 && !load.settled && !load.background) giveUp(core, load, late);
  }
}

/**
 * Notes down that the load whose handler is calling waits for this one: see `waitsForItself`.
 *
 * @param {Load} load
 * @param {(() => void)[]} endings
 */
function note({ inside }, endings) {
  const caller = insideOf();
  if (caller === undefined || inside === undefined) return;
  const all = (caller.awaits ??= new Set());
  all.add(inside);
  endings.push(() => all.delete(inside));
}

/**
 * What may end a caller's waiting.
 *
 * @param {Load} load
 * @param {AbortSignal | undefined} signal
 * @param {number} patience
 * @param {number} wait
 * @param {(() => void)[]} endings to be called afterwards
 * @returns {Promise<any>[]}
 */
function racers(load, signal, patience, wait, endings) {
  const all = /** @type {Promise<any>[]} */ ([load.promise]);
  if (signal !== undefined) {
    all.push(
      new Promise((_, reject) => {
        if (signal.aborted) reject(signal.reason);
        else endings.push(onAbort(signal, () => reject(signal.reason)));
      }),
    );
  }
  // In workerd a timer ends with the request that set it: there each has its own.
  const own = inWorker() ? Math.min(patience, wait) : patience;
  if (own < Infinity) {
    all.push(
      new Promise((resolve) => {
        const timer = setTimeout(resolve, Math.min(own, 2 ** 31 - 1), TOO_LONG);
        endings.push(() => clearTimeout(timer));
      }),
    );
  }
  if (own > wait) all.push(lateness(load, wait));
  return all;
}

/**
 * One timer for all that joined a load.
 * @param {Load} load
 * @param {number} wait milliseconds
 * @returns {Promise<typeof TOO_LONG>}
 */
function lateness(load, wait) {
  load.lateness ??= new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.min(wait, 2 ** 31 - 1), TOO_LONG);
    load.hush = () => clearTimeout(timer);
    // A bound on waiting must not keep a process alive by itself.
    /** @type {any} */ (timer).unref?.();
  });
  return load.lateness;
}

/**
 * Nobody waits: the load is told to stop, and its place is free. What it may still bring is not stored, unless those who
 * waited for it just had no more time.
 *
 * @param {any} core
 * @param {Load} load
 * @param {boolean} late
 */
function giveUp(core, load, late) {
  const reason = new DOMException("nobody waits for this load any more", "AbortError");
  const { flight, key } = load.plan;
  core.shelf.loads.over(flight);
  const moment = guarded(() => core.abandon(flight, key, 0, reason));
  if (late) load.late = moment;
  load.ended = reason;
  // A listener may throw, and so does the host where the handler belongs to another request.
  guarded(() => load.controller?.abort(reason));
}

/**
 * The signal that tells a load to stop. Made when it is first asked for: an AbortController costs as much as all else that
 * is made for a load, and most handlers never look.
 *
 * @param {Load} load
 */
function signalOf(load) {
  if (load.controller === undefined) {
    load.controller = new AbortController();
    if (load.ended !== undefined) load.controller.abort(load.ended);
  }
  return load.controller.signal;
}

/**
 * Lets a load run on though nobody waits for it.
 *
 * @param {Load} load
 * @param {((work: Promise<unknown>) => void) | undefined} keeper
 */
export function leaveRunning(load, keeper) {
  load.background = true;
  keep(load, keeper);
}

/**
 * Asks the host to keep a load alive.
 *
 * @param {Load} load
 * @param {((work: Promise<unknown>) => void) | undefined} keeper
 * @returns {boolean} whether it does
 */
function keep(load, keeper) {
  if (keeper === undefined) return false;
  const asked = () => {
    keeper(load.promise.then(noop, noop));
    return true;
  };
  return guarded(asked, false) === true;
}

/** What a load sees of itself, and can say about its own value. */
export class LoadContext {
  /** @type {Load} */
  #load;
  /** @type {(held: any) => unknown} */
  #stale;

  static #signal = {
    enumerable: true,
    /** @this {LoadContext} */
    get() {
      return signalOf(this.#load);
    },
  };

  /**
   * @param {any} core
   * @param {Load} load
   * @param {(held: any) => unknown} stale what the handler is to see of a value past its time
   */
  constructor(core, load, stale) {
    this.#load = load;
    this.#stale = stale;
    // A member of its own, as the others are, so that a copy has it too.
    Object.defineProperty(this, "signal", LoadContext.#signal);
    this.setTtl = (/** @type {any} */ ttl) => {
      load.ttl = lifetimeMs(ttl);
      if (!Number.isNaN(load.ttl)) return;
      const sentence = `an answer's lifetime is a number of seconds or a string such as "90s", not ${describe(ttl)}: it is not stored`;
      core.shelf.warnings.once(endpointOf(load.plan.key), "no-lifetime", sentence);
    };
    this.addTags = (/** @type {string[]} */ ...tags) => {
      for (const tag of tags) {
        if (typeof tag !== "string" || tag === "" || tag.length > MAX_NAME) throw tagError(tag);
        if (!tag.isWellFormed() || CONTROL.test(tag)) throw tagError(tag);
      }
      load.tags = joined(load.tags, tags);
    };
    this.noStore = () => {
      load.storable = false;
    };
  }

  // Not made for each load, as few handlers look. (A copy does not have them.)

  get key() {
    return this.#load.plan.key;
  }

  /** When it began, in milliseconds by the cache's clock. */
  get began() {
    return this.#load.beganAt;
  }

  /** The value that it is to replace, if there is one. */
  get stale() {
    const { held } = this.#load.plan;
    return held === undefined ? undefined : this.#stale(held);
  }
}

/** @param {unknown} tag */
function tagError(tag) {
  const sentence = `a tag is a non-empty string of ${MAX_NAME} characters at most without control characters, not ${describe(tag)}`;
  return Object.assign(new TypeError(sentence), { code: "ERR_OPTION" });
}
