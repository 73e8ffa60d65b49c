/**
 * Loads under way: who waits, for how long, and what becomes of what they bring.
 *
 * The engine has decided that a load is to run; this room runs it, stores its value by the engine's leave, and lets
 * callers wait. One caller's end never ends the load for others; when nobody waits any more, the load's signal aborts.
 */

import { CONTROL } from "./checks.js";
import { storedForm } from "./isolation.js";
import { ttlMs } from "./ttl.js";
import { describe } from "./values.js";

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
 * @property {Promise<Outcome>} promise
 * @property {number} waiters callers that wait
 * @property {boolean} background runs on although nobody waits
 * @property {boolean} settled
 * @property {boolean} storable
 * @property {number | undefined} ttl milliseconds, as the load itself set it
 * @property {string[]} tags
 * @property {object | undefined} execution the request that began it
 * @property {Promise<typeof TOO_LONG> | undefined} lateness when those who joined have waited long enough
 * @property {() => void} hush ends the timer behind `lateness`
 * @property {any} seen what a second tier knew when the load began
 */

/**
 * Runs a load. The handler starts before this returns.
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
 * @returns {Load}
 */
export function startLoad(core, plan, call) {
  /** @type {Load} */
  const load = {
    plan,
    controller: undefined,
    ended: undefined,
    promise: /** @type {any} */ (undefined),
    waiters: 0,
    background: false,
    settled: false,
    storable: true,
    ttl: undefined,
    tags: plan.tags,
    execution: call.execution,
    lateness: undefined,
    hush: noop,
    seen: undefined,
  };
  core.shelf.loads.set(plan.flight, load);
  load.promise = perform(core, load, call);
  load.promise.catch(noop);
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
    const raw = await call.run(load);
    return settle(core, load, call.read(raw), call);
  } catch (error) {
    guarded(() => core.abandon(plan.flight, plan.key, plan.retryBackoff, error));
    if (held === undefined) throw error;
    return { value: held.value, copied: true, reason: "not-storable", ttl: 0, from: "stale" };
  } finally {
    load.settled = true;
    load.hush();
    core.shelf.loads.delete(plan.flight);
  }
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
    outcome.reason = guarded(() => core.refuse(plan.flight, plan.key)) ?? "failure";
    if (outcome.reason === "not-storable") outcome.reason = "not-cloneable";
    const advice = "the answer has no faithful copy and is never cached: return plain data, or choose an isolation or a clone that serves it";
    core.shelf.warnings.once(plan.key.split(":", 1)[0], "not-cloneable", `${advice}: ${Object(cause).message}`);
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
    if (tier !== undefined) return tier.fill(load, outcome, call);
    const window = Math.max(plan.staleWhileRevalidate, plan.staleIfError);
    return core.fill(plan.flight, plan.key, outcome.value, outcome.ttl, load.tags, plan.jitter, window);
  };
  outcome.reason = guarded(fill, "failure");
  return outcome;
}

/**
 * The result of a call into the cache, or a substitute where the cache fails: that must not fail the request.
 *
 * @template T
 * @param {() => T} call
 * @param {T} [otherwise]
 * @returns {T | undefined}
 */
export function guarded(call, otherwise) {
  try {
    return call();
  } catch {
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
 * @param {boolean} joined true for a caller that waits for another's load
 * @returns {Promise<Outcome | typeof TOO_LONG>}
 */
export async function waitFor(core, load, signal, patience, joined) {
  load.waiters += 1;
  const endings = /** @type {(() => void)[]} */ ([]);
  try {
    if (signal === undefined && patience === Infinity && !joined) return await load.promise;
    return await Promise.race(racers(core, load, signal, patience, joined, endings));
  } finally {
    for (const end of endings) end();
    load.waiters -= 1;
    if (load.waiters === 0 && !load.settled && !load.background) giveUp(core, load);
  }
}

/**
 * What may end a caller's waiting.
 *
 * @param {any} core
 * @param {Load} load
 * @param {AbortSignal | undefined} signal
 * @param {number} patience
 * @param {boolean} joined
 * @param {(() => void)[]} endings to be called afterwards
 * @returns {Promise<any>[]}
 */
function racers(core, load, signal, patience, joined, endings) {
  const all = /** @type {Promise<any>[]} */ ([load.promise]);
  if (signal !== undefined) {
    all.push(
      new Promise((_, reject) => {
        const abort = () => reject(signal.reason);
        if (signal.aborted) abort();
        signal.addEventListener("abort", abort, { once: true });
        endings.push(() => signal.removeEventListener("abort", abort));
      }),
    );
  }
  if (patience < Infinity) {
    all.push(
      new Promise((resolve) => {
        const timer = setTimeout(resolve, Math.min(patience, 2 ** 31 - 1), TOO_LONG);
        endings.push(() => clearTimeout(timer));
      }),
    );
  }
  if (joined) all.push(lateness(load, core.shelf.settings.maxWait));
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
 * Nobody waits: what the load may still bring is not stored, and it is told to stop.
 * @param {any} core
 * @param {Load} load
 */
function giveUp(core, load) {
  const reason = new DOMException("nobody waits for this load any more", "AbortError");
  core.shelf.loads.delete(load.plan.flight);
  guarded(() => core.abandon(load.plan.flight, load.plan.key, 0, reason));
  load.ended = reason;
  load.controller?.abort(reason);
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
 * @param {((work: Promise<unknown>) => void) | undefined} waitUntil
 */
export function leaveRunning(load, waitUntil) {
  load.background = true;
  if (waitUntil !== undefined) guarded(() => waitUntil(load.promise.then(noop, noop)));
}

/** What a load sees of itself, and can say about its own value. */
export class LoadContext {
  /** @type {Load} */
  #load;

  static #signal = {
    enumerable: true,
    /** @this {LoadContext} */
    get() {
      return signalOf(this.#load);
    },
  };

  /** @param {Load} load */
  constructor(load) {
    this.#load = load;
    // A member of its own, as the others are, so that a copy has it too.
    Object.defineProperty(this, "signal", LoadContext.#signal);
    this.setTtl = (/** @type {any} */ ttl) => {
      load.ttl = ttlMs(ttl);
    };
    this.addTags = (/** @type {string[]} */ ...tags) => {
      for (const tag of tags) {
        if (typeof tag !== "string" || tag === "" || !tag.isWellFormed() || CONTROL.test(tag)) throw tagError(tag);
      }
      load.tags = [...load.tags, ...tags];
    };
    this.noStore = () => {
      load.storable = false;
    };
  }
}

/** @param {unknown} tag */
function tagError(tag) {
  const sentence = `a tag is a non-empty string without control characters, not ${describe(tag)}`;
  return Object.assign(new TypeError(sentence), { code: "ERR_OPTION" });
}
