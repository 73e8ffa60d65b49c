/** Signals by which callers end their waiting: what one is, and many who listen to the same. */

import { typeError } from "./errors.js";
import { describe } from "./values.js";

type Waiting = Set<() => void> & { stop: () => void };

const listeners = new WeakMap<AbortSignal, Waiting>();

/**
 * A signal as callers give it: none where it is undefined or null.
 *
 * @param what it is, in the sentence of a refusal
 * @throws TypeError "ERR_OPTION" where it is no signal
 */
export function readSignal(value: any, what: string): AbortSignal | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "object" && typeof value.aborted === "boolean" && typeof value.addEventListener === "function") return value;
  throw typeError(`${what} is an AbortSignal, not ${describe(value)}`);
}

/**
 * Calls back once when a signal aborts. One listener for each signal, however many wait: hosts warn of a leak from the
 * eleventh on.
 *
 * @param signal one that has not aborted yet
 * @returns ends it
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let waiting = listeners.get(signal);
  if (waiting === undefined) {
    const all = new Set<() => void>();
    const abort = () => {
      listeners.delete(signal);
      for (const call of all) call();
    };
    waiting = Object.assign(all, { stop: () => signal.removeEventListener("abort", abort) });
    listeners.set(signal, waiting);
    signal.addEventListener("abort", abort, { once: true });
  }
  const all = waiting;
  all.add(callback);
  return () => {
    if (!all.delete(callback) || all.size > 0 || listeners.get(signal) !== all) return;
    listeners.delete(signal);
    all.stop();
  };
}
