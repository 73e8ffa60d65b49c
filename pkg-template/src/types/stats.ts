/** What can be seen of a cache: its counters, its endpoints, and why there is a value or none. */

import type { BypassReason, RefusalReason } from "./request.js";

/** Counters since the cache was made, and sizes now. */
export interface CacheStats {
  /** Entries held, expired ones included. */
  readonly size: number;
  /** Lookups answered with a value. */
  readonly hits: number;
  /** Lookups answered with none. */
  readonly misses: number;
  /** Hits among lookups, 0 to 1; 0 when there were none. */
  readonly hitRate: number;
  readonly missRate: number;
  /** Entries that have expired and not been removed yet. */
  readonly expiredEntries: number;
  /** Values stored. */
  readonly sets: number;
  /** Entries that went because room was needed. */
  readonly evictions: number;
  /** Entries that went by invalidations. */
  readonly invalidations: number;
  /** Hits past the deadline, as an option allows. */
  readonly staleHits: number;
  /** Callers that waited for another caller's load. */
  readonly joined: number;
  /** Loads begun. */
  readonly loads: number;
  /** Loads that ended in an error or were given up. */
  readonly failedLoads: number;
  /** Finished loads whose value was not stored. */
  readonly refusedFills: number;
  /** The same by reason; of values set by hand, those with too many tags. */
  readonly refusedBy: Readonly<Partial<Record<RefusalReason, number>>>;
  /** Loads that ended: with a value that was stored or refused, with an error, or given up. Each ends once. */
  readonly endedLoads: number;
  /** Seconds that these took from beginning to end, all together. */
  readonly loadSeconds: number;
  /** Requests that ran their handler past the cache. One that waited for another's load in vain counts as a miss as well. */
  readonly bypasses: number;
  /** The same by reason. */
  readonly bypassedBy: Readonly<Partial<Record<BypassReason, number>>>;
  /** Values set by hand and not stored: too large, with too many tags, or for want of memory. */
  readonly rejected: number;
  /** Mutations whose time ran out before they settled. */
  readonly expiredMutations: number;
  /** Bytes of keys, values and tags, as estimated. */
  readonly bytes: number;
  /** Bytes of bookkeeping: columns, indexes and the memory of evicted keys. Reserved ones count. */
  readonly overheadBytes: number;
  /** Loads under way. */
  readonly loading: number;
  /** Mutations under way. */
  readonly mutating: number;
  /** Readings of the clock that threw or were not finite numbers; each time the latest time counted. */
  readonly clockErrors: number;
  /** Entries that `expire` marked stale. */
  readonly markedStale: number;
  /** How often the cache failed inside and started anew, empty. */
  readonly resets: number;
  /** The bounds that hold; `Infinity` where there is none. */
  readonly limits: {
    /** Entries held at most. */
    readonly maxEntries: number;
    /** Bytes of keys and values held at most. */
    readonly maxBytes: number;
    /** Bytes of one entry at most. */
    readonly maxEntryBytes: number;
    /** Loads under way at most. */
    readonly maxLoads: number;
  };
}

/** The part of one endpoint; "" is that of keys without one. All but `size` is counted where `CacheOptions.endpointStats` is true. */
export interface EndpointStats {
  /** Entries held. */
  readonly size: number;
  readonly hits?: number | undefined;
  readonly misses?: number | undefined;
  /** Hits among lookups, 0 to 1. */
  readonly hitRate?: number | undefined;
  /** Requests that ran their handler past the cache, by reason. */
  readonly bypassedBy?: Readonly<Partial<Record<BypassReason, number>>> | undefined;
  /** Finished loads whose value was not stored, by reason. */
  readonly refusedBy?: Readonly<Partial<Record<RefusalReason, number>>> | undefined;
}

/** Why there is a value under a key, or why there is none. */
export interface Explanation {
  readonly key: string;
  /**
   * "fresh": a value within its TTL. "stale": past it, kept for a staleness option. "expired": past it, not removed yet.
   * "loading": none yet, a load is under way. "absent": none.
   */
  readonly state: "fresh" | "stale" | "expired" | "loading" | "absent";
  /** The whole story in one sentence, for a person. */
  readonly summary: string;
  /** Seconds since it was stored. */
  readonly age?: number | undefined;
  /** Seconds until it expires; negative when it has. */
  readonly ttl?: number | undefined;
  /** Whether a load is under way whose value would be stored. */
  readonly loading: boolean;
  /** Seconds until the next load is tried after a failed one. */
  readonly retryIn?: number | undefined;
  /** How the last value under this key went, if that was lately. */
  readonly removal?: { readonly reason: RemovalReason; readonly at: number } | undefined;
  /** The invalidation that removed it, if that was lately. */
  readonly invalidation?: { readonly by: string; readonly count: number; readonly at: number } | undefined;
  /**
   * Why a request of the key's endpoint, or for a key without one the key itself, was not cached, if one was not: the last reason,
   * how often it was that one, and when it was last. A thousand endpoints are remembered.
   */
  readonly notCached?:
    | { readonly endpoint: string; readonly reason: BypassReason | RefusalReason; readonly count: number; readonly at: number }
    | undefined;
}

export type RemovalReason = "deleted" | "expired" | "evicted" | "invalidated" | "abandoned";
