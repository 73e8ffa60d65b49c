/**
 * What the statistics of a cache are called by those who collect them: one list for Prometheus and OpenTelemetry, so that
 * neither has what the other lacks. And how caches are named and read for them.
 */

import { coded } from "./errors.js";
import type { CacheService, CacheStats, EndpointStats } from "./types/index.js";

export interface Sample {
  value: number;
  labels: Readonly<Record<string, string>>;
}

export interface Family {
  /** in Prometheus, behind the prefix */
  name: string;
  /** in OpenTelemetry, behind the prefix */
  dotted: string;
  kind: "counter" | "gauge";
  /** as OpenTelemetry writes it */
  unit: string;
  help: string;
  read: (stats: CacheStats & { endpoints?: Record<string, EndpointStats> }) => Sample[];
}

const sample = (value: number, labels: Record<string, string> = {}): Sample => ({ value, labels });

/** A number; none where another version of the package does not have it. */
const one = (value: unknown) => (typeof value === "number" ? [sample(value)] : []);

/** One number of the statistics. */
const of =
  (member: keyof CacheStats): Family["read"] =>
  (stats) =>
    one(stats[member]);

const bound =
  (member: keyof CacheStats["limits"]): Family["read"] =>
  ({ limits }) =>
    one(limits?.[member]);

const byReason = (counts: Record<string, number> | undefined, labels?: Record<string, string>) =>
  Object.entries(counts ?? {}).map(([reason, count]) => sample(count, { ...labels, reason }));

/** One number of each endpoint, where lookups are counted by endpoint. */
const each =
  (member: "size" | "hits" | "misses"): Family["read"] =>
  ({ endpoints = {} }) =>
    Object.entries(endpoints).map(([endpoint, row]) => sample(row[member] as number, { endpoint }));

/** The same by reason. */
const eachBy =
  (member: "bypassedBy" | "refusedBy"): Family["read"] =>
  ({ endpoints = {} }) =>
    Object.entries(endpoints).flatMap(([endpoint, row]) => byReason(row[member], { endpoint }));

const ROWS: [name: string, dotted: string, kind: Family["kind"], unit: string, help: string, read: Family["read"]][] = [
  ["hits_total", "hits", "counter", "{lookup}", "Lookups answered with a value.", of("hits")],
  ["misses_total", "misses", "counter", "{lookup}", "Lookups answered with none.", of("misses")],
  ["stale_hits_total", "stale_hits", "counter", "{lookup}", "Hits past the deadline, as an option allows.", of("staleHits")],
  ["joined_total", "joined", "counter", "{caller}", "Callers that waited for another caller's load.", of("joined")],
  ["loads_total", "loads", "counter", "{load}", "Loads begun.", of("loads")],
  ["failed_loads_total", "failed_loads", "counter", "{load}", "Loads that ended in an error or were given up.", of("failedLoads")],
  ["load_duration_seconds_count", "load_duration.count", "counter", "{load}", "Loads that ended, however they ended.", of("endedLoads")],
  [
    "load_duration_seconds_sum",
    "load_duration.sum",
    "counter",
    "s",
    "Seconds from a load's beginning to its end, all together.",
    of("loadSeconds"),
  ],
  ["sets_total", "sets", "counter", "{entry}", "Values stored.", of("sets")],
  ["evictions_total", "evictions", "counter", "{entry}", "Entries that went because room was needed.", of("evictions")],
  ["invalidations_total", "invalidations", "counter", "{entry}", "Entries that went by invalidations.", of("invalidations")],
  [
    "refused_fills_total",
    "refused_fills",
    "counter",
    "{load}",
    "Finished loads whose value was not stored, by reason.",
    ({ refusedBy }) => byReason(refusedBy),
  ],
  ["bypasses_total", "bypasses", "counter", "{request}", "Requests that ran their handler past the cache.", of("bypasses")],
  [
    "bypassed_total",
    "bypassed",
    "counter",
    "{request}",
    "Requests that ran their handler past the cache, by reason.",
    ({ bypassedBy }) => byReason(bypassedBy),
  ],
  ["rejected_total", "rejected", "counter", "{entry}", "Values too large, or not stored for want of memory.", of("rejected")],
  [
    "expired_mutations_total",
    "expired_mutations",
    "counter",
    "{mutation}",
    "Mutations whose time ran out before they settled.",
    of("expiredMutations"),
  ],
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
  [
    "endpoint_bypassed_total",
    "endpoint.bypassed",
    "counter",
    "{request}",
    "Requests to an endpoint that ran their handler past the cache, by reason.",
    eachBy("bypassedBy"),
  ],
  [
    "endpoint_refused_fills_total",
    "endpoint.refused_fills",
    "counter",
    "{load}",
    "Finished loads of an endpoint whose value was not stored, by reason.",
    eachBy("refusedBy"),
  ],
  ["endpoint_entries", "endpoint.entries", "gauge", "{entry}", "Entries held of an endpoint.", each("size")],
];

