/**
 * What the statistics of a cache are called by those who collect them: one list for Prometheus and OpenTelemetry, so that
 * neither has what the other lacks. And how caches are named and read for them.
 */

import { coded } from "./errors.js";

/** @import { CacheStats } from "../index.js" */

/**
 * @typedef {object} Sample
 * @property {number} value
 * @property {Readonly<Record<string, string>>} labels
 */

/**
 * @typedef {object} Family
 * @property {string} name in Prometheus, behind the prefix
 * @property {string} dotted in OpenTelemetry, behind the prefix
 * @property {"counter" | "gauge"} kind
 * @property {string} unit as OpenTelemetry writes it
 * @property {string} help
 * @property {(stats: CacheStats & { endpoints?: Record<string, any> }) => Sample[]} read
 */

/** @param {number} value @param {Record<string, string>} [labels] @returns {Sample} */
const sample = (value, labels = {}) => ({ value, labels });

/** A number; none where another version of the package does not have it. @param {unknown} value */
const one = (value) => (typeof value === "number" ? [sample(value)] : []);

/** One number of the statistics. @param {keyof CacheStats} member @returns {Family["read"]} */
const of = (member) => (stats) => one(stats[member]);

/** @param {keyof CacheStats["limits"]} member @returns {Family["read"]} */
const bound = (member) => ({ limits }) => one(limits?.[member]);

/** @param {Record<string, number> | undefined} counts @param {Record<string, string>} [labels] */
const byReason = (counts, labels) => Object.entries(counts ?? {}).map(([reason, count]) => sample(count, { ...labels, reason }));

/**
 * One number of each endpoint, where lookups are counted by endpoint.
 * @param {"size" | "hits" | "misses"} member
 * @returns {Family["read"]}
 */
const each = (member) => ({ endpoints = {} }) => Object.entries(endpoints).map(([endpoint, row]) => sample(row[member], { endpoint }));

/**
 * The same by reason.
 * @param {"bypassedBy" | "refusedBy"} member
 * @returns {Family["read"]}
 */
const eachBy = (member) => ({ endpoints = {} }) => Object.entries(endpoints).flatMap(([endpoint, row]) => byReason(row[member], { endpoint }));

/** @type {[name: string, dotted: string, kind: Family["kind"], unit: string, help: string, read: Family["read"]][]} */
const ROWS = [
  ["hits_total", "hits", "counter", "{lookup}", "Lookups answered with a value.", of("hits")],
  ["misses_total", "misses", "counter", "{lookup}", "Lookups answered with none.", of("misses")],
  ["stale_hits_total", "stale_hits", "counter", "{lookup}", "Hits past the deadline, as an option allows.", of("staleHits")],
  ["joined_total", "joined", "counter", "{caller}", "Callers that waited for another caller's load.", of("joined")],
  ["loads_total", "loads", "counter", "{load}", "Loads begun.", of("loads")],
  ["failed_loads_total", "failed_loads", "counter", "{load}", "Loads that ended in an error or were given up.", of("failedLoads")],
  ["load_duration_seconds_count", "load_duration.count", "counter", "{load}", "Loads that ended, however they ended.", of("endedLoads")],
  ["load_duration_seconds_sum", "load_duration.sum", "counter", "s", "Seconds from a load's beginning to its end, all together.", of("loadSeconds")],
  ["sets_total", "sets", "counter", "{entry}", "Values stored.", of("sets")],
  ["evictions_total", "evictions", "counter", "{entry}", "Entries that went because room was needed.", of("evictions")],
  ["invalidations_total", "invalidations", "counter", "{entry}", "Entries that went by invalidations.", of("invalidations")],
  ["refused_fills_total", "refused_fills", "counter", "{load}", "Finished loads whose value was not stored, by reason.", ({ refusedBy }) => byReason(refusedBy)],
  ["bypasses_total", "bypasses", "counter", "{request}", "Requests that ran their handler past the cache.", of("bypasses")],
  ["bypassed_total", "bypassed", "counter", "{request}", "Requests that ran their handler past the cache, by reason.", ({ bypassedBy }) => byReason(bypassedBy)],
  ["rejected_total", "rejected", "counter", "{entry}", "Values too large, or not stored for want of memory.", of("rejected")],
  ["expired_mutations_total", "expired_mutations", "counter", "{mutation}", "Mutations whose time ran out before they settled.", of("expiredMutations")],
  ["clock_errors_total", "clock_errors", "counter", "{reading}", "Readings of the clock that were not finite numbers.", of("clockErrors")],
  ["resets_total", "resets", "counter", "{reset}", "Times the cache failed inside and started anew, empty.", of("resets")],
  ["entries", "entries", "gauge", "{entry}", "Entries held, expired ones included.", of("size")],
  ["expired_entries", "expired_entries", "gauge", "{entry}", "Entries that have expired and not been removed yet.", of("expiredEntries")],
  ["bytes", "size", "gauge", "By", "Bytes of keys and values, as estimated.", of("bytes")],
  ["overhead_bytes", "overhead", "gauge", "By", "Bytes of bookkeeping.", of("overheadBytes")],
  ["loads_in_progress", "loads_in_progress", "gauge", "{load}", "Loads under way.", of("loading")],
  ["mutations_in_progress", "mutations_in_progress", "gauge", "{mutation}", "Mutations under way.", of("mutating")],
  ["max_entries", "max_entries", "gauge", "{entry}", "Entries held at most.", bound("maxEntries")],
  ["max_bytes", "max_size", "gauge", "By", "Bytes of keys and values held at most.", bound("maxBytes")],
  ["max_entry_bytes", "max_entry_size", "gauge", "By", "Bytes of one entry at most.", bound("maxEntryBytes")],
  ["max_loads", "max_loads", "gauge", "{load}", "Loads under way at most.", bound("maxLoads")],
  ["endpoint_hits_total", "endpoint.hits", "counter", "{lookup}", "Lookups of an endpoint answered with a value.", each("hits")],
  ["endpoint_misses_total", "endpoint.misses", "counter", "{lookup}", "Lookups of an endpoint answered with none.", each("misses")],
  ["endpoint_bypassed_total", "endpoint.bypassed", "counter", "{request}", "Requests to an endpoint that ran their handler past the cache, by reason.", eachBy("bypassedBy")],
  ["endpoint_refused_fills_total", "endpoint.refused_fills", "counter", "{load}", "Finished loads of an endpoint whose value was not stored, by reason.", eachBy("refusedBy")],
  ["endpoint_entries", "endpoint.entries", "gauge", "{entry}", "Entries held of an endpoint.", each("size")],
];

