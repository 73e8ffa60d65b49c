/**
 * Doing what the engine planned: `routeRequest` and `getOrSet`.
 *
 * Rust decides (which key, hit or load, whom a mutation touches), this module runs handlers. Whatever goes wrong inside the
 * cache means that the handler runs; only the handler's own errors reach the caller, and those that the caller asked for
 * (its signal, its hard timeout). How a plan for a read is carried out is said in `carry.js`.
 */

import type { Plan } from "./request-plan.js";
import type { Load } from "./loads.js";
import type { Answer } from "./execute-plan.js";
import type { CloneHook } from "./snapshot.js";
import { answer, executePlan, joinMode, isAlone } from "./execute-plan.js";
import { typeError } from "./errors.js";
import { copyFor } from "./isolation.js";
import { guarded, LoadContext } from "./loads.js";
import { callOptions } from "./options.js";
import { type ParamsText, readParams, requestText } from "./params.js";
import { asResponse, isEnvelope } from "./envelope.js";
import { ALONE } from "./contract.js";
import { attempt, type Core } from "./core.js";
import { ageAt, bypass, isMutation, mayRead, planKey, planRequest, replanned, settleMutation, ttlAt } from "./request-plan.js";
import { readSignal } from "./signals.js";
import { copyOf } from "./snapshot.js";
import { describe } from "./values.js";

const { hasOwn } = Object;

const UNUSED = "an option of this change is unknown, of the wrong type or out of its range. It was ignored";

const causeOf = (error: unknown) => ((error as any)?.code === "ERR_DISPOSED" ? "disposed" : "failure");

// -- getOrSet ---------------------------------------------------------------------------------------------------------

/** The value under a key, or else what the loader returns, stored. */
export async function getOrSet(core: Core, key: string, loader: (context: any) => any, options: any): Promise<any> {
  if (typeof loader !== "function") {
    throw Object.assign(new TypeError(`a loader is a function, not ${typeof loader}`), { code: "ERR_OPTION" });
  }
  const { signal: given, waitUntil, singleFlight, execution, background, isolation: asked } = Object(options);
  const signal = readSignal(given, "options: signal");
  const isolation = asked ?? core.hostStore.settings.isolation;
  signal?.throwIfAborted();
  const { mode, hasty } = joinMode(core, singleFlight, isolation);
  const flags = isAlone(mode, execution) ? ALONE : 0;
  const replan = () => planKey(core, key, options, flags);
  const plan = replan();
  const stale = (held: any) => guarded(() => copyFor(held, isolation, core.hostStore.settings.clone));
  const { value } = await executePlan(core, plan, {
    run: (load) => loader(Object.defineProperty(new LoadContext(core, load, stale), "key", { value: key, enumerable: true })),
    alone: () => loader({ key, ...freeContext(core, signal) }),
    read: (raw) => ({ value: raw, data: raw, storable: raw !== undefined }),
    isolation,
    signal,
    waitUntil,
    execution,
    apart: mode === "request",
    hasty,
    about: key,
    byKey: true,
    identify: undefined,
    background: placeOf(core, background),
    replan,
  });
  return value;
}

/** What a handler's context has besides where its answer is for its caller alone. */
function freeContext({ hostStore }: Core, signal: AbortSignal | undefined) {
  return {
    // Made where it is needed: an AbortController costs more than all else on the way of a hit.
    signal: signal ?? new AbortController().signal,
    began: hostStore.wall(),
    stale: undefined,
    setTtl() {},
    addTags() {},
    noStore() {},
  };
}

/** Where loads in the background run; undefined where that is their caller's own async context. */
function placeOf({ hostStore }: Core, asked: "inherit" | "detached" | ((run: () => unknown) => unknown) | undefined) {
  const place = asked ?? hostStore.background;
  if (typeof place === "function") return place;
  return place === "detached" ? hostStore.detached : undefined;
}

// -- routeRequest -----------------------------------------------------------------------------------------------------

/**
 * Answers a request from the cache or by its handler; see the package's types.
 *
 * @param known the text of the params, where it has been made; null where they have none
 */