/** Everything but whether a cache is up. */
export const FAMILIES: readonly Family[] = ROWS.map(([name, dotted, kind, unit, help, read]) => ({ name, dotted, kind, unit, help, read }));

/** What is said of a cache that was disposed of, and of one that was not. */
export const UP = {
  name: "up",
  dotted: "up",
  kind: "gauge" as const,
  unit: "1",
  help: "1 while the cache is in use, 0 once it was disposed of.",
};

/** One cache as it is reported. */
export interface Reported {
  labels: Readonly<Record<string, string>>;
  /** undefined where the cache cannot be read any more */
  stats: CacheStats | undefined;
}

/** Caches by name: from one cache, which needs none, from an object, or from a Map. */
export function named(caches: unknown): [name: string | undefined, cache: CacheService][] {
  if (isCache(caches)) return [[undefined, caches]];
  if (typeof caches !== "object" || caches === null) throw noCache(caches);
  const all: [unknown, unknown][] = caches instanceof Map ? [...caches] : Object.entries(caches);
  return all.map(([name, cache]) => {
    if (!isCache(cache)) throw noCache(cache);
    if (typeof name !== "string")
      throw coded(TypeError, "ERR_OPTION", `caches are named by strings, not by a value of type ${typeof name}`);
    return [name, cache];
  });
}

/** What a cache tells of endpoints only where it counts lookups by them. */
interface Counting {
  getStats(options: { endpoints: "counted" }): Reported["stats"];
}

export function report([name, cache]: [name: string | undefined, cache: CacheService]): Reported {
  const labels = (name === undefined ? {} : { cache: name }) as Record<string, string>;
  try {
    return { labels, stats: (cache as Counting).getStats({ endpoints: "counted" }) };
  } catch {
    // Disposed of, or broken for good: one cache must not hide what the others say.
    return { labels, stats: undefined };
  }
}

/** Any copy of the package's caches will do. */
function isCache(it: unknown): it is CacheService {
  const cache = it as Partial<CacheService> | null | undefined;
  return typeof cache?.getStats === "function" && typeof cache.toPrometheus === "function";
}

function noCache(it: unknown) {
  return coded(
    TypeError,
    "ERR_OPTION",
    `metrics are of a CacheService, or of several by name in an object or a Map, not of ${it === null ? "null" : `a value of type ${typeof it}`}`,
  );
}

/** @param words what that is, in words */
export function checkedPrefix(prefix: unknown, form: RegExp, words: string): string {
  if (typeof prefix === "string" && form.test(prefix)) return prefix;
  const given = typeof prefix === "string" ? JSON.stringify(prefix.slice(0, 40)) : `a value of type ${typeof prefix}`;
  throw coded(TypeError, "ERR_OPTION", `prefix is ${words}, not ${given}`);
}
