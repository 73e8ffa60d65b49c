/**
 * Who is told what happened: the user's logger and the user's listener.
 *
 * What happens during an operation waits here until the operation is over, so a listener may call the cache. What one
 * throws, or rejects with later, is ignored: watching a cache must not break it. Levels: hits,
 * misses and stored values at debug, invalidations at info. Texts hold names from requests with their control characters
 * written as escapes; the fields beside them hold the same names as they are.
 */

import type { HostClock } from "./clock.js";
import type { Warnings } from "./warnings.js";
import { endpointOf } from "./reasons.js";
import { printable, quietly } from "./warnings.js";

/** How many endpoints are counted apart: names come from requests, and nothing may grow with those. */
const ENDPOINTS = 1_000;

/** Characters of a name in a text: a key has no more. */
const NAME = 1_024;

/**
 * How far an event may be from what somebody else did: what a listener does causes an event, what it does on being told of
 * that the next, and one that always does something would go on for ever.
 */
const DEPTH = 8;

/** How many events may be caused in reaction to such events while what waits is told: each may cause many. */
const CAUSED = 1_000;

export type Level = "debug" | "info" | "error";

/** Something that happened. Its text is put together where there is a logger for it. */
export interface Noted {
  event: { type: string, at: number, error?: unknown };
  level: Level;
  before: string;
  /** from a request or a caller */
  name: string;
  after: string;
  /** 0 for what no listener caused */
  depth: number;
}

export class Observer {
  clock: HostClock;
  logger: any;
  onEvent: ((event: any) => unknown) | undefined;
  warnings: Warnings;
  /** False where lookups are counted and nobody is told anything. */
  tells: boolean;
  waiting: Noted[];
  /** The depth of the event that is being told; -1 while none is. */
  depth: number;
  /** Events that listeners caused in reaction to events that listeners had caused, since what waits began to be told. */
  caused: number;
  /** Above 0 while nobody may be told: what was planned is not taken yet. */
  holding: number;
  /** Lookups by endpoint, where they are counted. */
  endpoints: Map<string, { hits: number, misses: number }> | undefined;

  /** @param logger pino-shaped: `debug(fields, text)`, `info(fields, text)` */
  constructor(clock: HostClock, logger: any, onEvent: ((event: any) => unknown) | undefined, countEndpoints: boolean, warnings: Warnings) {
    this.clock = clock;
    this.logger = logger;
    this.onEvent = onEvent;
    this.warnings = warnings;
    this.tells = logger !== undefined || onEvent !== undefined;
    this.waiting = [];
    this.depth = -1;
    this.caused = 0;
    this.holding = 0;
    this.endpoints = countEndpoints ? new Map() : undefined;
  }

  /** Counts a lookup of the endpoint that a key names. */
  count(key: string, as: "hits" | "misses") {
    const { endpoints } = this;
    if (endpoints === undefined) return;
    const endpoint = endpointOf(key);
    let counts = endpoints.get(endpoint);
    if (counts === undefined) {
      if (endpoints.size >= ENDPOINTS) return;
      counts = { hits: 0, misses: 0 };
      endpoints.set(endpoint, counts);
    }
    counts[as] += 1;
  }

  /**
   * Notes what happened, at what the clock read for the operation under way.
   *
   * @param before the text as far as the name
   * @param name that stands in the text
   * @param after the rest of the text
   */
  note(type: string, fields: object, level: Level, before: string, name: string = "", after: string = "") {
    if (!this.tells) return;
    const depth = this.depth + 1;
    if (depth > 1) {
      this.caused += 1;
      if (depth > DEPTH || this.caused > CAUSED) return this.drop();
    }
    this.waiting.push({ event: { type, at: this.clock.reading, ...fields }, level, before, name, after, depth });
  }

  /** What a listener causes on and on is not told any more. */
  drop() {
    const text = "onEvent or the logger calls the cache on every event and so causes the next one: events were dropped. Call it for some types of event only";
    this.warnings.once("", "events", text);
  }

  /** @param age in seconds */
  hit(key: string, age: number) {
    this.count(key, "hits");
    this.note("hit", { key, age }, "debug", "Cache hit: ", key);
  }

  /** @param age in seconds */
  stale(key: string, age: number) {
    this.count(key, "hits");
    this.note("stale", { key, age }, "debug", "Cache hit (stale): ", key);
  }

  miss(key: string) {
    this.count(key, "misses");
    this.note("miss", { key }, "debug", "Cache miss: ", key);
  }

  joined(key: string) {
    this.count(key, "misses");
    this.note("joined", { key }, "debug", "Cache miss, load joined: ", key);
  }

  /** @param ttl in seconds */
  set(key: string, ttl: number, bytes: number) {
    this.note("set", { key, ttl, bytes }, "debug", "Cache set: ", key, ` (TTL: ${ttl}s)`);
  }

  removed(key: string, reason: string) {
    this.note("removed", { key, reason }, "debug", `Cache entry ${reason}: `, key);
  }

  invalidated(by: string, count: number) {
    this.note("invalidated", { by, count }, "info", `Cache invalidated: ${count} entries matching '`, by, "'");
  }

  expired(by: string, count: number) {
    this.note("expired", { by, count }, "info", `Cache expired: ${count} entries matching '`, by, "'");
  }

  cleared(count: number) {
    this.note("cleared", { count }, "info", `Cache cleared: ${count} entries`);
  }

  /**
   * One line at info for a mutation that removed something: when it settles, with all that went.
   *
   * @param count entries that went now
   * @param total entries that went since it began
   */
  mutation(endpoint: string, phase: "begin" | "settle", count: number, total: number) {
    const settled = phase === "settle";
    const fields = settled ? { endpoint, phase, count, total } : { endpoint, phase, count };
    this.note("mutation", fields, settled && total > 0 ? "info" : "debug", `Cache invalidated: ${total} entries by mutation `, endpoint, ` (${phase})`);
  }

  refused(key: string, reason: string) {
    this.note("refused", { key, reason }, "debug", `Cache fill refused (${reason}): `, key);
  }

  bypassed(endpoint: string, reason: string) {
    this.note("bypass", { endpoint, reason }, "debug", `Cache bypass (${reason}): `, endpoint);
  }

  failed(key: string, error: unknown) {
    this.note("loadFailed", { key, error }, "debug", "Cache load failed: ", key);
  }

  broken(error: unknown) {
    this.note("failure", { error }, "error", "Cache failed and started anew, empty");
  }

  /** Tells what waits. Call it when nothing is borrowed and nothing is half done. */
  flush() {
    if (this.depth >= 0 || this.holding > 0) return;
    const { waiting } = this;
    this.caused = 0;
    try {
      // What a listener causes is added at the end.
      for (let at = 0; at < waiting.length; at += 1) this.tell((waiting[at] as Noted));
    } finally {
      waiting.length = 0;
      this.depth = -1;
    }
  }

  tell({ event, level, before, name, after, depth }: Noted) {
    const { logger, onEvent } = this;
    this.depth = depth;
    if (logger !== undefined) quietly(() => logger[level]?.(fieldsOf(event), before + printable(name, NAME) + after));
    if (onEvent !== undefined) quietly(() => onEvent(event));
  }
}

/** What a logger is given of an event: an error stands where pino and its like look for one. */
function fieldsOf(event: Noted["event"]) {
  if (!("error" in event)) return event;
  const { error, ...fields } = event;
  return { ...fields, err: error };
}
