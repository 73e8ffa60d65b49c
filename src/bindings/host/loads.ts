/**
 * Loads under way: who waits, for how long, and what becomes of what they bring.
 *
 * The engine has decided that a load is to run; this module runs it, stores its value by the engine's leave, and lets
 * callers wait. One caller's end never ends the load for others; when nobody waits any more, the load's signal aborts.
 */

import type { Plan } from "./request-plan.js";
import type { Inside } from "./contexts.js";
import type { Isolation } from "./isolation.js";
import { CONTROL, MAX_NAME } from "./validate.js";
import type { Core } from "./core.js";
import { beginInside, insideOf, runBy, runInside } from "./contexts.js";
import { abandon, fill, fillSince, refuse } from "./load-results.js";
import { storedForm } from "./isolation.js";
import { endpointOf } from "./reasons.js";
import { onAbort } from "./signals.js";
import { joined } from "./tags.js";
import { lifetimeMs } from "./ttl.js";
import { close } from "./loads-in-flight.js";
import { describe } from "./values.js";
import { inWorker, keeperOf } from "./workers.js";

const noop = () => {};

/** What `waitFor` comes back with when a caller has waited as long as it may. */
export const TOO_LONG = Symbol("waited too long");

export interface Outcome {
  /** as it is stored; each who waits is given what `copyFor` makes of it */
  value: any;
  /** false when `value` is the load's own object, which only its first caller may have */
  copied: boolean;
  /** why it was not stored */
  reason: string | undefined;
  /** milliseconds that it lives, where it was stored */
  ttl: number;
  /** what a second tier had, where the value comes from there */
  from: "hit" | "stale" | undefined;
}

export interface Load {
  plan: Plan;
  /** of the load's signal, once somebody has asked for it: see `signalOf` */
  controller: AbortController | undefined;
  /** why it is no longer wanted; undefined while it is */
  ended: unknown;
  /** not there yet while the handler's synchronous part runs */
  promise: Promise<Outcome>;
  /** callers that wait */
  waiters: number;
  /** runs on although nobody waits */
  background: boolean;
  /** false for one whose handler has answered at once: nobody needs to keep it alive */
  lasts: boolean;
  settled: boolean;
  storable: boolean;
  /** milliseconds, as the load itself set it; 0 where it has no lifetime */
  ttl: number | undefined;
  tags: string[];
  /** the request that began it */
  execution: object | undefined;
  /** milliseconds of the engine's time */
  began: number;
  /** what the clock read then */
  beganAt: number;
  /** how what its handler calls is known; undefined once it is over */
  inside: Inside | undefined;
  /** the moment against which a value is stored that comes after everybody's `hardTimeout` */
  late: number | undefined;
  /** loads of the same by other executions, where these may not wait for this one */
  apart: Map<object, Load> | undefined;
  /** when those who joined have waited long enough */
  waitDeadline: Promise<typeof TOO_LONG> | undefined;
  /** ends the timer behind `waitDeadline` */
  clearWaitTimer: () => void;
  /** what a second tier knew when the load began */
  seen: any;
}

/** Said of a load that failed and whose caller was served all the same. */
const FAILED_BEHIND =
  "a load failed behind a value that is served on; the next one waits for retryBackoff. In the background a handler runs in the " +
  "async context of the request that began it: where it finds that ended, set the option background to detached";

/**
 * Runs a load. The handler starts before this returns, unless there is a second tier to be asked first.
 *
 * @param plan with the number of the loadId
 * @param call.read what the handler returned
 * @param call.background where a load in the background runs
 * @param background whether it runs on although nobody waits
 * @param beside the load under way that this execution may not wait for: then the engine knows nothing of this one
 */
export function startLoad(core: Core, plan: Plan, call: { run: (load: Load) => any; read: (raw: any) => { value: any, data: any, storable: boolean }; isolation: Isolation; execution: object | undefined; waitUntil: ((work: Promise<unknown>) => void) | undefined; identify: (() => string | undefined) | undefined; background: ((run: () => unknown) => unknown) | undefined }, background = false, beside?: Load): Load {
  const { hostStore } = core;
  const load: Load = {
    plan: beside === undefined ? plan : { ...plan, loadId: -1 },
    controller: undefined,
    ended: undefined,
    promise: (undefined as any),
    waiters: 0,
    background,
    lasts: hostStore.tier !== undefined,
    settled: false,
    storable: true,
    ttl: undefined,
    tags: plan.tags,
    execution: call.execution,
    began: hostStore.clock.time,
    beganAt: hostStore.wall(),
    inside: beginInside(),
    late: undefined,
    apart: undefined,
    waitDeadline: undefined,
    clearWaitTimer: noop,
    seen: undefined,
  };
  if (beside === undefined) hostStore.loads.add(load, load.began - hostStore.settings.maxWait);
  else (beside.apart ??= new Map()).set(call.execution ?? load, load);
  load.promise = perform(core, load, call);
  // Nobody may be waiting when it fails.
  if (background || beside !== undefined) load.promise.catch(noop);
  if (beside !== undefined) {
    const forget = () => void beside.apart?.delete(call.execution ?? load);
    load.promise.then(forget, forget);
  }
  // A request that ends takes its work with it, where the host says what is to be kept: other callers may wait for it.
  if (load.lasts || background) keep(load, keeperOf(call));
  return load;
}

