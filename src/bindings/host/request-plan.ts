/**
 * What is to be done for one call, as those who wait and run see it. The engine decides; here is put together what it is asked:
 * the key of a request, what holds for its endpoint, and what the call itself says.
 */

import { enter, enterKey, readUser } from "./validate.js";
import { ALONE, BYPASS, BYPASS_REASONS, COUNT, HIT, JOIN, KEY_FAULTS, LOAD, LOOK, MISS, REQUEST, RESERVED, SLOT, STALE } from "./contract.js";
import { attempt, type Core } from "./core.js";
import { isLength, typeError } from "./errors.js";
import { type CallOptions, callOptions } from "./options.js";
import { requestText } from "./params.js";
import { NO_POLICY, type Policy, type Profile, profileOf } from "./profile.js";
import { reasonOf } from "./reasons.js";
import { endpointName, foundId, namedTags, varyValues } from "./request-parts.js";
import { bounded, TOO_MANY_TAGS } from "./tags.js";

export interface Plan extends Policy {
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
  loadId: number;
  /** true when a hit on it may be served without asking the engine */
  plain: boolean;
  tags: string[];
  /** that the key names */
  user: string | undefined;
  /** what names the request: see `Core.requestKey`; undefined for a key without a request */
  request: string | undefined;
  /** values that are part of the key */
  vary: Record<string, unknown>;
  /** the endpoint of a mutation as the engine knows it, and the tag of the id that it changes */
  endpoint: string;
  tag: string | undefined;
  /** entries that a mutation removed */
  count: number;
  /** the value in the slot when this was planned, as it is stored */
  held: any;
  /** when it was stored and until when it is fresh, in milliseconds */
  times: [number, number] | undefined;
}

/** Whether a request of this method, in capitals, may be answered from the cache. */
export const mayRead = (method: string) => method === "GET" || method === "POST";

/** What plans share that have no values in their key, and those that have no tags. */
const NOTHING: Readonly<Record<string, never>> = Object.freeze({});
const NO_TAGS: string[] = Object.freeze([]) as unknown as string[];

function makePlan(kind: Plan["kind"], key: string, under: Policy, own: Partial<Policy>): Plan {
  return {
    kind,
    reason: "",
    cause: "",
    error: undefined,
    key,
    slot: -1,
    loadId: -1,
    ttl: own.ttl ?? under.ttl,
    staleWhileRevalidate: own.staleWhileRevalidate ?? under.staleWhileRevalidate,
    staleIfError: own.staleIfError ?? under.staleIfError,
    softTimeout: own.softTimeout ?? under.softTimeout,
    hardTimeout: own.hardTimeout ?? under.hardTimeout,
    jitter: own.jitter ?? under.jitter,
    eagerRefresh: own.eagerRefresh ?? under.eagerRefresh,
    negativeTtl: own.negativeTtl ?? under.negativeTtl,
    retryBackoff: own.retryBackoff ?? under.retryBackoff,
    plain: false,
    tags: NO_TAGS,
    user: undefined,
    request: undefined,
    vary: NOTHING,
    endpoint: "",
    tag: undefined,
    count: 0,
    held: undefined,
    times: undefined,
  };
}

/**
 * A plan to run the handler past the cache.
 *
 * @param error that is behind it
 */
export function bypass(cause: string, error?: unknown): Plan {
  const plan = makePlan("bypass", "", NO_POLICY, NOTHING);
  plan.reason = reasonOf(cause);
  plan.cause = cause;
  plan.error = error;
  return plan;
}

/** The same of a request that the engine counts. */
function countedBypass(core: Core, cause: string, error?: unknown): Plan {
  core.countBypass();
  return bypass(cause, error);
}

/** A request as it is to be planned. */
export interface Asked {
  endpoint: unknown;
  /** whether its method may be answered from the cache */
  readable: boolean;
  user: unknown;
  /** the JSON text of its params; undefined where they have none */
  text: string | undefined;
  params: unknown;
  vary: unknown;
  options: unknown;
  /** how `begin` goes about it */
  flags: number;
}

/** A read of a request, ready to be asked of the engine. */
interface Read {
  name: string;
  profile: Profile;
  own: Partial<Policy>;
  tags: string[];
  user: string | undefined;
  vary: Record<string, unknown>;
  /** "" where there are none */
  varyText: string;
  plain: boolean;
}

/** Thrown where a request names no read: the reason in a word, and the error behind it. */
class NoRead {
  constructor(
    readonly reason: string,
    readonly error: unknown,
  ) {}
}

/** Plans a request. */
export function planRequest(core: Core, asked: Asked): Plan {
  return planned(core, () => planRequestNow(core, asked));
}

