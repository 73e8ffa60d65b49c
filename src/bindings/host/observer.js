/**
 * Who is told what happened: the user's logger and the user's listener.
 *
 * What happens during an operation waits here until the operation is over, so a listener may call the cache. One that
 * throws is ignored: watching a cache must not break it. Wording and levels are the guide's: hits, misses and stored
 * values at debug, invalidations at info.
 */

/** How many endpoints are counted apart: names come from requests, and nothing may grow with those. */
const ENDPOINTS = 1_000;

export class Observer {
  /**
   * @param {import("./clock.js").HostClock} clock
   * @param {any} logger pino-shaped: `debug(fields, text)`, `info(fields, text)`
   * @param {((event: any) => void) | undefined} onEvent
   * @param {boolean} countEndpoints
   */
  constructor(clock, logger, onEvent, countEndpoints) {
    this.clock = clock;
    this.logger = logger;
    this.onEvent = onEvent;
    /** @type {{ event: any, level: "debug" | "info" | "error", text: string }[]} */
    this.waiting = [];
    this.telling = false;
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
    const [endpoint = ""] = key.split(":", 1);
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
   * @param {"debug" | "info" | "error"} level
   * @param {string} text
   */
  note(type, fields, level, text) {
    this.waiting.push({ event: { type, at: this.clock.reading, ...fields }, level, text });
  }

  /**
   * @param {string} key
   * @param {number} age in seconds
   */
  hit(key, age) {
    this.count(key, "hits");
    this.note("hit", { key, age }, "debug", `Cache hit: ${key}`);
  }

  /**
   * @param {string} key
   * @param {number} age in seconds
   */
  stale(key, age) {
    this.count(key, "hits");
    this.note("stale", { key, age }, "debug", `Cache hit (stale): ${key}`);
  }

  /** @param {string} key */
  miss(key) {
    this.count(key, "misses");
    this.note("miss", { key }, "debug", `Cache miss: ${key}`);
  }

  /** @param {string} key */
  joined(key) {
    this.count(key, "misses");
    this.note("joined", { key }, "debug", `Cache miss, load joined: ${key}`);
  }

  /**
   * @param {string} key
   * @param {number} ttl in seconds
   * @param {number} bytes
   */
  set(key, ttl, bytes) {
    this.note("set", { key, ttl, bytes }, "debug", `Cache set: ${key} (TTL: ${ttl}s)`);
  }

  /**
   * @param {string} key
   * @param {string} reason
   */
  removed(key, reason) {
    this.note("removed", { key, reason }, "debug", `Cache entry ${reason}: ${key}`);
  }

  /**
   * @param {string} by
   * @param {number} count
   */
  invalidated(by, count) {
    this.note("invalidated", { by, count }, "info", `Cache invalidated: ${count} entries matching '${by}'`);
  }

  /** @param {number} count */
  cleared(count) {
    this.note("cleared", { count }, "info", `Cache cleared: ${count} entries`);
  }

  /**
   * @param {string} endpoint
   * @param {"begin" | "settle"} phase
   * @param {number} count
   */
  mutation(endpoint, phase, count) {
    const text = `Cache invalidated: ${count} entries by mutation ${endpoint} (${phase})`;
    this.note("mutation", { endpoint, phase, count }, "info", text);
  }

  /**
   * @param {string} key
   * @param {string} reason
   */
  refused(key, reason) {
    this.note("refused", { key, reason }, "debug", `Cache fill refused (${reason}): ${key}`);
  }

  /**
   * @param {string} endpoint
   * @param {string} reason
   */
  bypassed(endpoint, reason) {
    this.note("bypass", { endpoint, reason }, "debug", `Cache bypass (${reason}): ${endpoint}`);
  }

  /**
   * @param {string} key
   * @param {unknown} error
   */
  failed(key, error) {
    this.note("loadFailed", { key, error }, "debug", `Cache load failed: ${key}`);
  }

  /** @param {unknown} error */
  broken(error) {
    this.note("failure", { error }, "error", "Cache failed and started anew, empty");
  }

  /** Tells what waits. Call it when nothing is borrowed and nothing is half done. */
  flush() {
    if (this.telling || this.holding > 0) return;
    this.telling = true;
    try {
      for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
        this.tell(next);
      }
    } finally {
      this.telling = false;
    }
  }

  /** @param {{ event: any, level: "debug" | "info" | "error", text: string }} noted */
  tell({ event, level, text }) {
    try {
      this.logger?.[level]?.(event, text);
    } catch {
      // A logger's failure is not the cache's.
    }
    try {
      this.onEvent?.(event);
    } catch {
      // Nor is a listener's.
    }
  }
}
