/** Telling a cache's observer what an operation did, in one call from Rust for each operation. */

/** In the order of `Event` in tell.rs. */
const EVENTS = /** @type {const} */ ([
  "hit", "stale", "miss", "joined", "set", "invalidated", "cleared", "mutation", "refused", "bypassed", "failed",
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
 * Tells what waits.
 * @param {any} shelf
 */
export function flush(shelf) {
  shelf.observer.flush();
}
