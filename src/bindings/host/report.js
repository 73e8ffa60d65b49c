/**
 * Reports as JavaScript names them, from the plain lists that Rust hands over: a name costs its letters here and
 * a call into JavaScript there.
 *
 * @typedef {number | undefined} Maybe
 */

/** In the order of `stats` in convert.rs. */
const COUNTERS = [
  "size", "hits", "misses", "hitRate", "missRate", "expiredEntries", "sets", "evictions", "invalidations", "staleHits",
  "joined", "loads", "failedLoads", "refusedFills", "bypasses", "rejected", "expiredMutations", "bytes",
  "overheadBytes", "loading", "mutating", "clockErrors",
];

/**
 * The statistics.
 * @param {number[]} counts
 * @param {[string, number][]} refused reasons and how often each kept a load's value out
 */
export function nameStats(counts, refused) {
  const stats = Object.fromEntries(COUNTERS.map((name, at) => [name, counts[at]]));
  return { ...stats, refusedBy: Object.fromEntries(refused.filter(([, count]) => count > 0)) };
}

/**
 * An explanation, without the members that there is nothing to say about.
 * @param {[key: string, state: string, summary: string, age: Maybe, ttl: Maybe, loading: boolean, retryIn: Maybe,
 *   removal: [reason: string, at: number] | undefined, invalidation: [by: string, count: number, at: number] | undefined]} parts
 */
export function nameExplanation([key, state, summary, age, ttl, loading, retryIn, removal, invalidation]) {
  const given = Object.entries({
    key, state, summary, age, ttl, loading, retryIn,
    removal: removal && { reason: removal[0], at: removal[1] },
    invalidation: invalidation && { by: invalidation[0], count: invalidation[1], at: invalidation[2] },
  });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}
