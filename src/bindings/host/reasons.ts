/**
 * Why requests and answers are not cached: counted by reason, remembered by endpoint for `explain`, told to those who watch,
 * and said once aloud where somebody has to do something about it.
 */

import type { HostStore } from "./host-store.js";
import { printable } from "./warnings.js";

/** Endpoints whose reasons are remembered: names come from requests. The one that was met first goes first. */
const ENDPOINTS = 1_000;

/** Characters of a name that is remembered; those of a key are no more. */
const NAME = 1_024;

/** Causes that metadata, events and statistics know by another word. */
const REASONS: Record<string, string> = { "kept-out": "not-cacheable", tags: "options" };

/** The word for a cause that metadata, events and statistics use. */
export const reasonOf = (cause: string) => REASONS[cause] ?? cause;

/** What is the matter and what to do, by cause. Where there is nothing for anybody to do, nothing is said. */
const ADVICE: Record<string, string> = {
  params:
    "its params hold what JSON cannot carry, or too much of it. Pass plain objects, arrays, strings, finite numbers, booleans and null: " +
    "a class instance as { ...it }, an id or a BigInt as String(it)",
  vary: "a value in vary cannot be part of a key. Pass strings, numbers, booleans and null, or plain objects and arrays of these",
  options: "an option of the call is unknown, of the wrong type or out of its range. Correct it",
  tags: "the tags function of its rule failed, or did not return an array of non-empty strings. Correct it",
  "user-id": "the user id is neither a non-empty string nor a finite number. Pass String(id)",
  endpoint: "that is no endpoint. Use dot-separated names without ':', white space and control characters",
  "key-length": "its key would have more than 1,024 characters. Use a shorter endpoint or user id",
  "not-cacheable":
    "its last segment is no read that the cache knows. Give it a rule with cache: true to cache it, or with cache: false to keep it out " +
    "without this warning",
  "too-many-loads": "as many loads as maxLoads allows are under way. Find out why they do not end, or raise maxLoads",
  "out-of-memory": "no memory was left. Lower maxEntries or maxBytes",
  failure: "the cache failed inside. Requests are answered by their handlers; please report it",
  "not-cloneable":
    "its answer cannot be copied for each caller without loss. Return plain data, or choose how answers are kept apart with the option isolation",
  "too-large": "its answer is larger than maxEntryBytes allows. Return less, or raise maxEntryBytes",
  "too-many-tags": "its answer has more tags than an entry may have. Use fewer",
};

/** What is remembered of an endpoint. */
export interface Memory {
  bypassedBy: Record<string, number>;
  /** values that loads brought */
  refusedBy: Record<string, number>;
  /** values that were not a load's */
  rejectedBy: Record<string, number>;
  /** the last one */
  reason: string;
  /** how often it was that reason */
  count: number;
  /** when that was, in milliseconds */
  at: number;
}

/** What there is before the first colon of a key; "" where there is none, as the engine has it. */
export function endpointOf(key: string) {
  const colon = key.indexOf(":");
  return colon < 0 ? "" : key.slice(0, colon);
}

/** What a key is remembered by: its endpoint, or itself. */
export const nameOf = (key: string) => endpointOf(key) || key;

/** Adds one. */
const add = (counts: Record<string, number>, reason: string) => (counts[reason] = (counts[reason] ?? 0) + 1);

export class Reasons {
  hostStore: HostStore;
  /** Requests that ran their handler past the cache. */
  bypassedBy: Record<string, number>;
  endpoints: Map<string, Memory>;

  constructor(hostStore: HostStore) {
    this.hostStore = hostStore;
    this.bypassedBy = {};
    this.endpoints = new Map();
  }

  /**
   * A request runs its handler past the cache.
   *
   * @param about the endpoint as the request has it, or a key
   * @param error that is behind it
   * @param byKey true for a key
   */
  bypassed(about: unknown, cause: string, error?: unknown, byKey: boolean = false) {
    const reason = reasonOf(cause);
    const name = typeof about !== "string" ? "" : byKey ? nameOf(about) : about;
    add(this.bypassedBy, reason);
    const first = this.#remember(name, "bypassedBy", reason);
    const { observer } = this.hostStore;
    if (observer !== undefined) {
      observer.bypassed(name, reason);
      observer.flush();
    }
    if (first) this.#warn(byKey ? name : about, byKey ? endpointOf(String(about)) : about, cause, reason, error);
  }

  /**
   * What was loaded is not stored. The engine has counted it, and those who watch are told elsewhere.
   *
   * @param error that is behind it
   */
  refused(key: string, reason: string, error?: unknown) {
    this.#kept(key, "refusedBy", reason, error);
  }

  /**
   * The same for what was set by hand, or by a chain, which has no loads.
   *
   * @param error that is behind it
   */
  rejected(key: string, reason: string, error?: unknown) {
    this.#kept(key, "rejectedBy", reason, error);
  }

  /** Warns of what is not stored with the error that is behind it, before the engine is asked, which does not hear of that. */
  warn(key: string, reason: string, error: unknown) {
    this.#warn(nameOf(key), endpointOf(key), reason, reason, error);
  }

  #kept(key: string, as: "refusedBy" | "rejectedBy", reason: string, error: unknown) {
    const name = nameOf(key);
    if (this.#remember(name, as, reason)) this.#warn(name, endpointOf(key), reason, reason, error);
  }

  /** Why requests of a key's endpoint were not cached lately; the endpoint itself may stand for a key. */
  of(key: string) {
    const name = this.endpoints.has(key) ? key : nameOf(key);
    const known = this.endpoints.get(name);
    if (known === undefined) return undefined;
    const { reason, count, at } = known;
    return { endpoint: name, reason, count, at };
  }

  /** @returns whether it is the first of its kind, as far as is remembered */
  #remember(name: string, as: "bypassedBy" | "refusedBy" | "rejectedBy", reason: string) {
    if (name.length > NAME) return true;
    let known = this.endpoints.get(name);
    if (known === undefined) {
      if (this.endpoints.size >= ENDPOINTS) this.endpoints.delete(this.endpoints.keys().next().value ?? "");
      known = { bypassedBy: {}, refusedBy: {}, rejectedBy: {}, reason, count: 0, at: 0 };
      this.endpoints.set(name, known);
    }
    known.reason = reason;
    known.count = add(known[as], reason);
    known.at = this.hostStore.wall();
    return known.count === 1;
  }

  #warn(name: unknown, group: unknown, cause: string, reason: string, error: unknown) {
    const advice = ADVICE[cause];
    if (advice === undefined) return;
    const shown = printable(name) || "a request without an endpoint";
    this.hostStore.warnings.once(group, reason, `${shown} is not cached: ${advice}`, error);
  }
}
