/**
 * Carrying out a plan for a read: a value that is there, a load of one's own or another's, a stale value that stands in, or
 * the handler past the cache.
 */

import type { Plan } from "./request-plan.js";
import type { Load } from "./loads.js";
import type { Isolation } from "./isolation.js";
import { awaits, insideOf } from "./contexts.js";
import type { Core } from "./core.js";
import { abandon } from "./load-results.js";
import { copyFor } from "./isolation.js";
import { guarded, leaveRunning, startLoad, TOO_LONG, waitFor, warnBehind } from "./loads.js";
import { reasonOf } from "./reasons.js";
import { HASTE, inWorker, keeperOf } from "./workers.js";

/** How one call is answered, in the terms of its kind of call. */
export interface Call {
  /** the handler, for a value that others may get */
  run: (load: Load) => any;
  /** the handler, past the cache */
  alone: () => any;
  read: (raw: any) => { value: any, data: any, storable: boolean };
  /** how callers are kept apart */
  isolation: Isolation;
  signal: AbortSignal | undefined;
  waitUntil: ((work: Promise<unknown>) => void) | undefined;
  execution: object | undefined;
  /** true where a load of another execution may have died unnoticed */
  hasty: boolean;
  /** true where only loads of the same execution may be waited for */
  apart: boolean;
  /** the endpoint of a request; the key of a load */
  about: unknown;
  /** true for the latter */
  byKey: boolean;
  /** the whole digest of the request, for a second tier */
  identify: (() => string | undefined) | undefined;
  /** where a load in the background runs */
  background: ((run: () => unknown) => unknown) | undefined;
  /** plans the call once more */
  replan: () => Plan;
}

/** What a call came to. */
export interface Answer {
  cache: "hit" | "miss" | "stale" | "joined" | "bypass" | "mutation";
  value: any;
  reason: string | undefined;
  /** of the entry, or -1 */
  slot: number;
  /** milliseconds that a value stored just now lives; 0 where it was not */
  ttl: number;
  /** of an entry that was there */
  times: Plan["times"];
}

export const answer = (cache: Answer["cache"], value: any, reason: string | undefined, slot: number, ttl: number, times?: Plan["times"]): Answer => ({ cache, value, reason, slot, ttl, times });

/** Carries out a plan for a read. */
export function executePlan(core: Core, plan: Plan, call: Call): Answer | Promise<Answer> {
  const { held } = plan;
  switch (plan.kind) {
    case "hit":
    case "stale":
      if (plan.loadId >= 0) {
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
      const load = core.hostStore.loads.get(plan.loadId);
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
 * @param plan of a hit, or with a stale value
 */
function give({ hostStore }: Core, plan: Plan, call: Call, as: Answer["cache"] = (plan.kind as Answer["cache"])): Answer | undefined {
  let value;
  try {
    value = copyFor(plan.held, call.isolation, hostStore.settings.clone);
  } catch {
    return undefined;
  }
  return answer(as, value, undefined, plan.slot, 0, plan.times);
}

/**
 * Whether a caller would wait for a load that waits for the caller: in the synchronous part of that load's handler, or, where
 * the host tells, inside of it or of one that it waits for.
 */
function waitsForItself({ promise, inside }: Load) {
  if (promise === undefined) return true;
  const caller = insideOf();
  return caller !== undefined && inside !== undefined && awaits(inside, caller);
}

/**
 * Calls of one execution share a load among them where they may not wait for that of another.
 *
 * @param load another execution's
 */
function joinApart(core: Core, plan: Plan, load: Load, call: Call): Promise<Answer> {
  const own = load.apart?.get((call.execution as object));
  if (own === undefined) return waitOrStandIn(core, plan, startLoad(core, plan, call, false, load), call, plan.held, "bypass");
  return waitsForItself(own) ? runAlone(core, call, "not-joinable") : waitOrStandIn(core, plan, own, call, plan.held, "joined");
}

/**
 * Runs the handler past the cache.
 *
 * @param error that is behind it
 */
async function runAlone(core: Core, call: Call, cause: string, error?: unknown) {
  core.hostStore.reasons.bypassed(call.about, cause, error, call.byKey);
  const { value } = call.read(await call.alone());
  return answer("bypass", value, reasonOf(cause), -1, 0);
}

/**
 * Waits for a load; a stale value stands in where it fails or takes too long.
 *
 * @param held the stale value, or undefined
 */
async function waitOrStandIn(core: Core, plan: Plan, load: Load, call: Call, held: any, as: "miss" | "joined" | "bypass"): Promise<Answer> {
  const { signal } = call;
  const patience = held === undefined ? plan.hardTimeout : Math.min(plan.softTimeout, plan.hardTimeout);
  const joined = as === "joined";
  const hasty = joined && call.hasty && (call.execution === undefined || load.execution !== call.execution);
  const { maxWait } = core.hostStore.settings;
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
      value = copyFor(value, call.isolation, core.hostStore.settings.clone);
    } catch {
      return runAlone(core, call, "not-cloneable");
    }
  }
  if (load.plan.loadId < 0) return answer(as, value, "not-joinable", -1, 0);
  const slot = outcome.reason === undefined ? core.hostStore.find(plan.key) : -1;
  const times = outcome.from !== undefined && slot >= 0 ? core.hostStore.times(slot) : undefined;
  return answer(outcome.from ?? (as as Answer["cache"]), value, outcome.reason, slot, outcome.ttl, times);
}

/**
 * Loads in the place of a load that may have died with its request. The first who comes runs its handler, and the others wait
 * for that. What the old one brings all the same is stored as any late answer.
 */
async function takeOver(core: Core, load: Load, call: Call) {
  const { loadId, key } = load.plan;
  if (core.hostStore.loads.get(loadId) === load) {
    core.hostStore.loads.over(loadId);
    load.late = guarded(() => abandon(core, loadId, key, 0, new Error("the load of another request took too long to wait for")));
  }
  return executePlan(core, call.replan(), call);
}

function timeout(ms: number) {
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
 * @param asked "auto" besides
 * @returns hasty: whether a load of another execution may have died unnoticed
 */
export function joinMode(core: Core, asked: string | undefined, isolation: string): { mode: string, hasty: boolean } {
  const mode = asked ?? core.hostStore.settings.singleFlight;
  if (mode !== "auto") return { mode, hasty: false };
  const hasty = inWorker();
  return { mode: hasty && isolation === "reference" ? "request" : "process", hasty };
}

/** Whether this call must not wait for any other caller's load. */
export const isAlone = (mode: string, execution: object | null | undefined) => mode === "off" || (mode === "request" && (execution === undefined || execution === null));