/** Everything but whether a cache is up. @type {readonly Family[]} */
export const FAMILIES = ROWS.map(([name, dotted, kind, unit, help, read]) => ({ name, dotted, kind, unit, help, read }));

/** What is said of a cache that was disposed of, and of one that was not. */
export const UP = { name: "up", dotted: "up", kind: /** @type {const} */ ("gauge"), unit: "1", help: "1 while the cache is in use, 0 once it was disposed of." };

/**
 * One cache as it is reported.
 *
 * @typedef {object} Reported
 * @property {Readonly<Record<string, string>>} labels
 * @property {CacheStats | undefined} stats undefined where the cache cannot be read any more
 */

/**
 * Caches by name: from one cache, which needs none, from an object, or from a Map.
 *
 * @param {any} caches
 * @returns {[name: string | undefined, cache: any][]}
 */
export function named(caches) {
  if (isCache(caches)) return [[undefined, caches]];
  if (typeof caches !== "object" || caches === null) throw noCache(caches);
  /** @type {[unknown, any][]} */
  const all = caches instanceof Map ? [...caches] : Object.entries(caches);
  return all.map(([name, cache]) => {
    if (!isCache(cache)) throw noCache(cache);
    if (typeof name !== "string") throw coded(TypeError, "ERR_OPTION", `caches are named by strings, not by a value of type ${typeof name}`);
    return [name, cache];
  });
}

/** @param {[name: string | undefined, cache: any]} named @returns {Reported} */
export function report([name, cache]) {
  const labels = /** @type {Record<string, string>} */ (name === undefined ? {} : { cache: name });
  try {
    return { labels, stats: cache.getStats({ endpoints: "counted" }) };
  } catch {
    // Disposed of, or broken for good: one cache must not hide what the others say.
    return { labels, stats: undefined };
  }
}

/** Any copy of the package's caches will do. @param {any} it */
function isCache(it) {
  return typeof it?.getStats === "function" && typeof it.toPrometheus === "function";
}

/** @param {unknown} it */
function noCache(it) {
  return coded(TypeError, "ERR_OPTION", `metrics are of a CacheService, or of several by name in an object or a Map, not of ${it === null ? "null" : `a value of type ${typeof it}`}`);
}

/**
 * @param {unknown} prefix
 * @param {RegExp} form
 * @param {string} words what that is, in words
 * @returns {string}
 */
export function checkedPrefix(prefix, form, words) {
  if (typeof prefix === "string" && form.test(prefix)) return prefix;
  const given = typeof prefix === "string" ? JSON.stringify(prefix.slice(0, 40)) : `a value of type ${typeof prefix}`;
  throw coded(TypeError, "ERR_OPTION", `prefix is ${words}, not ${given}`);
}