export async function routeRequest(core: Core, request: any, handler: (params: any, context: any) => any, options: any, known?: ParamsText | null): Promise<any> {
  if (typeof handler !== "function") {
    throw Object.assign(new TypeError(`a handler is a function, not ${typeof handler}`), { code: "ERR_OPTION" });
  }
  if (typeof request !== "object" || request === null) {
    throw typeError(`a request is an object that names its endpoint, not ${describe(request)}`);
  }
  // All of it at once: what its own getters throw is the caller's, and is thrown before anything was done.
  const { endpoint, params, vary, signal: offered, waitUntil, execution, requestId, method: given } = request;
  const { singleFlight, authorize, background, apiVersion, isolation: wanted } = Object(options);
  const isolation = wanted ?? core.hostStore.settings.isolation;
  const labels = { requestId, apiVersion };
  // What is no signal cannot be obeyed: as an option that cannot be read, it makes a read bypass.
  const signal = guarded(() => readSignal(offered, "request: signal"), null);
  const asked = signal === null ? { ...Object(options), signal: offered } : options;
  // What is no name of a method is none that may be answered from the cache.
  const method = (given ?? undefined) === undefined ? "GET" : typeof given === "string" ? given.toUpperCase() : "";
  const user = identityOf(request);
  const started = core.hostStore.exactNow();
  signal?.throwIfAborted();
  if (authorize !== undefined) {
    const userId = textOfUser(user);
    await authorize(Object.freeze({ endpoint, method, userId, vary: Object.freeze({ ...vary }) }));
  }
  let flaw: unknown;
  const caught = (error: unknown) => (flaw = error);
  const read = known === undefined ? guarded(() => readParams(params), undefined, caught) : known;
  let text = read?.text;
  let copy: any;
  if (read?.isJson === false) {
    copy = guarded(() => ownParams(params, text, core.hostStore.settings.clone), undefined, caught);
    if (copy === undefined) text = undefined;
  }
  const { mode, hasty } = joinMode(core, singleFlight, isolation);
  const flags = isAlone(mode, execution) ? ALONE : 0;
  const replan = () => {
    try {
      return planRequest(core, { endpoint, readable: mayRead(method), user, text, params, vary, options: asked, flags });
    } catch (error) {
      return bypass(causeOf(error), error);
    }
  };
  const plan = replanned(core, endpoint, replan());
  const context = () => openContext(core, request, endpoint, method, user, vary, signal ?? undefined);
  if (plan.cause === "params") plan.error ??= flaw;
  if (plan.kind === "mutation") {
    // A mutation needs none of its options, but one that is misspelled is said.
    if (options !== undefined) guarded(() => callOptions(asked, "request"), undefined, (error) => core.hostStore.warnings.once(endpoint, "options", UNUSED, error));
    return mutate(core, plan, { endpoint, params, text }, () => handler(params ?? {}, context()), labels, started);
  }
  const stale = (held: any) => guarded(() => copyFor(held, isolation, core.hostStore.settings.clone).data);
  const found = await executePlan(core, plan, {
    run: (load) => handler(copy ?? JSON.parse(text ?? "{}"), keyedContext(core, endpoint, method, plan, load, stale)),
    alone: () => handler(params ?? {}, context()),
    read: asResponse,
    isolation,
    signal: signal ?? undefined,
    waitUntil,
    execution,
    apart: mode === "request",
    about: endpoint,
    byKey: false,
    hasty,
    identify: () => attempt(core, () => core.identify(core.hostStore.writeText(plan.request ?? "")), () => undefined),
    background: placeOf(core, background),
    replan,
  });
  // What is met again: to remember every request would cost more than it saves.
  if (plan.kind === "hit" && plan.plain && text !== undefined) remember(core, endpoint, plan, text, found.slot);
  const key = plan.kind === "bypass" ? null : plan.key;
  return respond(core, found, key, labels, started);
}

/** An id as a text: a handler or `authorize` is told "" of one that has none, which is nobody's. */
function textOfUser(user: any): string | undefined {
  if (typeof user === "string") return user;
  return user === undefined || user === null ? undefined : guarded(() => String(user), "");
}

/**
 * Params as the handler of a cached read sees them where JSON would not give them back as they were: a copy of its own, since
 * the answer is served to others as well, whatever the caller does with the original meanwhile.
 *
 * @param text that is part of the key
 * @throws where they have no copy, or one that is not what the key says
 */
function ownParams(params: any, text: string | undefined, clone: CloneHook | undefined): any {
  const copy = copyOf(params, clone);
  if (requestText(copy) !== text) throw new TypeError("params changed while they were read");
  return copy;
}

/**
 * Who asks: `user.userId`, else `userId`. A `user` without any id is an identity that failed to resolve, and no id:
 * it must not become nobody's.
 */
function identityOf({ user, userId }: any) {
  const id = user?.userId ?? userId;
  return (id === undefined || id === null) && user !== undefined && user !== null ? "" : id;
}

/**
 * Runs a mutation's handler. What it touches is invalidated once more before anybody hears how it ended. One that could not
 * be planned is judged then: by that time there is an engine again.
 *
 * @param asked the text of the params is what it was
 */
