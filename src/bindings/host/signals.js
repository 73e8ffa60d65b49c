/** Signals by which callers end their waiting: what one is, and many who listen to the same. */

import { typeError } from "./errors.js";
import { describe } from "./values.js";

/** @type {WeakMap<AbortSignal, Set<() => void>>} */
const listeners = new WeakMap();

/**
 * A signal as callers give it: none where it is undefined or null.
 *
 * @param {any} value
 * @param {string} what it is, in the sentence of a refusal
 * @returns {AbortSignal | undefined}
 * @throws TypeError "ERR_OPTION" where it is no signal
 */
export function readSignal(value, what) {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "object" && typeof value.aborted === "boolean" && typeof value.addEventListener === "function") return value;
  throw typeError(`${what} is an AbortSignal, not ${describe(value)}`);
}

/**
 * Calls back once when a signal aborts. One listener for each signal, however many wait: hosts warn of a leak from the
 * eleventh on.
 *
 * @param {AbortSignal} signal one that has not aborted yet
 * @param {() => void} callback
 * @returns {() => void} ends it
 */
export function onAbort(signal, callback) {
  let waiting = listeners.get(signal);
  if (waiting === undefined) {
    const all = new Set();
    const abort = () => {
      listeners.delete(signal);
      for (const call of all) call();
    };
    waiting = Object.assign(all, { stop: () => signal.removeEventListener("abort", abort) });
    listeners.set(signal, waiting);
    signal.addEventListener("abort", abort, { once: true });
  }
  const all = /** @type {Set<() => void> & { stop: () => void }} */ (waiting);
  all.add(callback);
  return () => {
    if (!all.delete(callback) || all.size > 0 || listeners.get(signal) !== all) return;
    listeners.delete(signal);
    all.stop();
  };
}
