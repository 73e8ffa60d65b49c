/**
 * Options as callers write them, checked and handed over as flat lists: numbers, NaN where one is absent, and texts.
 *
 * Reading an object runs its getters, so all of it is read before the engine is asked. What the numbers and texts are
 * is told by their order, which `convert.rs` reads; what they mean is not for this room to know.
 */

import { readNames, readText } from "./checks.js";
import { HostClock } from "./clock.js";
import { typeError } from "./errors.js";
import { Fields } from "./fields.js";
import { copyOf, isRead } from "./given.js";
import { ISOLATIONS } from "./isolation.js";
import { Shelf } from "./shelf.js";
import { readSignal } from "./signals.js";
import { bounded, enough, TOO_MANY_TAGS } from "./tags.js";
import { ttlMs } from "./ttl.js";
import { describe, isPlain, isWellFormed, kindOf } from "./values.js";

const STALENESS = [
  "staleWhileRevalidate", "staleIfError", "softTimeout", "hardTimeout", "jitter", "eagerRefresh", "negativeTtl",
  "retryBackoff", "ttl",
];
/** What each kind of call may be told, in the order of `Call` in convert.rs. */
const CALLS = [
  [...STALENESS, "tags"],
  [...STALENESS, "tags", "background", "signal", "waitUntil", "isolation", "singleFlight", "execution"],
  [...STALENESS, "tags", "background", "isolation", "singleFlight", "apiVersion", "authorize"],
];
/** Indices into them. */
export const SET = 0;
export const LOAD = 1;
export const REQUEST = 2;
const SERVICE = [
  ...STALENESS, "defaultTtl", "maxEntries", "maxBytes", "maxEntryBytes", "sizeOf", "clock", "rules", "logger",
  "onEvent", "seed", "isolation", "clone", "singleFlight", "maxFollowers", "maxWait", "maxLoads", "mutationTimeout",
  "endpointStats", "background",
];
const RULE = [
  ...STALENESS, "cache", "scope", "tags", "vary", "mutation", "invalidates", "alsoInvalidates", "resourceId",
];
const LISTS = ["tags", "vary", "invalidates", "alsoInvalidates"];
const SCOPES = ["auto", "user", "shared"];
const FLIGHTS = ["auto", "process", "request", "off"];
const LOGGING = ["debug", "info", "warn", "error"];

/** what Rust reads */
export interface Given {
  numbers: number[];
  texts: string[];
}

/**
 * functions that name tags, and
 * those that find a resource's id, by the number of the rule
 */
export type Rules = Given & { taggers: (Function | undefined)[], finders: (Function | undefined)[] };

/** TTL and staleness, in the order of `policy` in convert.rs. */
const readPolicy = (fields: Fields) => [
  fields.ttl("ttl"),
  fields.duration("staleWhileRevalidate"),
  fields.duration("staleIfError"),
  fields.duration("softTimeout"),
  fields.wait("hardTimeout"),
  fields.number("jitter", 0, 1),
  fields.number("eagerRefresh", 0, 1),
  fields.ttl("negativeTtl"),
  fields.duration("retryBackoff"),
];

/** The options of a service that nobody gave any. */
const NONE = new Fields(undefined, "options", []);

/**
 * What one call of `set`, `getOrSet` or `routeRequest` asks for: a TTL by itself, or an object; or what was read of one. What is
 * read elsewhere is checked here as well, so that a word that is misspelled is an error whether the value is there or not.
 *
 * @param call index into `CALLS`
 * @returns its policy, and 1 if it has too many tags; its tags
 */
export function callOptions(options: unknown, call: number = LOAD): Given {
  if (isRead(options)) return (options as any);
  if (typeof options !== "object" || options === null) {
    const policy = readPolicy(NONE);
    policy[0] = ttlMs(options, "ttl");
    return { numbers: policy, texts: [] };
  }
  // A request's own signal that is none comes in here, as an option that cannot be used.
  if (call === REQUEST) readSignal((options as any).signal, "request: signal");
  const fields = new Fields(options, "options", CALLS[call] ?? []);
  const numbers = readPolicy(fields);
  const tags = bounded(fields.names("tags") ?? []);
  fields.oneOf("isolation", ISOLATIONS);
  fields.oneOf("singleFlight", FLIGHTS);
  if (call !== REQUEST) readSignal(fields.raw("signal"), "options: signal");
  readBackground(fields);
  fields.callback("waitUntil");
  fields.callback("authorize");
  fields.thing("execution");
  fields.text("apiVersion");
  if (tags === TOO_MANY_TAGS) numbers.push(1);
  return { numbers, texts: tags };
}

/** Where loads in the background run. */
function readBackground(fields: Fields): "inherit" | "detached" | ((run: () => unknown) => unknown) | undefined {
  const value = fields.raw("background");
  if (value === undefined || value === "inherit" || value === "detached" || typeof value === "function") return value;
  return fields.refuse(typeError, "background", "\"inherit\", \"detached\" or a function", value);
}

const or = (number: number, fallback: number | undefined) => (Number.isNaN(number) ? Number(fallback) : number);

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