async function mutate(core: Core, plan: Plan, { endpoint, params, text }: { endpoint: any, params: any, text: string | undefined }, run: () => any, labels: { requestId: any, apiVersion: any }, started: number) {
  let count = plan.count;
  let value;
  let changes = plan.loadId >= 0;
  const { tier } = core.hostStore;
  const scopes = changes && tier !== undefined ? guarded(() => core.mutationScopes(plan.loadId), [""]) : [""];
  const tiered = changes ? guarded(() => tier?.begin(scopes)) : undefined;
  try {
    value = asResponse(await run()).value;
  } finally {
    changes ||= guarded(() => isMutation(core, endpoint), true) ?? true;
    // Other processes first: until the lease ends here, no load that began meanwhile is stored here either.
    if (tiered !== undefined) await tiered.settle().catch(() => {});
    else if (changes) guarded(() => tier?.mutated(scopes));
    // Params that are not what they were any more spare nothing.
    const wide = text !== undefined && guarded(() => requestText(params)) !== text;
    if (changes) count += guarded(() => settleMutation(core, plan, wide), 0) ?? 0;
  }
  const reason = plan.reason === "" ? undefined : plan.reason;
  const response = respond(core, answer(changes ? "mutation" : "bypass", value, reason, -1, 0), null, labels, started);
  if (changes) response.metadata.invalidated = count;
  return response;
}

/** Remembers which entry answers a request, so that the next one like it needs neither hash nor plan. */
function remember(core: Core, endpoint: string, plan: Plan, text: string, slot: number) {
  const { hostStore } = core;
  if (slot < 0 || hostStore.keys[slot] !== plan.key || !((hostStore.versions[slot] ?? 0) > 0)) return;
  const value = hostStore.storedValue(slot);
  if (typeof value !== "object" || value === null || value.status !== "success") return;
  // The fast path writes a response of these two members; one with more goes the long way.
  if (Object.keys(value).length !== 2 || !hasOwn(value, "data")) return;
  hostStore.refresh();
  // The very string that is stored: one and the same is compared without a look at its characters.
  hostStore.requestMemo.remember(endpoint, plan.user ?? "", text, { key: plan.key, slot, version: hostStore.versions[slot] ?? 0 });
}

function respond(core: Core, { cache, value, reason, ttl, times }: Answer, key: string | null, { requestId, apiVersion }: { requestId: any, apiVersion: any }, started: number) {
  const { hostStore } = core;
  const now = hostStore.exactNow();
  const fromCache = cache === "hit" || cache === "stale";
  const age = fromCache ? ageAt(times, now) : 0;
  const left = fromCache ? ttlAt(times, now) : reason === undefined && ttl > 0 ? ttl / 1e3 : null;
  const body = isEnvelope(value) ? value : { status: "success", data: value };
  const metadata: Record<string, unknown> = {
    fromCache,
    cache,
    age,
    ttl: left,
    key,
    requestId: requestId ?? hostStore.responseMetadata.nextRequestId(),
    timestamp: hostStore.responseMetadata.timestamp(hostStore.wall()),
    durationMs: Math.max(0, now - started) || 0,
    apiVersion: apiVersion ?? "v1",
  };
  if (reason !== undefined) metadata.reason = reason;
  return { ...body, metadata };
}

/** What a handler sees whose answer is for this request alone: everything. */
function openContext(core: Core, request: any, endpoint: string, method: string, user: any, vary: any, signal: AbortSignal | undefined) {
  return {
    endpoint,
    method,
    userId: textOfUser(user),
    vary: vary ?? {},
    cached: false,
    request,
    ...freeContext(core, signal),
  };
}

/**
 * What a handler sees whose answer others may get: only what is part of the key. Anything else is an error,
 * because an answer that depended on it would be wrong for somebody.
 */
function keyedContext(core: Core, endpoint: string, method: string, plan: Plan, load: Load, stale: (held: any) => unknown) {
  const keyed = { endpoint, method, userId: plan.user, vary: Object.freeze(plan.vary), cached: true };
  return new Proxy(Object.assign(new LoadContext(core, load, stale), keyed), unkeyed);
}

const refuse = () => false;

/** What may be looked up besides a context's own members. */
const PASSED = new Set(["key", "began", "stale", "then", "toJSON"]);

/**
 * What test runners and inspectors ask of any object: whether it is an element, a matcher, a mock, an immutable list. No value that
 * an answer depends on has such a name, and an error would stand in place of the difference that they want to show.
 */
const INSPECTED = /^(?:\$\$|@@|__|_isMockFunction$|nodeType$|nodeName$|tagName$|asymmetricMatch$|isEqualNode$|inspect$|hasAttribute$|displayName$)/;

const unkeyed: ProxyHandler<any> = {
  get(target, name) {
    if (typeof name === "symbol" || Object.hasOwn(target, name) || PASSED.has(name)) return target[name];
    if (name in Object.prototype) return (Object.prototype as any)[name];
    if (INSPECTED.test(name)) return undefined;
    const sentence =
      `context.${name} is not part of this read's key, and its answer is served to other requests: name the value in ` +
      `the rule's "vary" and in the request's vary, or keep the endpoint out of the cache with { cache: false }`;
    throw Object.assign(new TypeError(sentence), { code: "ERR_UNKEYED" });
  },
  // Not frozen instead, which takes as long as all else that is made for it.
  set: refuse,
  defineProperty: refuse,
  deleteProperty: refuse,
  setPrototypeOf: refuse,
  preventExtensions: refuse,
};
