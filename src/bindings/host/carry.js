/**
 * Carrying out a plan for a read: a value that is there, a load of one's own or another's, a stale value that stands in, or
 * the handler past the cache.
 */

import { awaits, insideOf } from "./contexts.js";
import { copyFor } from "./isolation.js";
import { guarded, leaveRunning, startLoad, TOO_LONG, waitFor, warnBehind } from "./loads.js";
import { reasonOf } from "./reasons.js";
import { HASTE, inWorker, keeperOf } from "./workers.js";

/** @typedef {import("./plan.js").Plan} Plan */
/** @typedef {import("./loads.js").Load} Load */

/**
 * How one call is answered, in the terms of its kind of call.
 *
 * @typedef {object} Call
 * @property {(load: Load) => any} run the handler, for a value that others may get
 * @property {() => any} alone the handler, past the cache
 * @property {(raw: any) => { value: any, data: any, storable: boolean }} read
 * @property {import("./isolation.js").Isolation} isolation how callers are kept apart
 * @property {AbortSignal | undefined} signal
 * @property {((work: Promise<unknown>) => void) | undefined} waitUntil
 * @property {object | undefined} execution
 * @property {boolean} hasty true where a load of another execution may have died unnoticed
 * @property {boolean} apart true where only loads of the same execution may be waited for
 * @property {unknown} about the endpoint of a request; the key of a load
 * @property {boolean} byKey true for the latter
 * @property {(() => string | undefined) | undefined} identify the whole digest of the request, for a second tier
 * @property {(() => string[]) | undefined} texts what that is made from: the texts of its params and of the values in its key
 * @property {((run: () => unknown) => unknown) | undefined} background where a load in the background runs
 * @property {() => Plan} replan plans the call once more
 */

/**
 * What a call came to.
 *
 * @typedef {object} Answer
 * @property {"hit" | "miss" | "stale" | "joined" | "bypass" | "mutation"} cache
 * @property {any} value
 * @property {string | undefined} reason
 * @property {number} slot of the entry, or -1
 * @property {number} ttl milliseconds that a value stored just now lives; 0 where it was not
 * @property {Plan["times"]} times of an entry that was there
 */

/**
 * @param {Answer["cache"]} cache
 * @param {any} value
 * @param {string | undefined} reason
 * @param {number} slot
 * @param {number} ttl
 * @param {Plan["times"]} [times]
 * @returns {Answer}
 */
export const answer = (cache, value, reason, slot, ttl, times) => ({ cache, value, reason, slot, ttl, times });

/**
 * Carries out a plan for a read.
 *
 * @param {any} core
 * @param {Plan} plan
 * @param {Call} call
 * @returns {Answer | Promise<Answer>}
 */
export function carryOut(core, plan, call) {
  const { held } = plan;
  switch (plan.kind) {
    case "hit":
    case "stale":
      if (plan.flight >= 0) {
        const load = startLoad(core, plan, call, true);
        // Where it would end with this request, the request waits for it.
        if (load.lasts && inWorker() && keeperOf(call) === undefined) return waitOrStandIn(core, plan, load, call, held, "miss");
      }
      return give(core, plan, call) ?? runAlone(core, call, "not-cloneable");
    case "miss": {
      // A load that a stale value may stand in for goes on when its caller is served.
      const background = held !== undefined && Math.min(plan.softTimeout, plan.hardTimeout) < Infinity;
      return waitOrStandIn(core, plan, startLoad(core, plan, call, background), call, held, "miss");
    }
    case "join": {
      const load = core.shelf.loads.get(plan.flight);
      if (load === undefined || waitsForItself(load)) return runAlone(core, call, "not-joinable");
      if (call.apart && load.execution !== call.execution) return joinApart(core, plan, load, call);
      return waitOrStandIn(core, plan, load, call, held, "joined");
    }
    default:
      return runAlone(core, call, plan.cause, plan.error);
  }
}

/**
 * The answer that an entry gives a caller; undefined where the user's own code cannot copy what is stored.
 *
 * @param {any} core
 * @param {Plan} plan of a hit, or with a stale value
 * @param {Call} call
 * @param {Answer["cache"]} [as]
 * @returns {Answer | undefined}
 */
function give({ shelf }, plan, call, as = /** @type {Answer["cache"]} */ (plan.kind)) {
  let value;
  try {
    value = copyFor(plan.held, call.isolation, shelf.settings.clone);
  } catch {
    return undefined;
  }
  return answer(as, value, undefined, plan.slot, 0, plan.times);
}

/**
 * Whether a caller would wait for a load that waits for the caller: in the synchronous part of that load's handler, or, where
 * the host tells, inside of it or of one that it waits for.
 *
 * @param {Load} load
 */
function waitsForItself({ promise, inside }) {
  if (promise === undefined) return true;
  const caller = insideOf();
  return caller !== undefined && inside !== undefined && awaits(inside, caller);
}

/**
 * Calls of one execution share a load among them where they may not wait for that of another.
 *
 * @param {any} core
 * @param {Plan} plan
 * @param {Load} load another execution's
 * @param {Call} call
 * @returns {Promise<Answer>}
 */
