/** Storing and loading a value by its key. */

import type { Background, Isolation, SingleFlight, StalenessOptions } from "./options.js";
import type { Ttl } from "./values.js";

/** Options of `set` beside the TTL. */
export interface SetOptions extends Pick<StalenessOptions, "staleWhileRevalidate" | "staleIfError" | "jitter"> {
  /** How long the entry lives. Default: the cache's `defaultTtl`. */
  ttl?: Ttl | undefined;
  /**
   * Names by which `invalidate({ tag })` finds the entry. Range: at most 1,024, with 16 KiB of text in all; an entry with more is
   * not stored ("too-many-tags"). Default: none.
   */
  tags?: readonly string[] | undefined;
}

/** Options of one load. One that cannot be used rejects with "ERR_OPTION" or "ERR_TTL", whether there is a value or not. */
export interface GetOrSetOptions extends StalenessOptions {
  /** How long the value lives. Default: the cache's `defaultTtl`. */
  ttl?: Ttl | undefined;
  /**
   * Names by which `invalidate({ tag })` finds the entry. Range: at most 1,024, with 16 KiB of text in all; an entry with more is
   * not stored ("too-many-tags"). Default: none.
   */
  tags?: readonly string[] | undefined;
  /** Ends this caller's wait. The load goes on while anybody else waits for it. Default: none; null is none. */
  signal?: AbortSignal | null | undefined;
  /** In which asynchronous context a load in the background runs. Default: the cache's. */
  background?: Background | undefined;
  /**
   * Is given the promise of each load that takes time, which never rejects (a Worker's `ctx.waitUntil`). Default: that of
   * `execution`, where it has one. In workerd a load ends with its request unless it is kept alive: without this a refresh
   * behind a stale answer is waited for.
   */
  waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  /** What this caller is given. Default: the cache's. */
  isolation?: Isolation | undefined;
  /** Who may wait for this load. Default: the cache's. */
  singleFlight?: SingleFlight | undefined;
  /** The object that stands for the incoming request (a Worker's `ctx`) where `singleFlight` is "request". Default: none, and nobody waits. */
  execution?: object | undefined;
}

/** What a loader of `getOrSet` is given. */
export interface LoadContext {
  readonly key: string;
  /** Aborts when nobody waits for the load any more. */
  readonly signal: AbortSignal;
  /** When the load began, in milliseconds by the cache's clock. */
  readonly began: number;
  /** The value that the load is to replace, for this load alone; undefined where there is none. */
  readonly stale: unknown;
  /**
   * Says how long the value lives, over every option. Here 0 and less mean that it has no lifetime: it is not stored (reason
   * "no-lifetime"), and neither is one whose lifetime cannot be read, which is warned of. Never throws.
   */
  setTtl(ttl: Ttl): void;
  /**
   * Adds tags to the entry. An invalidation of one of them since the load began is honoured. With more than 1,024 tags, or 16 KiB
   * of text in them, the entry is not stored ("too-many-tags").
   */
  addTags(...tags: string[]): void;
  /** Keeps this value from being stored; those who wait get it. */
  noStore(): void;
}
