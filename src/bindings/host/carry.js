/**
 * Carrying out a plan for a read: a value that is there, a load of one's own or another's, a stale value that stands in, or
 * the handler past the cache.
 */

import { copyFor } from "./isolation.js";
import { leaveRunning, startLoad, TOO_LONG, waitFor } from "./loads.js";

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
 * @property {boolean} apart true where only loads of the same execution may be waited for
 * @property {(() => string | undefined) | undefined} identify the whole digest of the request, for a second tier
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
      if (plan.flight >= 0) leaveRunning(startLoad(core, plan, call), call.waitUntil);
      return give(core, plan, call) ?? runAlone(call, "not-cloneable");
    case "miss":
      return waitOrStandIn(core, plan, startLoad(core, plan, call), call, held, "miss");
    case "join": {
      const load = core.shelf.loads.get(plan.flight);
      if (load === undefined || (call.apart && load.execution !== call.execution)) return runAlone(call, "not-joinable");
      return waitOrStandIn(core, plan, load, call, held, "joined");
    }
    default:
      return runAlone(call, plan.reason);
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
 * @param {Call} call
 * @param {string} reason
 */
async function runAlone(call, reason) {
  const { value } = call.read(await call.alone());
  return answer("bypass", value, reason, -1, 0);
}

/**
 * Waits for a load; a stale value stands in where it fails or takes too long.
 *
 * @param {any} core
 * @param {Plan} plan
 * @param {Load} load
 * @param {Call} call
 * @param {any} held the stale value, or undefined
 * @param {"miss" | "joined"} as
 * @returns {Promise<Answer>}
 */
async function waitOrStandIn(core, plan, load, call, held, as) {
  const { signal, waitUntil } = call;
  const patience = held === undefined ? plan.hardTimeout : Math.min(plan.softTimeout, plan.hardTimeout);
  const joined = as === "joined";
  const standIn = () => give(core, plan, call, "stale");
  let outcome;
  try {
    // A load that a stale value may stand in for goes on when its caller is served.
    if (held !== undefined && patience < Infinity) leaveRunning(load, waitUntil);
    outcome = await waitFor(core, load, signal, patience, joined);
  } catch (error) {
    const stale = held === undefined || signal?.aborted ? undefined : standIn();
    if (stale === undefined) throw error;
    return stale;
  }
  if (outcome === TOO_LONG) {
    if (held !== undefined) return standIn() ?? runAlone(call, "not-cloneable");
    if (patience < Infinity && !(joined && patience > core.shelf.settings.maxWait)) throw timeout(patience);
    return runAlone(call, "wait-exceeded");
  }
  // Its own object is for the load's first caller; others make their own.
  if (joined && !outcome.copied) return runAlone(call, "not-joinable");
  let { value } = outcome;
  if (outcome.copied) {
    try {
      value = copyFor(value, call.isolation, core.shelf.settings.clone);
    } catch {
      return runAlone(call, "not-cloneable");
    }
  }
  const slot = outcome.reason === undefined ? core.shelf.find(plan.key) : -1;
  const times = outcome.from !== undefined && slot >= 0 ? core.shelf.times(slot) : undefined;
  return answer(outcome.from ?? as, value, outcome.reason, slot, outcome.ttl, times);
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
 * @param {any} core
 * @param {string | undefined} asked "auto" besides
 */
export function flightMode(core, asked) {
  const mode = asked ?? core.shelf.settings.singleFlight;
  // workerd ends a request that waits for another request's promise. Asked for here, at the first request, and
  // not when the module is loaded.
  if (mode !== "auto") return mode;
  return globalThis.navigator?.userAgent === "Cloudflare-Workers" ? "request" : "process";
}

/**
 * Whether this call must not wait for another caller's load, whichever that is.
 *
 * @param {any} core
 * @param {string} mode
 * @param {object | undefined} execution
 */
export function isAlone(core, mode, execution) {
  if (mode === "request") {
    for (const load of core.shelf.loads.values()) {
      if (execution !== undefined && load.execution === execution) return false;
    }
    return true;
  }
  return mode === "off";
}
