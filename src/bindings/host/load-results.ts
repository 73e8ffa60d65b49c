/**
 * How a load ends, asked of the engine: its value is stored, or is not for a reason, or there is none. Who watches is told, and
 * what a person has to do something about is said.
 */

import { enter } from "./validate.js";
import { COUNT, REFUSALS } from "./contract.js";
import { attempt, type Core, FAILED } from "./core.js";
import type { Plan } from "./request-plan.js";
import type { HostStore } from "./host-store.js";
import { TOO_MANY_TAGS, warnOfTags } from "./tags.js";

const UNKNOWN = "unknown-load";

/** A value that is to be stored. */
export interface Storable {
  value: unknown;
  /** milliseconds */
  ttl: number;
  /** milliseconds past its TTL in which it is of use */
  window: number;
  /** share of the TTL */
  jitter: number;
  tags: string[];
}

/** The length of the tags in bytes, written behind what takes `at` bytes. */
const writeTags = (hostStore: HostStore, tags: string[], at: number) => (tags.length > 0 ? hostStore.writeText(tags.join("\n"), at) : 0);

/** Ends a load with a value. @returns why it is not stored; undefined where it is */
export function fill(core: Core, { loadId, key }: Plan, storable: Storable): string | undefined {
  const { value, ttl, window, jitter, tags } = storable;
  if (tags === TOO_MANY_TAGS) {
    warnOfTags(core.hostStore, key);
    return refuse(core, loadId, key, "too-many-tags");
  }
  return attempt(
    core,
    () => {
      enter(core.hostStore);
      const bytes = core.hostStore.bytesOf(key, value);
      const now = core.hostStore.writeNow();
      const result = core.fill(loadId, writeTags(core.hostStore, tags, 0), ttl, window, bytes, jitter, now);
      return stored(core, key, value, bytes, now, result);
    },
    () => "failure",
  );
}

/**
 * Stores a value that was read after `moment`, unless anything was invalidated since.
 *
 * @param request the text of the request that has this key; undefined for a key without one
 * @returns why it is not stored; undefined where it is
 */
export function fillSince(core: Core, moment: number, key: string, request: string | undefined, hasUser: boolean, storable: Storable): string | undefined {
  const { value, ttl, window, jitter, tags } = storable;
  if (tags === TOO_MANY_TAGS) {
    warnOfTags(core.hostStore, key);
    return refuse(core, -1, key, "too-many-tags");
  }
  // Not an option, of which 0 is for ever, but what an answer says of itself.
  if (!(ttl > 0)) return refuse(core, -1, key, "no-lifetime");
  return attempt(
    core,
    () => {
      const { hostStore } = core;
      enter(hostStore);
      const bytes = hostStore.bytesOf(key, value);
      const now = hostStore.writeNow();
      const length = request === undefined ? hostStore.writeText(key) : core.requestKey(hostStore.writeText(request), hasUser);
      const tagBytes = writeTags(hostStore, tags, length);
      const result = core.fillSince(moment, hostStore.find(key), length, tagBytes, ttl, window, bytes, jitter, request !== undefined, now);
      return stored(core, key, value, bytes, now, result);
    },
    () => "failure",
  );
}

/** Keeps a value that the engine has placed, or says why it was not placed. */
function stored(core: Core, key: string, value: unknown, bytes: number, now: number, result: number): string | undefined {
  const { hostStore } = core;
  if (result < 0) return refused(hostStore, key, result);
  if (!hostStore.put(result, key, value)) {
    core.takeBack(result);
    return told(hostStore, key, "out-of-memory");
  }
  const { observer } = hostStore;
  if (observer !== undefined) {
    observer.set(key, ((hostStore.deadlines[result] ?? now) - now) / 1e3, bytes);
    observer.flush();
  }
  return undefined;
}

/** @param result below zero, of a call into the engine @returns the reason */
function refused(hostStore: HostStore, key: string, result: number): string {
  if (result === FAILED) return "failure";
  const reason = REFUSALS[-1 - result] ?? UNKNOWN;
  // The end of a load that is not known was told when it ended.
  return reason === UNKNOWN ? reason : told(hostStore, key, reason);
}

function told(hostStore: HostStore, key: string, reason: string): string {
  const { observer, reasons } = hostStore;
  if (observer !== undefined) {
    observer.refused(key, reason);
    observer.flush();
  }
  reasons.refused(key, reason);
  return reason;
}

/**
 * Ends a load whose value is not to be stored; -1 is none that was begun, whose value is counted all the same.
 *
 * @returns why it is not stored: `reason`, or what had covered its key before
 */
export function refuse(core: Core, load: number, key: string, reason = "not-storable"): string {
  const known = (REFUSALS as readonly string[]).indexOf(reason);
  const number = known >= 0 ? known : REFUSALS.indexOf("not-storable");
  return attempt(
    core,
    () => {
      enter(core.hostStore);
      return refused(core.hostStore, key, core.refuse(load, number, core.hostStore.writeNow()));
    },
    () => "failure",
  );
}

/**
 * Ends a load that failed, or that nobody waits for.
 *
 * @param error why
 * @returns the moment to store against by `fillSince` what it may bring all the same; undefined where that may not be stored
 */
export function abandon(core: Core, load: number, key: string, retryBackoff: number, error: unknown): number | undefined {
  return attempt(
    core,
    () => {
      enter(core.hostStore);
      const moment = core.abandon(load, retryBackoff, core.hostStore.writeNow());
      const { answer, observer } = core.hostStore;
      if (observer !== undefined && answer[COUNT] === 1) {
        observer.failed(key, error);
        observer.flush();
      }
      return moment < 0 ? undefined : moment;
    },
    () => undefined,
  );
}