async function perform(core: Core, load: Load, call: any): Promise<Outcome> {
  const { plan } = load;
  const { tier } = core.hostStore;
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
    if (load.ended === undefined) guarded(() => abandon(core, plan.loadId, plan.key, plan.retryBackoff, error));
    if (load.background && load.ended === undefined) warnBehind(core, plan.key, error);
    if (held === undefined) throw error;
    return { value: held.value, copied: true, reason: "not-storable", ttl: 0, from: "stale" };
  } finally {
    load.settled = true;
    load.clearWaitTimer();
    core.hostStore.loads.over(plan.loadId);
    close(load);
  }
}

/** A load failed that nobody hears of, because something stale is served. */
export function warnBehind(core: Core, key: string, error: unknown) {
  core.hostStore.warnings.once(endpointOf(key), "refresh-failed", FAILED_BEHIND, error);
}

/** Runs a load's handler, where it belongs. */
export function handle(load: Load, call: any) {
  const run = () => runInside(load.inside, () => call.run(load));
  return load.background && call.background !== undefined ? runBy(call.background, run) : run();
}

/** Stores what a load brought, if the engine lets it. Nothing here may fail the load. */
function settle(core: Core, load: Load, { value, data, storable, ttl, from }: { value: any, data: any, storable: boolean, ttl?: number, from?: Outcome["from"] }, call: any): Outcome {
  const { plan } = load;
  const outcome: Outcome = { value, copied: true, reason: undefined, ttl: 0, from };
  try {
    outcome.value = storedForm(value, call.isolation, core.hostStore.settings.clone);
  } catch (cause) {
    outcome.copied = false;
    // An answer that is not to be stored in any case needs no copy either.
    const reason = storable && load.storable ? "not-cloneable" : "not-storable";
    if (reason === "not-cloneable") core.hostStore.reasons.warn(plan.key, reason, cause);
    outcome.reason = guarded(() => refuse(core, plan.loadId, plan.key, reason)) ?? "failure";
    return outcome;
  }
  if (!storable || !load.storable) {
    outcome.reason = guarded(() => refuse(core, plan.loadId, plan.key)) ?? "failure";
    return outcome;
  }
  const negative = data === null && plan.negativeTtl >= 0 ? plan.negativeTtl : plan.ttl;
  outcome.ttl = ttl ?? load.ttl ?? negative;
  const { tier } = core.hostStore;
  const end = () => {
    if (!(outcome.ttl > 0)) return refuse(core, plan.loadId, plan.key, "no-lifetime");
    if (tier !== undefined) return tier.fill(load, outcome, call);
    const window = Math.max(plan.staleWhileRevalidate, plan.staleIfError);
    return store(core, load, outcome.value, outcome.ttl, window);
  };
  outcome.reason = guarded(end, "failure", (error) => notFilled(core, plan, error));
  return outcome;
}

/**
 * Stores a load's value: against the load, or, where its place was given away, against the moment at which it began.
 *
 * @param ttl milliseconds
 * @param window milliseconds past its time in which it is of use
 * @returns why it was not stored
 */
export function store(core: Core, { plan, late, tags }: Load, value: unknown, ttl: number, window: number): string | undefined {
  const storable = { value, ttl, window, jitter: plan.jitter, tags };
  if (late === undefined) return fill(core, plan, storable);
  return fillSince(core, late, plan.key, plan.request, plan.user !== undefined, storable);
}

/** The cache failed at storing what a load brought: the load ends all the same, and it is said. */
function notFilled(core: Core, plan: Plan, error: any) {
  if (error?.code === "ERR_DISPOSED") return;
  guarded(() => abandon(core, plan.loadId, plan.key, plan.retryBackoff, error));
  core.hostStore.reasons.refused(plan.key, "failure", error);
}

/**
 * The result of a call into the cache, or a substitute where the cache fails: that must not fail the request.
 *
 * @param caught is given what was thrown
 */
