/** What the engine decided about one read or mutation, as the rooms that wait and run see it. */

import { reasonOf } from "./reasons.js";
import { TOO_MANY_TAGS } from "./tags.js";

export interface Plan {
  kind: "hit" | "stale" | "miss" | "join" | "bypass" | "mutation";
  /** of a bypass */
  reason: string;
  /** the same, more exactly: see `reasons.js` */
  cause: string;
  /** that is behind it, where there is one */
  error: unknown;
  /** "" where there is none */
  key: string;
  /** of the value to serve, or to stand in for a failing load; -1 where there is none */
  slot: number;
  /** number of the load to run or to wait for, or of the mutation; -1 where there is none */
  flight: number;
  /** milliseconds */
  ttl: number;
  /** milliseconds */
  staleWhileRevalidate: number;
  /** milliseconds */
  staleIfError: number;
  /** milliseconds; infinite where there is none */
  softTimeout: number;
  /** milliseconds; infinite where there is none */
  hardTimeout: number;
  /** share of the TTL */
  jitter: number;
  /** milliseconds; -1 where there is none */
  negativeTtl: number;
  /** milliseconds; NaN where nobody says */
  retryBackoff: number;
  /** true when a hit on it may be served without asking the engine */
  plain: boolean;
  tags: string[];
  /** that the key names */
  user: string | undefined;
  /** values that are part of the key */
  vary: Record<string, string>;
  /** entries that a mutation removed */
  count: number;
  /** the value in the slot when this was planned, as it is stored */
  held: any;
  /** when it was stored and until when it is fresh, in milliseconds */
  times: [number, number] | undefined;
}

/** Whether a request of this method, in capitals, may be answered from the cache. */
export const mayRead = (method: string) => method === "GET" || method === "POST";

/** What a read comes to, in the order of the first of `Event` in tell.rs. */
const KINDS: Plan["kind"][] = ["hit", "stale", "miss", "join"];

/** What plans share that have no values in their key, and those that have no tags. */
const NOTHING = Object.freeze({});
const NO_TAGS = ((Object.freeze([]) as unknown) as string[]);

/**
 * @param kind index into `KINDS`
 * @param tags null where they are too many
 */
export function makePlan(
  kind: number, key: string, slot: number, flight: number, ttl: number, staleWhileRevalidate: number, staleIfError: number, softTimeout: number, hardTimeout: number, jitter: number, negativeTtl: number, retryBackoff: number, plain: boolean,
  tags: string[] | null | undefined = NO_TAGS, user: string | undefined, vary: Record<string, string> | undefined = NOTHING,
): Plan {
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
 *
 * @param error that is behind it
 */
export function bypass(cause: string, error?: unknown): Plan {
  const plan = noRead();
  plan.reason = reasonOf(cause);
  plan.cause = cause;
  plan.error = error;
  return plan;
}

/**
 * A plan to run a mutation's handler.
 *
 * @param number of the mutation
 * @param count entries that it removed so far
 */
export function mutation(number: number, count: number): Plan {
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
 */
export function replanned(core: any, endpoint: any, plan: Plan): Plan {
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
 */
export function planned(shelf: any, open: () => Plan): Plan {
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

/** Seconds since a value was stored. */
export function ageAt(times: [number, number] | undefined, now: number) {
  return times === undefined ? 0 : Math.max(0, now - times[0]) / 1e3;
}

/** Seconds until a value goes stale, negative when it has. */
export function ttlAt(times: [number, number] | undefined, now: number) {
  return times === undefined ? 0 : (times[1] - now) / 1e3;
}
