/** What the engine decided about one read or mutation, as the rooms that wait and run see it. */

import { reasonOf } from "./reasons.js";
import { TOO_MANY_TAGS } from "./tags.js";

/**
 * @typedef {object} Plan
 * @property {"hit" | "stale" | "miss" | "join" | "bypass" | "mutation"} kind
 * @property {string} reason of a bypass
 * @property {string} cause the same, more exactly: see `reasons.js`
 * @property {unknown} error that is behind it, where there is one
 * @property {string} key "" where there is none
 * @property {number} slot of the value to serve, or to stand in for a failing load; -1 where there is none
 * @property {number} flight number of the load to run or to wait for, or of the mutation; -1 where there is none
 * @property {number} ttl milliseconds
 * @property {number} staleWhileRevalidate milliseconds
 * @property {number} staleIfError milliseconds
 * @property {number} softTimeout milliseconds; infinite where there is none
 * @property {number} hardTimeout milliseconds; infinite where there is none
 * @property {number} jitter share of the TTL
 * @property {number} negativeTtl milliseconds; -1 where there is none
 * @property {number} retryBackoff milliseconds; NaN where nobody says
 * @property {boolean} plain true when a hit on it may be served without asking the engine
 * @property {string[]} tags
 * @property {string | undefined} user that the key names
 * @property {Record<string, string>} vary values that are part of the key
 * @property {number} count entries that a mutation removed
 * @property {any} held the value in the slot when this was planned, as it is stored
 * @property {[number, number] | undefined} times when it was stored and until when it is fresh, in milliseconds
 */

/**
 * Whether a request of this method, in capitals, may be answered from the cache.
 * @param {string} method
 */
export const mayRead = (method) => method === "GET" || method === "POST";

/** What a read comes to, in the order of the first of `Event` in tell.rs. @type {Plan["kind"][]} */
const KINDS = ["hit", "stale", "miss", "join"];

/** What plans share that have no values in their key, and those that have no tags. */
const NOTHING = Object.freeze({});
const NO_TAGS = /** @type {string[]} */ (/** @type {unknown} */ (Object.freeze([])));

/**
 * @param {number} kind index into `KINDS`
 * @param {string} key
 * @param {number} slot
 * @param {number} flight
 * @param {number} ttl
 * @param {number} staleWhileRevalidate
 * @param {number} staleIfError
 * @param {number} softTimeout
 * @param {number} hardTimeout
 * @param {number} jitter
 * @param {number} negativeTtl
 * @param {number} retryBackoff
 * @param {boolean} plain
 * @param {string[] | null | undefined} tags null where they are too many
 * @param {string | undefined} user
 * @param {Record<string, string> | undefined} vary
 * @returns {Plan}
 */
export function makePlan(
  kind, key, slot, flight, ttl, staleWhileRevalidate, staleIfError, softTimeout, hardTimeout, jitter, negativeTtl, retryBackoff, plain,
  tags = NO_TAGS, user, vary = NOTHING,
) {
  return {
    kind: KINDS[kind] ?? "bypass",
    reason: "",
    cause: "",
    error: undefined,
    key,
    slot,
    flight,
    ttl,
    staleWhileRevalidate,
    staleIfError,
    softTimeout,
    hardTimeout,
    jitter,
    negativeTtl,
    retryBackoff,
    plain,
    tags: tags ?? TOO_MANY_TAGS,
    user,
    vary,
    count: 0,
    held: undefined,
    times: undefined,
  };
}

/** A plan for what is no read. */
const noRead = () => makePlan(-1, "", -1, -1, 0, 0, 0, Infinity, Infinity, 0, -1, 0, false, undefined, undefined, undefined);

/**
 * A plan to run the handler past the cache.
 * @param {string} cause
 * @param {unknown} [error] that is behind it
 * @returns {Plan}
 */
export function bypass(cause, error) {
  const plan = noRead();
  plan.reason = reasonOf(cause);
  plan.cause = cause;
  plan.error = error;
  return plan;
}

/**
 * A plan to run a mutation's handler.
 * @param {number} number of the mutation
 * @param {number} count entries that it removed so far
 * @returns {Plan}
 */
export function mutation(number, count) {
  const plan = noRead();
  plan.kind = "mutation";
  plan.flight = number;
  plan.count = count;
  return plan;
}

/**
 * The plan of a request whose planning failed. That does not say what the request is: unless its name says that it is none,
 * it is a change, and removes what its name may touch. Where not even that can be planned, it has no number, and everything
 * goes when it settles.
 *
 * @param {any} core
 * @param {any} endpoint
 * @param {Plan} plan
 * @returns {Plan}
 */
export function replanned(core, endpoint, plan) {
  if (plan.reason !== "failure") return plan;
  try {
    if (!core.isMutation(endpoint)) return plan;
    const named = core.openRequest(endpoint, false, undefined, undefined, undefined, undefined, undefined, 0);
    if (named.kind === "mutation") return named;
  } catch {
    // Nothing can be said of it.
  }
  return { ...plan, kind: "mutation" };
}

/**
 * A plan, with what it points at. A listener may empty the slot or fill it anew, so what is in it is taken before
 * anybody is told of anything.
 *
 * @param {any} shelf
 * @param {() => Plan} open
 * @returns {Plan}
 */
export function planned(shelf, open) {
  const { observer } = shelf;
  if (observer !== undefined) observer.holding += 1;
  try {
    const plan = open();
    if (plan.slot >= 0) {
      plan.held = shelf.storedValue(plan.slot);
      plan.times = shelf.times(plan.slot);
    }
    return plan;
  } finally {
    if (observer !== undefined) {
      observer.holding -= 1;
      observer.flush();
    }
  }
}

/**
 * Seconds since a value was stored.
 * @param {[number, number] | undefined} times
 * @param {number} now
 */
export function ageAt(times, now) {
  return times === undefined ? 0 : Math.max(0, now - times[0]) / 1e3;
}

/**
 * Seconds until a value goes stale, negative when it has.
 * @param {[number, number] | undefined} times
 * @param {number} now
 */
export function ttlAt(times, now) {
  return times === undefined ? 0 : (times[1] - now) / 1e3;
}
