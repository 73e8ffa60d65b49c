/** Telling a cache's observer what an operation did, in one call from Rust for each operation. */

/** In the order of `Event` in tell.rs. */
const EVENTS = /** @type {const} */ ([
  "hit", "stale", "miss", "joined", "set", "invalidated", "cleared", "mutation", "refused", "bypassed", "failed", "expired",
]);

/**
 * Notes what happened, and tells it: the operation is over.
 *
 * @param {any} shelf one with an observer
 * @param {number} event
 * @param {any[]} about what the observer wants to know of it
 */
export function tell(shelf, event, ...about) {
  const { observer } = shelf;
  observer[EVENTS[event] ?? ""](...about);
  observer.flush();
}

/**
 * Says that a value was not stored, to those who watch and to those who should know.
 *
 * @param {any} shelf with or without an observer
 * @param {string} key
 * @param {string} reason
 * @returns {string} the reason
 */
export function refused(shelf, key, reason) {
  const { observer, reasons } = shelf;
  if (observer !== undefined) {
    observer.refused(key, reason);
    observer.flush();
  }
  reasons.refused(key, reason);
  return reason;
}

/**
 * Says that a value set by hand was not stored.
 *
 * @param {any} shelf
 * @param {string} key
 * @param {string} reason
 */
export function rejected(shelf, key, reason) {
  shelf.reasons.rejected(key, reason);
}

/**
 * Tells what waits.
 * @param {any} shelf
 */
export function flush(shelf) {
  shelf.observer.flush();
}
