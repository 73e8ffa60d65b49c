/**
 * Options as callers write them, read by name and checked, before the engine is asked for anything: reading an object runs its
 * getters. What an option means is not for this module to know.
 */

import { readNames, readText } from "./validate.js";
import { HostClock } from "./clock.js";
import { type Limits, LIMITS } from "./contract.js";
import { typeError } from "./errors.js";
import { Fields } from "./fields.js";
import { copyOf, isRead } from "./read-once.js";
import { type Isolation, ISOLATIONS } from "./isolation.js";
import { completed, type Policy } from "./profile.js";
import { HostStore } from "./host-store.js";
import { readSignal } from "./signals.js";
import { bounded, enough } from "./tags.js";
import { ttlMs } from "./ttl.js";
import { isPlain, isWellFormed, kindOf } from "./values.js";

const POLICY = [
  "staleWhileRevalidate", "staleIfError", "softTimeout", "hardTimeout", "jitter", "eagerRefresh", "negativeTtl",
  "retryBackoff", "ttl",
];
/** What each kind of call may be told. */
const CALLS = {
  set: [...POLICY, "tags"],
  load: [...POLICY, "tags", "background", "signal", "waitUntil", "isolation", "singleFlight", "execution"],
  request: [...POLICY, "tags", "background", "isolation", "singleFlight", "apiVersion", "authorize"],
};
const SERVICE = [
  ...POLICY, "defaultTtl", "maxEntries", "maxBytes", "maxEntryBytes", "sizeOf", "clock", "rules", "logger",
  "onEvent", "seed", "isolation", "clone", "singleFlight", "maxFollowers", "maxWait", "maxLoads", "mutationTimeout",
  "endpointStats", "background",
];
const RULE = [
  ...POLICY, "cache", "scope", "tags", "vary", "mutation", "invalidates", "alsoInvalidates", "resourceId",
];
const LISTS = ["tags", "vary", "invalidates", "alsoInvalidates"];
const VISIBILITIES = ["auto", "user", "shared"];
const SINGLE_FLIGHT = ["auto", "process", "request", "off"];
const LOGGING = ["debug", "info", "warn", "error"];

export type CallKind = keyof typeof CALLS;

/** What one call asks for. */
export interface CallOptions {
  policy: Partial<Policy>;
  tags: string[];
}

/** A rule, as the engine reads it by these names. */
export interface RuleOptions {
  pattern: string;
  cache?: boolean | undefined;
  mutation?: boolean | undefined;
  visibility?: string | undefined;
  policy: Partial<Policy>;
  tags: string[];
  vary: string[];
  invalidates?: string[] | undefined;
  alsoInvalidates: string[];
  resourceId?: string | undefined;
  /** the number of the function that finds the id instead */
  resourceIdBy?: number | undefined;
  /** the number of the function that names tags */
  tagger?: number | undefined;
}

/** What the engine is made from; it reads these by name. */
export interface EngineOptions {
  limits: Limits;
  policy: Partial<Policy>;
  rules: RuleOptions[];
}

/** What the host reads of a service's options, with defaults filled in. */
export interface Settings {
  /** milliseconds */
  defaultTtl: number;
  /** the same, NaN where a jitter or a window makes every value a question for the engine */
  plainTtl: number;
  eagerRefresh: number;
  maxWait: number;
  isolation: Isolation;
  clone?: (value: unknown) => unknown;
  singleFlight: string;
  policy: Partial<Policy>;
}

/** Functions of the user's that rules name by number. */
export interface RuleFunctions {
  taggers: ((params: unknown, request: { endpoint: string; userId: string | undefined }) => unknown)[];
  finders: ((params: unknown) => unknown)[];
}

export type Background = "inherit" | "detached" | ((run: () => unknown) => unknown);

