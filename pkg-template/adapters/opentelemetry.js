/** Statistics of a cache as observable instruments of an OpenTelemetry meter. The meter is the user's; nothing is imported. */

/** Member of the statistics, name, unit, what it says. @type {[string, string, string, string][]} */
const COUNTERS = [
  ["hits", "hits", "{lookup}", "Lookups answered with a value."],
  ["misses", "misses", "{lookup}", "Lookups answered with none."],
  ["staleHits", "stale_hits", "{lookup}", "Hits past the deadline, as an option allows."],
  ["joined", "joined", "{caller}", "Callers that waited for another caller's load."],
  ["loads", "loads", "{load}", "Loads begun."],
  ["failedLoads", "failed_loads", "{load}", "Loads that ended in an error or were given up."],
  ["sets", "sets", "{entry}", "Values stored."],
  ["evictions", "evictions", "{entry}", "Entries that went because room was needed."],
  ["invalidations", "invalidations", "{entry}", "Entries that went by invalidations."],
  ["refusedFills", "refused_fills", "{load}", "Finished loads whose value was not stored."],
  ["bypasses", "bypasses", "{request}", "Requests that ran their handler past the cache."],
];

/** @type {[string, string, string, string][]} */
const GAUGES = [
  ["size", "entries", "{entry}", "Entries held, expired ones included."],
  ["bytes", "size", "By", "Bytes of keys and values, as estimated."],
  ["loading", "loads_in_progress", "{load}", "Loads under way."],
];

/**
 * @param {any} cache
 * @param {any} meter
 * @param {{ prefix?: string, attributes?: object }} [options]
 * @returns {() => void} ends the observation
 */
export function observeCache(cache, meter, { prefix = "endpoint_cache", attributes = {} } = {}) {
  const instruments = [...COUNTERS, ...GAUGES].map(([member, name, unit, description], index) => {
    const kind = index < COUNTERS.length ? "createObservableCounter" : "createObservableGauge";
    return { member, instrument: meter[kind](`${prefix}.${name}`, { unit, description }) };
  });
  const observe = (/** @type {any} */ result) => {
    const stats = cache.getStats();
    for (const { member, instrument } of instruments) result.observe(instrument, stats[member], attributes);
  };
  const all = instruments.map(({ instrument }) => instrument);
  meter.addBatchObservableCallback(observe, all);
  return () => meter.removeBatchObservableCallback(observe, all);
}
