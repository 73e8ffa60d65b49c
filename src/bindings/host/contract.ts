// Generated from the Rust sources by `make generate`. Do not edit.

/** Why a load's value is not stored, by number. */
export const REFUSALS = [
  "invalidated",
  "mutation-active",
  "superseded",
  "too-large",
  "out-of-memory",
  "not-storable",
  "too-late",
  "unknown-load",
  "no-lifetime",
  "not-cloneable",
  "too-many-tags",
] as const;

/** Why a read goes past the cache, by number. */
export const BYPASS_REASONS = [
  "collision",
  "too-many-loads",
  "too-many-followers",
  "not-joinable",
  "out-of-memory",
] as const;

/** Why a request has no key, by number from -1 down. */
export const KEY_FAULTS = [
  "params",
  "user-id",
  "key-length",
  "endpoint",
] as const;

/** Why an entry was removed, by number. */
export const REMOVAL_REASONS = [
  "deleted",
  "expired",
  "evicted",
  "invalidated",
  "abandoned",
] as const;

/** Kinds of endpoints that have a TTL of their own. */
export const TTL_KINDS = [
  "metadata",
  "list",
  "status",
  "get",
  "search",
  "analyze",
  "schema",
  "config",
  "healthCheck",
  "metrics",
] as const;

/** What an operation of the exported class did, by number: methods of the observer. */
export const EVENTS = [
  "hit",
  "miss",
  "set",
  "invalidated",
  "cleared",
  "expired",
] as const;

// Bits of `flags` of `begin`.
export const ALONE = 1;
export const LOOK = 2;
export const REQUEST = 4;

// What `begin` returns: one of these, or the number of a bypass reason behind the last of them.
export const HIT = 0;
export const STALE = 1;
export const MISS = 2;
export const JOIN = 3;
export const BYPASS = 4;

// Places in `HostStore.answer`, where a call leaves what does not fit into the number it returns.
export const SLOT = 0;
export const LOAD = 1;
export const RESERVED = 2;
export const COUNT = 3;
export const ANSWERS = 4;

/** Characters of a key at most, and of a name in it. */
export const MAX_KEY = 1024;

/** Characters of the JSON text of params at most. */
export const MAX_TEXT = 65536;

/** Levels that params may nest at most. */
export const MAX_DEPTH = 100;

/** Characters of a pattern at most. */
export const MAX_PATTERN = 4096;

/** Tags of an entry at most. */
export const MAX_TAGS = 1024;

/** Bytes of all tags of an entry at most. */
export const MAX_TAGS_TEXT = 16384;

/** Bounds of a cache. */
export interface Limits {
  maxEntries: number;
  maxBytes: number;
  maxEntryBytes: number;
  maxLoads: number;
  maxFollowers: number;
  maxLoadMs: number;
  maxMutationMs: number;
}

/** What holds where an option is not given; times in milliseconds. */
export const LIMITS = {
  maxEntries: 10000,
  maxBytes: 67108864,
  maxEntryBytes: 8388608,
  maxLoads: 10000,
  maxFollowers: Infinity,
  maxLoadMs: 30000,
  maxMutationMs: 60000,
  defaultTtlMs: 300000,
};