function planRequestNow(core: Core, asked: Asked): Plan {
  const { hostStore } = core;
  enter(hostStore);
  const name = endpointName(asked.endpoint);
  const profile = profileOf(core, name);
  if (profile.kind === "mutation") return beginMutation(core, name, profile, asked.text, asked.params);
  if (profile.kind !== "read") return countedBypass(core, profile.reason, profile.problem === "" ? undefined : typeError(profile.problem, "ERR_ENDPOINT"));
  if (!asked.readable) return countedBypass(core, "method");
  try {
    const read = readRequest(core, name, profile, asked);
    return planRead(core, read, asked.text ?? "{}", asked.flags);
  } catch (error) {
    if (!(error instanceof NoRead)) throw error;
    return countedBypass(core, error.reason, error.error);
  }
}

/** Runs a reader of something that a caller handed over. @throws NoRead where that throws */
function orElse<T>(reason: string | ((error: unknown) => string), reader: () => T): T {
  try {
    return reader();
  } catch (error) {
    throw new NoRead(typeof reason === "string" ? reason : reason(error), error);
  }
}

const userReason = (error: unknown) => (isLength(error) ? "key-length" : "user-id");

function readRequest(core: Core, name: string, profile: Profile, { text, params, user, vary, options, flags }: Asked): Read {
  // What is wrong with params was seen by whoever read them.
  if (text === undefined) throw new NoRead("params", undefined);
  const call = options === undefined ? undefined : orElse("options", () => callOptions(options, "request"));
  const shared = profile.visibility === "shared";
  const userId = shared ? undefined : orElse(userReason, () => readUser(user));
  if (userId === undefined && profile.visibility === "user") throw new NoRead("no-user", undefined);
  const { tags, tagged } = tagsOf(core, name, profile, text, params, userId, call);
  const varies = profile.vary.length > 0;
  const values = varies ? orElse("vary", () => varyValues(profile.vary, vary, (flags & LOOK) !== 0)) : NOTHING;
  const varyText = varies ? orElse("vary", () => requestText(values)) : "";
  const own = call === undefined ? NOTHING : call.policy;
  const plain = !varies && !tagged && (own.eagerRefresh ?? profile.eagerRefresh) >= 1;
  return { name, profile, own, tags, user: userId, vary: values, varyText, plain };
}

/** The tags of what a request loads: of the call, of the rule, of its resource's id, and of the user's functions. */
function tagsOf(core: Core, name: string, profile: Profile, text: string, params: unknown, userId: string | undefined, call: CallOptions | undefined) {
  const given = call?.tags ?? NO_TAGS;
  const { taggers } = profile;
  const id = idTag(core, name, profile, text, params);
  if (given !== TOO_MANY_TAGS && given.length === 0 && taggers.length === 0 && id === undefined) return { tags: profile.tags, tagged: false };
  const tags = [...given, ...profile.tags];
  let many = given === TOO_MANY_TAGS;
  if (id !== undefined) tags.push(id);
  for (const number of taggers) {
    const tagger = core.hostStore.functions.taggers[number];
    if (tagger === undefined) continue;
    const named = orElse("tags", () => namedTags(tagger, params, name, userId));
    if (named === undefined) many = true;
    else tags.push(...named);
  }
  return { tags: many ? TOO_MANY_TAGS : bounded(tags), tagged: taggers.length > 0 };
}

/** The tag of the resource's id; undefined where there is none, or it cannot be told from others. */
function idTag(core: Core, name: string, { resourceId, resourceIdBy }: Profile, text: string, params: unknown): string | undefined {
  const { hostStore } = core;
  if (resourceIdBy !== undefined) {
    const finder = hostStore.functions.finders[resourceIdBy];
    const id = finder === undefined ? undefined : foundId(hostStore, finder, params, name);
    return id === undefined ? undefined : core.resourceTag(hostStore.writeText(`${name}\n${JSON.stringify(id)}`));
  }
  if (resourceId === undefined) return undefined;
  return core.resourceTag(hostStore.writeText(`${name}\n${text}`));
}

/** Makes the key of a read and asks the engine. */
function planRead(core: Core, { name, profile, own, tags, user, vary, varyText, plain }: Read, text: string, flags: number): Plan {
  const { hostStore } = core;
  // Before anything is written: a user's clock may call the cache.
  const now = hostStore.now();
  const request = `${name}\n${text}\n${varyText}\n${user ?? ""}`;
  const length = core.requestKey(hostStore.writeText(request), user !== undefined);
  if (length < 0) throw new NoRead(KEY_FAULTS[-1 - length] ?? "failure", undefined);
  const key = hostStore.readText(length);
  const plan = makePlan("bypass", key, profile, own);
  plan.plain = plain;
  plan.tags = tags;
  plan.user = user;
  plan.request = request;
  plan.vary = vary;
  begin(core, plan, length, now, flags | REQUEST);
  return plan;
}

/** Plans a read of a key. */
export function planKey(core: Core, key: string, options: unknown, flags: number): Plan {
  return planned(core, () => {
    const { hostStore } = core;
    enterKey(hostStore, key);
    const { policy, tags } = callOptions(options, "load");
    const now = hostStore.now();
    const length = hostStore.writeText(key);
    const plan = makePlan("bypass", key, hostStore.keyPolicy, policy);
    plan.tags = tags;
    begin(core, plan, length, now, flags);
    return plan;
  });
}

