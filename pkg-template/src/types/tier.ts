/**
 * endpoint-cache/tiered: one cache over several processes.
 *
 * Reading order: `tiered`, `TieredOptions`, then `Store` and `Bus` for those who bring their own.
 */

import type { InvalidationPattern } from "./patterns.js";
import type { Duration } from "./values.js";

/** An engine that several processes share. Values are bytes; whoever fails rejects, and the handler runs instead. */
export interface Store {
  /** The bytes under a key, or undefined (or null). Must show what any process had stored before this was called. */
  get(key: string): Promise<Uint8Array | null | undefined>;
  /** Stores bytes; resolves when every later `get`, by whomever, will see them. @param options.ttlMs how long; for ever without it */
  set(key: string, bytes: Uint8Array, options: { ttlMs?: number | undefined }): Promise<void>;
  /** Removes keys, whether they exist or not. */
  delete(keys: string[]): Promise<void>;
  /** As `get` for each key, in their order, in one round trip. Default: one `get` each. */
  getMany?(keys: string[]): Promise<(Uint8Array | null | undefined)[]>;
  /** Stores bytes where there are none, atomically. @returns whether it did. Needed for `lease`. */
  add?(key: string, bytes: Uint8Array, options: { ttlMs?: number | undefined }): Promise<boolean>;
  /** A name that changes when the engine was started anew and may have come back with an older state. */
  incarnation?: (() => Promise<string | undefined>) | undefined;
  /** Calls `listener` whenever a lost connection is there again. */
  onReconnect?(listener: () => void): void;
}

/** What carries hints between processes. Messages may be lost, doubled and reordered. */
export interface Bus {
  publish(text: string): Promise<unknown> | unknown;
  /** @param onGap to be called when messages may have been missed, after a reconnect say */
  subscribe(onMessage: (text: string) => void, onGap: () => void): Promise<unknown> | unknown;
  close(): Promise<unknown> | unknown;
}

/** Values as bytes. */
export interface Codec {
  /** From 2 to 255, written with every entry: an entry of another codec is a miss. */
  readonly id: number;
  /** @returns undefined where the value cannot be carried; then it stays in this process */
  encode(value: unknown): Uint8Array | undefined;
  /** May throw: then the entry is a miss. Every call gives a value of its own. */
  decode(bytes: Uint8Array): unknown;
}

export interface TieredOptions {
  /** Where entries and the tokens of their scopes lie. */
  store: Store;
  /** What tells other processes at once. Default: none; they find out within `l1Ttl`. */
  bus?: Bus | undefined;
  /**
   * The bound: an answer read later than this after an acknowledged invalidation anywhere is not older than it.
   * Memory holds an answer for three quarters of it between two looks at the store. Range: from 20 ms. Default: 5.
   */
  l1Ttl?: Duration | undefined;
  /** Begins every key in the store. Letters, digits, `_` and `-`, at most 64; "" writes the very keys of the cache. Default: "ec". */
  namespace?: string | undefined;
  /** How long a call waits for the store. Range: above 0. Default: an eighth of `l1Ttl`, at most 500 ms. */
  deadline?: Duration | undefined;
  /** Values as bytes. Default: JSON, for what JSON gives back as it was, and bytes as they are; anything else stays in this process. */
  codec?: Codec | undefined;
  /**
   * `"frame"`: one entry, one key. `"json"`: the value alone, as the codec writes it, under its key, for readers in other
   * languages, and what the cache has to know under a second one. Default: "frame".
   */
  format?: "frame" | "json" | undefined;
  /** How long processes wait for the one that has the same load under way; then they run their handler. 0: not at all. Needs `Store.add`. Default: 0. */
  lease?: Duration | undefined;
  /** How long the store keeps the token of a scope, and an entry at most. Default: "7d". */
  scopeTtl?: Duration | undefined;
  /** How long a mutation keeps its scopes from being shared; as the cache's `mutationTimeout`. Default: 60. */
  mutationTimeout?: Duration | undefined;
  /** Names this process in messages. Default: "node". Processes of one name are told apart by an epoch of their own. */
  node?: string | undefined;
  /** Invalidations that wait for an absent store at most; beyond that, everything is to be invalidated. Default: 1,000. */
  maxQueued?: number | undefined;
  /** Bytes of one value in the store at most. Default: 1 MiB. */
  maxBytes?: number | undefined;
  /** Is told what happens between this process and the store. What it throws is ignored. Default: none. */
  onEvent?: ((event: TierEvent) => void) | undefined;
  /** Timers, for tests. Default: the host's. They run only while something is waited for. */
  timers?: { setTimeout(call: () => void, ms: number): unknown; clearTimeout(timer: unknown): void } | undefined;
}

/** Something that happened. `at` is what the cache's clock read, in milliseconds. */
export type TierEvent = {
  readonly at: number;
} /** The circuit opened: only invalidations and now and then a trial still go to the store. */ & (
  | { readonly type: "storeAway" }
  | { readonly type: "storeBack" }
  /** The store was started anew; everything in it was ended. */
  | { readonly type: "storeRenewed"; readonly incarnation: string }
  | { readonly type: "queued"; readonly scopes: string[] }
  | { readonly type: "flushed"; readonly scopes: string[] }
  | { readonly type: "badFrame"; readonly key: string; readonly fault: "foreign" | "outdated" | "corrupt" }
);

/** Counters since `tiered` was called. */
export interface TierStats {
  /** Loads that the store answered. */
  readonly hits: number;
  /** The same with an answer past its time, as `staleWhileRevalidate` allows. */
  readonly staleHits: number;
  readonly misses: number;
  /** Loads that another process had under way, and whose answer was waited for. */
  readonly neighbours: number;
  /** Entries found that an invalidation had ended. */
  readonly invalid: number;
  /** Entries found that are none of ours, of another key, request or codec. */
  readonly foreign: number;
  /** Entries found that another version of this package wrote. */
  readonly outdated: number;
  readonly corrupt: number;
  readonly writes: number;
  /** Values that the codec does not carry. */
  readonly unencodable: number;
  readonly tooLarge: number;
  /** Loads that did not ask the store because an invalidation of theirs had not reached it yet. */
  readonly unsettled: number;
  /** Good entries not served because the store had just come back. */
  readonly distrusted: number;
  /** Tokens replaced in the store. */
  readonly invalidations: number;
  /** Invalidations that had to wait for the store. */
  readonly queued: number;
  readonly flushed: number;
  readonly timeouts: number;
  readonly errors: number;
  /** Calls not made because the circuit was open. */
  readonly skipped: number;
  readonly opened: number;
  readonly renewed: number;
  readonly hintsSent: number;
  readonly hintsReceived: number;
  readonly foreignHints: number;
  readonly gaps: number;
  readonly refreshes: number;
  readonly busErrors: number;
  readonly circuit: "closed" | "open";
  /** Scopes whose invalidation waits for the store now. */
  readonly waiting: number;
  readonly distrusting: boolean;
}

export interface TierHandle {
  /** As `CacheService.invalidate`; resolves when the store has it, or when it waits for an absent store. */
  invalidate(pattern: InvalidationPattern): Promise<number>;
  /** Resolves when everything begun so far is in the store, or waits for its return. Never rejects. */
  settled(): Promise<void>;
  /** Asks the store what was invalidated and ends that here. Never rejects. */
  refresh(): Promise<void>;
  stats(): TierStats;
  /** Ends the connection of this cache to the tier; the store and a client that was passed in stay open. */
  close(): Promise<void>;
}
