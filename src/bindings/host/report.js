/**
 * Reports as JavaScript names them, from the plain lists that Rust hands over: a name costs its letters here and
 * a call into JavaScript there.
 */

/** In the order of `stats` in convert.rs. */
const COUNTERS = [
  "size", "hits", "misses", "hitRate", "missRate", "expiredEntries", "sets", "evictions", "invalidations", "staleHits",
  "joined", "loads", "failedLoads", "refusedFills", "bypasses", "rejected", "expiredMutations", "bytes",
  "overheadBytes", "loading", "mutating", "clockErrors",
];

/** Why a load's value was kept out, in the order of `Refusal` in stats.rs. */
export const REFUSALS = [
  "invalidated", "mutation-active", "superseded", "too-large", "out-of-memory", "not-storable", "too-late", "unknown-load", "no-lifetime",
];

/**
 * The statistics.
 * @param {number[]} counts the counters, then how often each refusal was met
 */
export function nameStats(counts) {
  const stats = Object.fromEntries(COUNTERS.map((name, at) => [name, counts[at]]));
  const refused = REFUSALS.map((name, at) => /** @type {const} */ ([name, counts[COUNTERS.length + at] ?? 0]));
  return { ...stats, refusedBy: Object.fromEntries(refused.filter(([, count]) => count > 0)) };
}

/**
 * An explanation, without the members that there is nothing to say about.
 *
 * @param {string} key
 * @param {string} state
 * @param {string} summary
 * @param {Float64Array} numbers milliseconds, NaN where there is nothing to say; a flag; two moments; a count
 * @param {string} reason of the last removal
 * @param {string} by which invalidation
 */
export function nameExplanation(key, state, summary, numbers, reason, by) {
  const [age = NaN, ttl = NaN, retryIn = NaN, loading, removedAt, invalidatedAt, count] = numbers;
  /** @param {number} ms */
  const seconds = (ms) => (Number.isNaN(ms) ? undefined : ms / 1e3);
  const given = Object.entries({
    key, state, summary,
    age: seconds(age),
    ttl: seconds(ttl),
    loading: loading === 1,
    retryIn: seconds(retryIn),
    removal: reason === "" ? undefined : { reason, at: removedAt },
    invalidation: by === "" ? undefined : { by, count, at: invalidatedAt },
  });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/**
 * Notes how many values an endpoint holds.
 * @param {Record<string, { size: number }>} sizes
 * @param {string} name
 * @param {number} size
 */
export function nameSize(sizes, name, size) {
  Object.defineProperty(sizes, name, { value: { size }, enumerable: true, writable: true, configurable: true });
}

/**
 * The keys in some slots, or pairs of a key and its value.
 *
 * @param {any} shelf
 * @param {Uint32Array} slots
 * @param {boolean} values
 * @returns {(string | [string, unknown])[]}
 */
export function listSlots(shelf, slots, values) {
  return Array.from(slots, (slot) => (values ? [shelf.key(slot), shelf.value(slot)] : shelf.key(slot)));
}
