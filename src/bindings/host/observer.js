/**
 * Who is told what happened: the user's logger and the user's listener.
 *
 * What happens during an operation waits here until the operation is over, so a listener may call the cache. What one
 * throws, or rejects with later, is ignored: watching a cache must not break it. Wording and levels are the guide's: hits,
 * misses and stored values at debug, invalidations at info. Texts hold names from requests with their control characters
 * written as escapes; the fields beside them hold the same names as they are.
 */

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

/** @typedef {"debug" | "info" | "error"} Level */

/**
 * Something that happened. Its text is put together where there is a logger for it.
 *
 * @typedef {object} Noted
 * @property {{ type: string, at: number, error?: unknown }} event
 * @property {Level} level
 * @property {string} before
 * @property {string} name from a request or a caller
 * @property {string} after
 * @property {number} depth 0 for what no listener caused
 */

export class Observer {
  /**
   * @param {import("./clock.js").HostClock} clock
   * @param {any} logger pino-shaped: `debug(fields, text)`, `info(fields, text)`
   * @param {((event: any) => unknown) | undefined} onEvent
   * @param {boolean} countEndpoints
   * @param {import("./warnings.js").Warnings} warnings
   */
  constructor(clock, logger, onEvent, countEndpoints, warnings) {
    this.clock = clock;
    this.logger = logger;
    this.onEvent = onEvent;
    this.warnings = warnings;
    /** False where lookups are counted and nobody is told anything. */
    this.tells = logger !== undefined || onEvent !== undefined;
    /** @type {Noted[]} */
    this.waiting = [];
    /** The depth of the event that is being told; -1 while none is. */
    this.depth = -1;
    /** Events that listeners caused in reaction to events that listeners had caused, since what waits began to be told. */
    this.caused = 0;
    /** Above 0 while nobody may be told: what was planned is not taken yet. */
    this.holding = 0;
    /** Lookups by endpoint, where they are counted. @type {Map<string, { hits: number, misses: number }> | undefined} */
    this.endpoints = countEndpoints ? new Map() : undefined;
  }

  /**
   * Counts a lookup of the endpoint that a key names.
   * @param {string} key
   * @param {"hits" | "misses"} as
   */
  count(key, as) {
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
   * @param {string} type
   * @param {object} fields
   * @param {Level} level
   * @param {string} before the text as far as the name
   * @param {string} [name] that stands in the text
   * @param {string} [after] the rest of the text
   */
  note(type, fields, level, before, name = "", after = "") {
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

  /**
   * @param {string} key
   * @param {number} age in seconds
   */
  hit(key, age) {
    this.count(key, "hits");
    this.note("hit", { key, age }, "debug", "Cache hit: ", key);
  }

  /**
   * @param {string} key
   * @param {number} age in seconds
   */
  stale(key, age) {
    this.count(key, "hits");
    this.note("stale", { key, age }, "debug", "Cache hit (stale): ", key);
  }

  /** @param {string} key */
  miss(key) {
    this.count(key, "misses");
    this.note("miss", { key }, "debug", "Cache miss: ", key);
  }

  /** @param {string} key */
  joined(key) {
    this.count(key, "misses");
    this.note("joined", { key }, "debug", "Cache miss, load joined: ", key);
  }

  /**
   * @param {string} key
   * @param {number} ttl in seconds
   * @param {number} bytes
   */
  set(key, ttl, bytes) {
    this.note("set", { key, ttl, bytes }, "debug", "Cache set: ", key, ` (TTL: ${ttl}s)`);
  }

  /**
   * @param {string} key
   * @param {string} reason
   */
  removed(key, reason) {
    this.note("removed", { key, reason }, "debug", `Cache entry ${reason}: `, key);
  }

  /**
   * @param {string} by
   * @param {number} count
   */
  invalidated(by, count) {
    this.note("invalidated", { by, count }, "info", `Cache invalidated: ${count} entries matching '`, by, "'");
  }

  /**
   * @param {string} by
   * @param {number} count
   */
  expired(by, count) {
    this.note("expired", { by, count }, "info", `Cache expired: ${count} entries matching '`, by, "'");
  }

  /** @param {number} count */
  cleared(count) {
    this.note("cleared", { count }, "info", `Cache cleared: ${count} entries`);
  }

  /**
   * One line at info for a mutation that removed something: when it settles, with all that went.
   *
   * @param {string} endpoint
   * @param {"begin" | "settle"} phase
   * @param {number} count entries that went now
   * @param {number} total entries that went since it began
   */
  mutation(endpoint, phase, count, total) {
    const settled = phase === "settle";
    const fields = settled ? { endpoint, phase, count, total } : { endpoint, phase, count };
    this.note("mutation", fields, settled && total > 0 ? "info" : "debug", `Cache invalidated: ${total} entries by mutation `, endpoint, ` (${phase})`);
  }

  /**
   * @param {string} key
   * @param {string} reason
   */
  refused(key, reason) {
    this.note("refused", { key, reason }, "debug", `Cache fill refused (${reason}): `, key);
  }

  /**
   * @param {string} endpoint
   * @param {string} reason
   */
  bypassed(endpoint, reason) {
    this.note("bypass", { endpoint, reason }, "debug", `Cache bypass (${reason}): `, endpoint);
  }

  /**
   * @param {string} key
   * @param {unknown} error
   */
  failed(key, error) {
    this.note("loadFailed", { key, error }, "debug", "Cache load failed: ", key);
  }

  /** @param {unknown} error */
  broken(error) {
    this.note("failure", { error }, "error", "Cache failed and started anew, empty");
  }

  /** Tells what waits. Call it when nothing is borrowed and nothing is half done. */
  flush() {
    if (this.depth >= 0 || this.holding > 0) return;
    const { waiting } = this;
    this.caused = 0;
    try {
      // What a listener causes is added at the end.
      for (let at = 0; at < waiting.length; at += 1) this.tell(/** @type {Noted} */ (waiting[at]));
    } finally {
      waiting.length = 0;
      this.depth = -1;
    }
  }

  /** @param {Noted} noted */
  tell({ event, level, before, name, after, depth }) {
    const { logger, onEvent } = this;
    this.depth = depth;
    if (logger !== undefined) quietly(() => logger[level]?.(fieldsOf(event), before + printable(name, NAME) + after));
    if (onEvent !== undefined) quietly(() => onEvent(event));
  }
}

/** What a logger is given of an event: an error stands where pino and its like look for one. @param {Noted["event"]} event */
function fieldsOf(event) {
  if (!("error" in event)) return event;
  const { error, ...fields } = event;
  return { ...fields, err: error };
}