function readPolicy(fields: Fields): Partial<Policy> {
  const policy = {
    ttl: fields.ttl("ttl"),
    staleWhileRevalidate: fields.duration("staleWhileRevalidate"),
    staleIfError: fields.duration("staleIfError"),
    softTimeout: fields.duration("softTimeout"),
    hardTimeout: fields.wait("hardTimeout"),
    jitter: fields.number("jitter", 0, 1),
    eagerRefresh: fields.number("eagerRefresh", 0, 1),
    negativeTtl: fields.ttl("negativeTtl"),
    retryBackoff: fields.duration("retryBackoff"),
  };
  return policy as Partial<Policy>;
}

const noOptions = (): CallOptions => ({ policy: {}, tags: [] });

/**
 * What one call of `set`, `getOrSet` or `routeRequest` asks for: a TTL by itself, or an object; or what was read of one. What is
 * read elsewhere is checked here as well, so that a word that is misspelled is an error whether the value is there or not.
 */
export function callOptions(options: unknown, call: CallKind): CallOptions {
  if (options === undefined) return noOptions();
  if (isRead(options)) return options as CallOptions;
  if (typeof options !== "object" || options === null) return { policy: { ttl: ttlMs(options, "ttl") }, tags: [] };
  // A request's own signal that is none comes in here, as an option that cannot be used.
  if (call === "request") readSignal((options as { signal?: unknown }).signal, "request: signal");
  const fields = new Fields(options, "options", CALLS[call]);
  const policy = readPolicy(fields);
  const tags = bounded(fields.names("tags") ?? []);
  fields.oneOf("isolation", ISOLATIONS);
  fields.oneOf("singleFlight", SINGLE_FLIGHT);
  if (call !== "request") readSignal(fields.raw("signal"), "options: signal");
  readBackground(fields);
  fields.callback("waitUntil");
  fields.callback("authorize");
  fields.thing("execution");
  fields.text("apiVersion");
  return { policy, tags };
}

/** Where loads in the background run. */
function readBackground(fields: Fields): Background | undefined {
  const value = fields.raw("background");
  if (value === undefined || value === "inherit" || value === "detached" || typeof value === "function") return value;
  return fields.refuse(typeError, "background", "\"inherit\", \"detached\" or a function", value);
}

/**
 * The options of a service as they are now, each read once: a cache is made of them more than once, and what a getter throws
 * is the user's to see.
 */
export function copyOptions(options: any): any {
  const copy = copyOf(options);
  const rules = copyOf(copy?.rules);
  if (copy === options || rules === copy.rules) return copy;
  for (const [name, rule] of Object.entries(rules)) {
    const own = (rules[name] = copyOf(rule));
    if (own === rule) continue;
    for (const list of LISTS) if (Array.isArray(own[list])) own[list] = Array.from(own[list]);
  }
  return { ...copy, rules };
}

/** What a cache is made from: what the engine reads, and the host's side of it. */
export interface ServiceOptions {
  engine: EngineOptions;
  hostStore: HostStore;
}

/**
 * What a cache is made from: a default TTL in seconds, an object, or nothing; or what was read of one before.
 *
 * @param memory in which the engine's columns lie
 */
