/** Telling a cache's observer what an operation did, in one call from Rust for each operation. */

import { EVENTS } from "./contract.js";

/**
 * Notes what happened, and tells it: the operation is over.
 *
 * @param hostStore one with an observer
 * @param about what the observer wants to know of it
 */
export function tell(hostStore: any, event: number, ...about: any[]) {
  const { observer } = hostStore;
  observer[EVENTS[event] ?? ""](...about);
  observer.flush();
}

/** Says that a value set by hand was not stored. */
export function rejected(hostStore: any, key: string, reason: string) {
  hostStore.reasons.rejected(key, reason);
}

/** Tells what waits. */
export function flush(hostStore: any) {
  hostStore.observer.flush();
}