export function guarded<T>(call: () => T, otherwise?: T, caught?: (error: unknown) => void): T | undefined {
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
 * @param patience milliseconds after which `TOO_LONG` is returned; infinite where there is no limit
 * @param wait milliseconds for which a caller waits for another's load; infinite where it is its own
 */
export function waitFor(core: Core, load: Load, signal: AbortSignal | undefined, patience: number, wait: number): Promise<Outcome | typeof TOO_LONG> {
  // Whoever waits to the end, and is nobody's load, has nothing to undo: most callers are such.
  if (signal === undefined && patience === Infinity && wait === Infinity && insideOf() === undefined) {
    load.waiters += 1;
    return load.promise;
  }
  return waitForAWhile(core, load, signal, patience, wait);
}

async function waitForAWhile(core: Core, load: Load, signal: AbortSignal | undefined, patience: number, wait: number): Promise<Outcome | typeof TOO_LONG> {
  load.waiters += 1;
  const endings = ([] as (() => void)[]);
  note(load, endings);
  let late = false;
  try {
    if (signal === undefined && patience === Infinity && wait === Infinity) return await load.promise;
    const outcome = await Promise.race(waitRace(load, signal, patience, wait, endings));
    late = outcome === TOO_LONG;
    return outcome;
  } finally {
    for (const end of endings) end();
    load.waiters -= 1;
    if (load.waiters === 0 && !load.settled && !load.background) giveUp(core, load, late);
  }
}

/** Notes down that the load whose handler is calling waits for this one: see `waitsForItself`. */
function note({ inside }: Load, endings: (() => void)[]) {
  const caller = insideOf();
  if (caller === undefined || inside === undefined) return;
  const all = (caller.awaits ??= new Set());
  all.add(inside);
  endings.push(() => all.delete(inside));
}

/**
 * What may end a caller's waiting.
 *
 * @param endings to be called afterwards
 */
function waitRace(load: Load, signal: AbortSignal | undefined, patience: number, wait: number, endings: (() => void)[]): Promise<any>[] {
  const all = ([load.promise] as Promise<any>[]);
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
  if (own > wait) all.push(waitDeadline(load, wait));
  return all;
}

/**
 * One timer for all that joined a load.
 *
 * @param wait milliseconds
 */
function waitDeadline(load: Load, wait: number): Promise<typeof TOO_LONG> {
  load.waitDeadline ??= new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.min(wait, 2 ** 31 - 1), TOO_LONG);
    load.clearWaitTimer = () => clearTimeout(timer);
    // A bound on waiting must not keep a process alive by itself.
    (timer as any).unref?.();
  });
  return load.waitDeadline;
}

/**
 * Nobody waits: the load is told to stop, and its place is free. What it may still bring is not stored, unless those who
 * waited for it just had no more time.
 */
function giveUp(core: Core, load: Load, late: boolean) {
  const reason = new DOMException("nobody waits for this load any more", "AbortError");
  const { loadId, key } = load.plan;
  core.hostStore.loads.over(loadId);
  const moment = guarded(() => abandon(core, loadId, key, 0, reason));
  if (late) load.late = moment;
  load.ended = reason;
  // A listener may throw, and so does the host where the handler belongs to another request.
  guarded(() => load.controller?.abort(reason));
}

/**
 * The signal that tells a load to stop. Made when it is first asked for: an AbortController costs as much as all else that
 * is made for a load, and most handlers never look.
 */
function signalOf(load: Load) {
  if (load.controller === undefined) {
    load.controller = new AbortController();
    if (load.ended !== undefined) load.controller.abort(load.ended);
  }
  return load.controller.signal;
}

/** Lets a load run on though nobody waits for it. */
export function leaveRunning(load: Load, keeper: ((work: Promise<unknown>) => void) | undefined) {
  load.background = true;
  keep(load, keeper);
}

/**
 * Asks the host to keep a load alive.
 *
 * @returns whether it does
 */
function keep(load: Load, keeper: ((work: Promise<unknown>) => void) | undefined): boolean {
  if (keeper === undefined) return false;
  const asked = () => {
    keeper(load.promise.then(noop, noop));
    return true;
  };
  return guarded(asked, false) === true;
}

/** What a load sees of itself, and can say about its own value. */
export class LoadContext {
  setTtl: (ttl: any) => void;
  addTags: (...tags: string[]) => void;
  noStore: () => void;

  #load!: Load;
  #stale!: (held: any) => unknown;

  static #signal = {
    enumerable: true,
    get(this: LoadContext) {
      return signalOf(this.#load);
    },
  };

  /** @param stale what the handler is to see of a value past its time */
  constructor(core: Core, load: Load, stale: (held: any) => unknown) {
    this.#load = load;
    this.#stale = stale;
    // A member of its own, as the others are, so that a copy has it too.
    Object.defineProperty(this, "signal", LoadContext.#signal);
    this.setTtl = (ttl: any) => {
      load.ttl = lifetimeMs(ttl);
      if (!Number.isNaN(load.ttl)) return;
      const sentence = `an answer's lifetime is a number of seconds or a string such as "90s", not ${describe(ttl)}: it is not stored`;
      core.hostStore.warnings.once(endpointOf(load.plan.key), "no-lifetime", sentence);
    };
    this.addTags = (...tags: string[]) => {
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

function tagError(tag: unknown) {
  const sentence = `a tag is a non-empty string of ${MAX_NAME} characters at most without control characters, not ${describe(tag)}`;
  return Object.assign(new TypeError(sentence), { code: "ERR_OPTION" });
}
