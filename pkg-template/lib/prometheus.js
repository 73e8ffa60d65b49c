/** Statistics in Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/ */

/** Member of the statistics, name, kind, help. @type {[string, string, "counter" | "gauge", string][]} */
const METRICS = [
  ["hits", "hits_total", "counter", "Lookups answered with a value."],
  ["misses", "misses_total", "counter", "Lookups answered with none."],
  ["staleHits", "stale_hits_total", "counter", "Hits past the deadline, as an option allows."],
  ["joined", "joined_total", "counter", "Callers that waited for another caller's load."],
  ["loads", "loads_total", "counter", "Loads begun."],
  ["failedLoads", "failed_loads_total", "counter", "Loads that ended in an error or were given up."],
  ["sets", "sets_total", "counter", "Values stored."],
  ["evictions", "evictions_total", "counter", "Entries that went because room was needed."],
  ["invalidations", "invalidations_total", "counter", "Entries that went by invalidations."],
  ["bypasses", "bypasses_total", "counter", "Requests that ran their handler past the cache."],
  ["rejected", "rejected_total", "counter", "Values too large, or not stored for want of memory."],
  ["expiredMutations", "expired_mutations_total", "counter", "Mutations whose time ran out before they settled."],
  ["clockErrors", "clock_errors_total", "counter", "Readings of the clock that were not finite numbers."],
  ["resets", "resets_total", "counter", "Times the cache failed inside and started anew, empty."],
  ["size", "entries", "gauge", "Entries held, expired ones included."],
  ["expiredEntries", "expired_entries", "gauge", "Entries that have expired and not been removed yet."],
  ["bytes", "bytes", "gauge", "Bytes of keys and values, as estimated."],
  ["loading", "loads_in_progress", "gauge", "Loads under way."],
  ["mutating", "mutations_in_progress", "gauge", "Mutations under way."],
];

/**
 * @param {any} stats of `getStats`
 * @param {string} [prefix] of every name
 * @returns {string}
 */
export function toPrometheus(stats, prefix = "endpoint_cache") {
  const lines = METRICS.flatMap(([member, name, kind, help]) => [
    `# HELP ${prefix}_${name} ${help}`,
    `# TYPE ${prefix}_${name} ${kind}`,
    `${prefix}_${name} ${stats[member]}`,
  ]);
  lines.push(`# HELP ${prefix}_refused_fills_total Finished loads whose value was not stored, by reason.`);
  lines.push(`# TYPE ${prefix}_refused_fills_total counter`);
  for (const [reason, count] of Object.entries(stats.refusedBy)) {
    lines.push(`${prefix}_refused_fills_total{reason="${reason}"} ${count}`);
  }
  return `${lines.join("\n")}\n`;
}