function joinApart(core, plan, load, call) {
  const own = load.apart?.get(/** @type {object} */ (call.execution));
  if (own === undefined) return waitOrStandIn(core, plan, startLoad(core, plan, call, false, load), call, plan.held, "bypass");
  return waitsForItself(own) ? runAlone(core, call, "not-joinable") : waitOrStandIn(core, plan, own, call, plan.held, "joined");
}

/**
 * Runs the handler past the cache.
 *
 * @param {any} core
 * @param {Call} call
 * @param {string} cause
 * @param {unknown} [error] that is behind it
 */
async function runAlone(core, call, cause, error) {
  core.shelf.reasons.bypassed(call.about, cause, error, call.byKey);
  const { value } = call.read(await call.alone());
  return answer("bypass", value, reasonOf(cause), -1, 0);
}

/**
 * Waits for a load; a stale value stands in where it fails or takes too long.
 *
 * @param {any} core
 * @param {Plan} plan
 * @param {Load} load
 * @param {Call} call
 * @param {any} held the stale value, or undefined
 * @param {"miss" | "joined" | "bypass"} as
 * @returns {Promise<Answer>}
 */
async function waitOrStandIn(core, plan, load, call, held, as) {
  const { signal } = call;
  const patience = held === undefined ? plan.hardTimeout : Math.min(plan.softTimeout, plan.hardTimeout);
  const joined = as === "joined";
  const hasty = joined && call.hasty && (call.execution === undefined || load.execution !== call.execution);
  const { maxWait } = core.shelf.settings;
  const wait = hasty ? Math.min(maxWait, HASTE) : joined ? maxWait : Infinity;
  const standIn = () => give(core, plan, call, plan.kind === "hit" ? "hit" : "stale");
  let outcome;
  try {
    if (joined && held !== undefined && patience < Infinity) leaveRunning(load, keeperOf(call));
    outcome = await waitFor(core, load, signal, patience, wait);
  } catch (error) {
    const stale = held === undefined || signal?.aborted ? undefined : standIn();
    if (stale === undefined) throw error;
    warnBehind(core, plan.key, error);
    return stale;
  }
  if (outcome === TOO_LONG) {
    if (held !== undefined) return standIn() ?? runAlone(core, call, "not-cloneable");
    if (patience <= wait) throw timeout(patience);
    if (hasty) return takeOver(core, load, call);
    return runAlone(core, call, "wait-exceeded");
  }
  // Its own object is for the load's first caller; others make their own.
  if (joined && !outcome.copied) return runAlone(core, call, "not-joinable");
  let { value } = outcome;
  if (outcome.copied) {
    try {
      value = copyFor(value, call.isolation, core.shelf.settings.clone);
    } catch {
      return runAlone(core, call, "not-cloneable");
    }
  }
  if (load.plan.flight < 0) return answer(as, value, "not-joinable", -1, 0);
  const slot = outcome.reason === undefined ? core.shelf.find(plan.key) : -1;
  const times = outcome.from !== undefined && slot >= 0 ? core.shelf.times(slot) : undefined;
  return answer(outcome.from ?? /** @type {Answer["cache"]} */ (as), value, outcome.reason, slot, outcome.ttl, times);
}

/**
 * Loads in the place of a load that may have died with its request. The first who comes runs its handler, and the others wait
 * for that. What the old one brings all the same is stored as any late answer.
 *
 * @param {any} core
 * @param {Load} load
 * @param {Call} call
 */
async function takeOver(core, load, call) {
  const { flight, key } = load.plan;
  if (core.shelf.loads.get(flight) === load) {
    core.shelf.loads.over(flight);
    load.late = guarded(() => core.abandon(flight, key, 0, new Error("the load of another request took too long to wait for")));
  }
  return carryOut(core, call.replan(), call);
}

/** @param {number} ms */
function timeout(ms) {
  const error = new Error(`the load took longer than its hardTimeout of ${ms / 1e3} s`);
  error.name = "TimeoutError";
  return Object.assign(error, { code: "ERR_TIMEOUT" });
}

/**
 * Who may wait for whom: "process", "request" or "off".
 *
 * In workerd as everywhere, because what crosses from one request to another there is a copy of plain data (`workers.js` has
 * what was tried). The very object that a handler returned may be bound to its request, so it does not cross.
 *
 * @param {any} core
 * @param {string | undefined} asked "auto" besides
 * @param {string} isolation
 * @returns {{ mode: string, hasty: boolean }} hasty: whether a load of another execution may have died unnoticed
 */
export function flightMode(core, asked, isolation) {
  const mode = asked ?? core.shelf.settings.singleFlight;
  if (mode !== "auto") return { mode, hasty: false };
  const hasty = inWorker();
  return { mode: hasty && isolation === "reference" ? "request" : "process", hasty };
}

/**
 * Whether this call must not wait for any other caller's load.
 *
 * @param {string} mode
 * @param {object | null | undefined} execution
 */
export const isAlone = (mode, execution) => mode === "off" || (mode === "request" && (execution === undefined || execution === null));
