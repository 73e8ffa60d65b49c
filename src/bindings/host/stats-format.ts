/**
 * Reports as JavaScript names them, from the plain lists that Rust hands over: a name costs its letters here and
 * a call into JavaScript there.
 */

import { REFUSALS } from "./contract.js";
import type { HostStore } from "./host-store.js";
import { printable } from "./warnings.js";

/** In the order of `stats` in convert.rs. */
const COUNTERS = [
  "size", "hits", "misses", "hitRate", "missRate", "expiredEntries", "sets", "evictions", "invalidations", "staleHits",
  "joined", "loads", "failedLoads", "refusedFills", "rejected", "expiredMutations", "bytes", "overheadBytes", "loading",
  "mutating", "clockErrors", "markedStale", "endedLoads", "loadSeconds",
];

/** Bounds, which follow them. */
const LIMITS = ["maxEntries", "maxBytes", "maxEntryBytes", "maxLoads"];

/**
 * The statistics.
 *
 * @param counts the counters, the bounds, then how often each refusal was met
 * @param hostStore that counted what was not cached
 */
export function nameStats(counts: number[], hostStore?: HostStore) {
  let at = 0;
  const next = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, counts[at++] ?? 0]));
  const stats = next(COUNTERS);
  const limits = next(LIMITS);
  // What comes back from a load that was given up was counted when that ended.
  const { "unknown-load": late = 0, ...ends } = next(REFUSALS);
  stats["refusedFills"] = (stats["refusedFills"] ?? 0) - late;
  const refused = Object.entries(ends).filter(([, count]) => count > 0);
  const bypassedBy = { ...hostStore?.reasons.bypassedBy };
  const bypasses = Object.values(bypassedBy).reduce((sum, count) => sum + count, 0);
  return { ...stats, bypasses, refusedBy: Object.fromEntries(refused), bypassedBy, limits };
}

/**
 * An explanation, without the members that there is nothing to say about.
 *
 * @param numbers milliseconds, NaN where there is nothing to say; a flag; two moments; a count
 * @param reason of the last removal
 * @param by which invalidation
 * @param hostStore that remembers what was not cached
 */
export function nameExplanation(key: string, state: string, summary: string, numbers: Float64Array, reason: string, by: string, hostStore?: HostStore) {
  const [age = NaN, ttl = NaN, retryIn = NaN, loading, removedAt, invalidatedAt, count] = numbers;
  const seconds = (ms: number) => (Number.isNaN(ms) ? undefined : ms / 1e3);
  const notCached = hostStore?.reasons.of(key);
  const given = Object.entries({
    key, state,
    summary: notCached === undefined || state === "fresh" ? summary : `${summary}; ${lately(notCached)}`,
    age: seconds(age),
    ttl: seconds(ttl),
    loading: loading === 1,
    retryIn: seconds(retryIn),
    removal: reason === "" ? undefined : { reason, at: removedAt },
    invalidation: by === "" ? undefined : { by, count, at: invalidatedAt },
    notCached,
  });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** Why requests of an endpoint were not cached, in words. */
function lately({ endpoint, reason, count }: { endpoint: string, reason: string, count: number }) {
  return `${printable(endpoint) || "requests"} last not cached because of "${reason}" (${count === 1 ? "once" : `${count} times`})`;
}

/** Notes how many values an endpoint holds. */
export function nameSize(sizes: Record<string, { size: number }>, name: string, size: number) {
  Object.defineProperty(sizes, name, { value: { size }, enumerable: true, writable: true, configurable: true });
}

/** The keys in some slots, or pairs of a key and its value. */
export function listSlots(hostStore: any, slots: Uint32Array, values: boolean): (string | [string, unknown])[] {
  return Array.from(slots, (slot) => (values ? [hostStore.key(slot), hostStore.value(slot)] : hostStore.key(slot)));
}
