/**
 * The engine as the host calls it: the hot exports of the compiled class, which take and give numbers.
 *
 * Texts that they need are written into linear memory first (`HostStore.writeText`), so no call allocates a string and none runs
 * any code of a user's. Times are milliseconds, by the engine's clock; a time that a call takes was read before its texts
 * were written, because a user's clock may call the cache.
 */

import type { Profile } from "./profile.js";
import type { HostStore } from "./host-store.js";

/** What `fill` and its like return where there was no engine to ask. */
export const FAILED = -1_000;

export interface Core {
  readonly hostStore: HostStore;

  /** Runs some calls, once more where the instance broke at one of them; what there is instead where it cannot be asked. */
  attempt?<T>(work: () => T, otherwise: () => T): T;

  /** What holds for the endpoint whose name was written. @param length of the name in bytes */
  profile(length: number): Profile;

  /**
   * The tag of a resource's id.
   * @param length of an endpoint, a line feed, and the JSON text of params that hold the id
   */
  resourceTag(length: number): string | undefined;

  /**
   * Writes the key of a request over what was written: an endpoint, the JSON text of params, that of varying values or "", and
   * a user or "", with line feeds between them.
   *
   * @returns the length of the key in bytes; below zero the number of what is wrong, see `KEY_FAULTS`
   */
  requestKey(length: number, hasUser: boolean): number;

  /**
   * Decides what a reader of the key that was written does. The slot to serve is left in `answer[SLOT]`, the number of the load
   * to run or to wait for in `answer[LOAD]`, -1 each where there is none, and the slot that the load is to fill in
   * `answer[RESERVED]`.
   *
   * @param slot of the key, -1 where it has none
   * @param key its length in bytes
   * @param tags length of the tags behind the key, with line feeds between them
   * @param flags `ALONE` where it must not wait for another caller's load, `LOOK` where it begins none, `REQUEST` where the key
   *   is the one that `requestKey` wrote
   */
  begin(
    slot: number,
    key: number,
    tags: number,
    now: number,
    staleWhileRevalidate: number,
    staleIfError: number,
    eagerRefresh: number,
    retryBackoff: number,
    flags: number,
  ): number;

  /** Calls off a load that was planned a moment ago: the host can hold no more keys. */
  callOff(load: number): void;

  /**
   * Ends a load with a value that the host puts into the slot that is returned.
   *
   * @param tags length of the tags that were written
   * @param window milliseconds past its TTL in which the value is of use
   * @returns a slot; below zero -1 - the number of why it is not stored, see `REFUSALS`
   */
  fill(load: number, tags: number, ttl: number, window: number, bytes: number, jitter: number, now: number): number;

  /**
   * Stores a value that was read after `moment`, unless anything was invalidated since; the key was written, and its tags.
   *
   * @param hasDigest whether the key is the one that `requestKey` wrote
   * @returns as `fill`
   */
  fillSince(
    moment: number,
    slot: number,
    key: number,
    tags: number,
    ttl: number,
    window: number,
    bytes: number,
    jitter: number,
    hasDigest: boolean,
    now: number,
  ): number;

  /** Ends a load that failed. @returns the moment for `fillSince`, or -1; `answer[COUNT]` is 1 where that was its end */
  abandon(load: number, retryBackoff: number, now: number): number;

  /** Ends a load whose value is not to be stored. @returns as `fill`, below zero */
  refuse(load: number, reason: number, now: number): number;

  /**
   * Finds a slot for a value without tags that the host then keeps itself; the key was written.
   *
   * @param slot of the key, -1 where it has none
   * @returns as `fill`
   */
  place(slot: number, key: number, ttl: number, bytes: number, now: number): number;

  /** Takes back a value that was placed, where the host could not keep it. */
  takeBack(slot: number): void;

  /** A moment to store against by `fillSince`. */
  readonly moment: number;

  /** Counts a request that goes past the cache. */
  countBypass(): void;

  /**
   * Begins a mutation of the endpoint that was written, and of the id whose tag stands behind it.
   * @returns its number; `answer[COUNT]` is how many entries were removed
   */
  beginMutation(endpoint: number, tag: number, now: number): number;

  /**
   * Ends a mutation of the endpoint that was written.
   *
   * @param wide whether it spares nothing: its params are not what they were when it began
   * @returns how many entries were removed
   */
  settle(mutation: number, endpoint: number, tag: number, wide: boolean, now: number): number;

  /** The whole digest of the request that was written, by which another process tells it from one with the same key. */
  identify(length: number): string | undefined;

  /** Begins a mutation of scopes, by name. @returns as `beginMutation` */
  beginScopes(scopes: object[], now: number): number;

  /** Ends it. @returns how many entries were removed */
  settleScopes(mutation: number, scopes: object[], now: number): number;

  /** Removes the entry under a key, and whatever a load of it may yet bring. */
  delete(key: string): boolean;

  /** Endpoints that an active mutation touches, by the segments that all of them begin with; "" stands for all. */
  mutationScopes(mutation: number): string[];
}

/** Runs calls into the engine; see `Core.attempt`. */
export function attempt<T>(core: Core, work: () => T, otherwise: () => T): T {
  return core.attempt === undefined ? work() : core.attempt(work, otherwise);
}