export function serviceOptions(options: unknown, memory: WebAssembly.Memory): ServiceOptions {
  if (isRead(options)) return options as ServiceOptions;
  const bare = options !== undefined && options !== null && typeof options !== "object";
  const fields = new Fields(bare ? undefined : options, "options", SERVICE);
  const policy = readPolicy(fields);
  const defaultTtl = bare ? ttlMs(options, "defaultTtl") : (fields.ttl("defaultTtl") ?? policy.ttl);
  if (defaultTtl !== undefined) policy.ttl = defaultTtl;
  const maxBytes = fields.number("maxBytes", 1, Infinity) ?? LIMITS.maxBytes;
  const limits: Limits = {
    maxEntries: fields.count("maxEntries", 1) ?? LIMITS.maxEntries,
    maxBytes,
    maxEntryBytes: fields.number("maxEntryBytes", 1, maxBytes) ?? maxBytes / 8,
    maxLoads: fields.count("maxLoads", 1) ?? LIMITS.maxLoads,
    maxFollowers: fields.count("maxFollowers", 0) ?? LIMITS.maxFollowers,
    maxLoadMs: fields.wait("maxWait") ?? LIMITS.maxLoadMs,
    maxMutationMs: fields.wait("mutationTimeout") ?? LIMITS.maxMutationMs,
  };
  const functions: RuleFunctions = { taggers: [], finders: [] };
  const rules = readRules(fields.raw("rules"), functions);
  const time = fields.raw("clock");
  const logger = fields.having("logger", LOGGING, "an object with the methods debug, info, warn and error");
  const onEvent = fields.callback("onEvent");
  const sizeOf = fields.callback("sizeOf");
  const countEndpoints = fields.flag("endpointStats") ?? false;
  const seed = fields.count("seed", 0, 2 ** 32 - 1);
  const isolation = (fields.oneOf("isolation", ISOLATIONS) ?? "snapshot") as Isolation;
  const clone = fields.callback("clone");
  const singleFlight = fields.oneOf("singleFlight", SINGLE_FLIGHT) ?? "auto";
  const background = readBackground(fields);
  // The last of all: a user's clock is read once. A cache that starts anew goes on with the one it has.
  const clock = time instanceof HostClock ? time : new HostClock(time);
  const hostStore = new HostStore(memory, clock, seed, logger, onEvent, sizeOf, countEndpoints);
  hostStore.background = background;
  hostStore.functions = functions;
  hostStore.keyPolicy = completed({ ...policy, ttl: policy.ttl ?? LIMITS.defaultTtlMs });
  // A jitter or a window of the service's is a question for the engine at each value.
  const plain = [policy.jitter, policy.staleWhileRevalidate, policy.staleIfError].every((option) => (option ?? 0) === 0);
  const lives = policy.ttl ?? LIMITS.defaultTtlMs;
  hostStore.settings = Object.freeze({
    defaultTtl: lives,
    plainTtl: plain ? lives : NaN,
    eagerRefresh: policy.eagerRefresh ?? 1,
    maxWait: limits.maxLoadMs,
    isolation,
    ...(clone === undefined ? {} : { clone }),
    singleFlight,
    policy,
  });
  return { engine: { limits, policy, rules }, hostStore };
}

/** @param functions is given those that rules name */
function readRules(rules: unknown, functions: RuleFunctions): RuleOptions[] {
  if (rules === undefined || rules === null) return [];
  if (!isPlain(rules)) throw typeError(`options: rules are an object of endpoint patterns, not ${kindOf(rules)}`);
  return Object.entries(rules as Record<string, unknown>).map(([name, rule]) => readRule(name, rule, functions));
}

function readRule(name: string, rule: unknown, functions: RuleFunctions): RuleOptions {
  const pattern = readText(name, "an endpoint pattern", "ERR_ENDPOINT_PATTERN");
  const what = `options: rules[${JSON.stringify(name)}]`;
  const fields = new Fields(rule, what, RULE);
  const tags = fields.raw("tags");
  const cache = fields.flag("cache");
  const visibility = fields.oneOf("scope", VISIBILITIES);
  const policy = readPolicy(fields);
  const vary = fields.names("vary") ?? [];
  const tagger = typeof tags === "function" ? functions.taggers.push(tags) - 1 : undefined;
  const named = tagger !== undefined || tags === undefined ? [] : enough(readNames(tags, `${what}: tags`));
  const mutation = fields.flag("mutation");
  const invalidates = fields.names("invalidates");
  const alsoInvalidates = fields.names("alsoInvalidates") ?? [];
  const id = fields.raw("resourceId");
  const resourceIdBy = typeof id === "function" ? functions.finders.push(id) - 1 : undefined;
  let resourceId: string | undefined;
  if (id !== undefined && resourceIdBy === undefined) {
    if (typeof id !== "string" || id === "" || !isWellFormed(id)) {
      fields.refuse(typeError, "resourceId", "the name of a member of params or a function", id);
    }
    resourceId = readText(id, `${what}: resourceId`, "ERR_OPTION");
  }
  return {
    pattern, cache, mutation, visibility, policy, tags: [...named], vary, invalidates, alsoInvalidates, resourceId, resourceIdBy, tagger,
  };
}