/** Asks the engine what a reader does, and completes the plan with that. */
function begin(core: Core, plan: Plan, length: number, now: number, flags: number) {
  const { hostStore } = core;
  const { key, tags } = plan;
  const tagBytes = tags.length > 0 ? hostStore.writeText(tags.join("\n"), length) : 0;
  const { staleWhileRevalidate, staleIfError, eagerRefresh, retryBackoff } = plan;
  const decision = core.begin(hostStore.find(key), length, tagBytes, now, staleWhileRevalidate, staleIfError, eagerRefresh, retryBackoff, flags);
  const { answer, observer } = hostStore;
  if (decision >= BYPASS) {
    plan.reason = plan.cause = BYPASS_REASONS[decision - BYPASS] ?? "failure";
    plan.key = "";
    return;
  }
  plan.slot = answer[SLOT] ?? -1;
  plan.loadId = answer[LOAD] ?? -1;
  if (decision === MISS) {
    const reserved = answer[RESERVED] ?? -1;
    if (reserved >= 0 && !hostStore.bind(reserved, key)) {
      core.callOff(plan.loadId);
      plan.loadId = -1;
      plan.slot = -1;
      plan.reason = plan.cause = "out-of-memory";
      return;
    }
    plan.kind = "miss";
    observer?.miss(key);
  } else if (decision === JOIN) {
    plan.kind = "join";
    observer?.joined(key);
  } else {
    plan.kind = decision === HIT ? "hit" : "stale";
    if (observer !== undefined) {
      const age = Math.max(0, now - hostStore.storedAt(plan.slot)) / 1e3;
      if (decision === STALE) observer.stale(key, age);
      else observer.hit(key, age);
    }
  }
}

/** Begins a mutation. */
function beginMutation(core: Core, name: string, profile: Profile, text: string | undefined, params: unknown): Plan {
  const { hostStore } = core;
  const plan = makePlan("mutation", "", NO_POLICY, NOTHING);
  plan.endpoint = name;
  plan.tag = text === undefined ? undefined : idTag(core, name, profile, text, params);
  const now = hostStore.writeNow();
  const length = hostStore.writeText(name);
  const tag = plan.tag === undefined ? 0 : hostStore.writeText(plan.tag, length);
  plan.loadId = core.beginMutation(length, tag, now);
  plan.count = hostStore.answer[COUNT] ?? 0;
  hostStore.observer?.mutation(name, "begin", plan.count, plan.count);
  return plan;
}

/**
 * Ends a mutation.
 *
 * @param wide whether it spares nothing: its params are not what they were when it began
 * @returns how many entries were removed by that
 */
export function settleMutation(core: Core, plan: Plan, wide: boolean): number {
  const { hostStore } = core;
  return attempt(
    core,
    () => {
      enter(hostStore);
      const now = core.hostStore.writeNow();
      const length = core.hostStore.writeText(plan.endpoint);
      const tag = plan.tag === undefined || wide ? 0 : core.hostStore.writeText(plan.tag, length);
      const count = core.settle(plan.loadId, length, tag, wide, now);
      core.hostStore.observer?.mutation(plan.endpoint, "settle", count, count + plan.count);
      return count;
    },
    () => 0,
  );
}

/** Whether a request to this endpoint changes something. What cannot be told not to be a change is one. */
export function isMutation(core: Core, endpoint: unknown): boolean {
  const name = endpointName(endpoint);
  return attempt(core, () => (enter(core.hostStore), profileOf(core, name).kind === "mutation"), () => true);
}

/**
 * The plan of a request whose planning failed. That does not say what the request is: unless its name says that it is none,
 * it is a change, and removes what its name may touch. Where not even that can be planned, it has no number, and everything
 * is removed when it settles.
 */
export function replanned(core: Core, endpoint: unknown, plan: Plan): Plan {
  if (plan.reason !== "failure") return plan;
  try {
    if (!isMutation(core, endpoint)) return plan;
    const named = planRequest(core, { endpoint, readable: false, user: undefined, text: undefined, params: undefined, vary: undefined, options: undefined, flags: ALONE });
    if (named.kind === "mutation") return named;
  } catch {
    // Nothing can be said of it.
  }
  return { ...plan, kind: "mutation", endpoint: endpointName(endpoint) };
}

/**
 * A plan, with what it points at. A listener may empty the slot or fill it anew, so what is in it is taken before
 * anybody is told of anything.
 */
function planned(core: Core, open: () => Plan): Plan {
  const { observer } = core.hostStore;
  if (observer !== undefined) observer.holding += 1;
  try {
    const plan = attempt(core, open, () => bypass("failure"));
    if (plan.slot >= 0) {
      const { hostStore } = core;
      plan.held = hostStore.storedValue(plan.slot);
      plan.times = hostStore.times(plan.slot);
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