/**
 * What a cache is made from: a default TTL in seconds, an object, or nothing; or what was read of one before.
 *
 * @param memory in which the engine's columns lie
 * @param defaults the limits where none are given, and the TTL
 * @returns the limits, the policy, then each rule; what of the options JavaScript
 *   reads, which the shelf has too
 */
export function serviceOptions(options: any, memory: WebAssembly.Memory, defaults: ArrayLike<number>): Rules & { shelf: Shelf, settings: object } {
  if (isRead(options)) return options;
  const bare = options !== undefined && options !== null && typeof options !== "object";
  const fields = new Fields(bare ? undefined : options, "options", SERVICE);
  const policy = readPolicy(fields);
  policy[0] = or(bare ? ttlMs(options, "defaultTtl") : fields.ttl("defaultTtl"), policy[0]);
  const maxBytes = or(fields.number("maxBytes", 1, Infinity), defaults[1]);
  const limits = [
    or(fields.count("maxEntries", 1), defaults[0]),
    maxBytes,
    or(fields.number("maxEntryBytes", 1, maxBytes), maxBytes / 8),
    or(fields.count("maxLoads", 1), defaults[3]),
    or(fields.count("maxFollowers", 0), defaults[4]),
    or(fields.wait("maxWait"), defaults[5]),
    or(fields.wait("mutationTimeout"), defaults[6]),
  ];
  const given: Rules = { numbers: [...limits, ...policy], texts: [], taggers: [], finders: [] };
  const vary: string[] = [];
  readRules(fields.raw("rules"), given, vary);
  const time = fields.raw("clock");
  const logger = fields.having("logger", LOGGING, "an object with the methods debug, info, warn and error");
  const onEvent = fields.callback("onEvent");
  const sizeOf = fields.callback("sizeOf");
  const countEndpoints = fields.flag("endpointStats") ?? false;
  const seed = or(fields.count("seed", 0, 2 ** 32 - 1), undefined);
  const isolation = fields.oneOf("isolation", ISOLATIONS) ?? "snapshot";
  const clone = fields.callback("clone");
  const singleFlight = fields.oneOf("singleFlight", FLIGHTS) ?? "auto";
  // The last of all: a user's clock is read once. A cache that starts anew goes on with the one it has.
  const clock = time instanceof HostClock ? time : new HostClock(time);
  const background = readBackground(fields);
  const shelf = new Shelf(memory, clock, Number.isNaN(seed) ? undefined : seed, logger, onEvent, sizeOf, countEndpoints);
  shelf.background = background;
  shelf.vary = vary;
  const [ttl, swr, sie, , , jitter, eager] = policy;
  const defaultTtl = or(Number(ttl), defaults[7]);
  // A jitter or a window of the service's is a question for the engine at each value.
  const plain = [jitter, swr, sie].every((option) => or(Number(option), 0) === 0);
  const settings = (shelf.settings = Object.freeze({
    defaultTtl,
    plainTtl: plain ? defaultTtl : NaN,
    eagerRefresh: or(Number(eager), 1),
    maxWait: limits[5],
    isolation,
    ...(clone === undefined ? {} : { clone }),
    singleFlight,
  }));
  return { ...given, shelf, settings };
}

/**
 * Adds the rules: of each its numbers, `cache`, `mutation` and `scope` first, how many texts of each sort it has, and
 * these texts.
 *
 * @param vary is given all values that a rule makes part of the key
 */
function readRules(rules: any, given: Rules, vary: string[]) {
  if (rules === undefined || rules === null) return;
  if (!isPlain(rules)) throw typeError(`options: rules are an object of endpoint patterns, not ${kindOf(rules)}`);
  for (const name of Object.keys(rules)) {
    const pattern = readText(name, "an endpoint pattern", "ERR_ENDPOINT_PATTERN");
    const what = `options: rules[${JSON.stringify(name)}]`;
    const fields = new Fields(rules[name], what, RULE);
    const tags = fields.raw("tags");
    const isFunction = typeof tags === "function";
    const cache = fields.flag("cache");
    const scope = fields.oneOf("scope", SCOPES);
    const policy = readPolicy(fields);
    const varies = fields.names("vary");
    vary.push(...(varies ?? []));
    const lists = [isFunction || tags === undefined ? [] : enough(readNames(tags, `${what}: tags`)), varies];
    const mutation = fields.flag("mutation");
    lists.push(fields.names("invalidates"), fields.names("alsoInvalidates"));
    const id = fields.raw("resourceId");
    const finds = typeof id === "function";
    if (id !== undefined && !finds && (typeof id !== "string" || id === "" || !isWellFormed(id))) {
      fields.refuse(typeError, "resourceId", "the name of a member of params or a function", id);
    }
    if (id !== undefined && !finds) readText(id, `${what}: resourceId`, "ERR_OPTION");
    lists.push(id === undefined || finds ? undefined : [id]);
    const choices = [Number(cache), Number(mutation), scope === undefined ? NaN : SCOPES.indexOf(scope)];
    given.numbers.push(...choices, ...policy, ...lists.map((list) => list?.length ?? NaN));
    given.texts.push(pattern, ...lists.flatMap((list) => list ?? []));
    given.taggers.push(isFunction ? tags : undefined);
    given.finders.push(finds ? id : undefined);
  }
}
