/**
 * The instance of the WebAssembly module, and its replacement when it breaks.
 *
 * A trap leaves an instance half-way through whatever it did; nothing in it may be used again, by any cache. This room
 * knows when that is so and makes a new one. It knows nothing of caches: they notice by the number of the instance.
 */

import { __wbg_reset_state as replace } from "../wasm/endpoint_cache.js";

/** Counts instances. What an earlier one gave out means nothing to this one. */
export let era = 0;

/** How many calls that may run a user's code are on the stack: while there are any, they still need the old instance. */
let depth = 0;

let broken = false;

/** @type {(() => void)[]} */
const restore = [];

/** Registers what brings a new instance's own settings up to date. @param {() => void} task */
export function onReplaced(task) {
  restore.push(task);
}

/**
 * Whether this error says that the instance broke. Told by its name, as some hosts compile in another realm; an overflow
 * of the stack in the middle of a call is no better than a trap.
 *
 * @param {unknown} error
 */
export function isBreakage(error) {
  const { name, code } = /** @type {any} */ (Object(error));
  return name === "RuntimeError" || (name === "RangeError" && code === undefined) || name === "InternalError";
}

/** Notes that the instance broke: it is replaced before the next call from outside. */
export function giveUp() {
  broken = true;
}

/** Replaces a broken instance, unless a call into it is still under way. @returns whether the instance may be called */
export function mend() {
  if (!broken) return true;
  if (depth > 0) return false;
  replace();
  broken = false;
  era += 1;
  for (const task of restore) task();
  return true;
}

/**
 * Makes one call; the instance is not replaced under it.
 *
 * @template T
 * @param {(it: any) => T} call
 * @param {any} [it] what it is called with
 * @returns {T}
 */
export function during(call, it) {
  depth += 1;
  try {
    return call(it);
  } catch (error) {
    if (isBreakage(error)) broken = true;
    throw error;
  } finally {
    depth -= 1;
  }
}

/**
 * Makes a call that belongs to no cache, on a new instance where the present one breaks at it.
 *
 * @template T
 * @param {() => T} call
 * @returns {T}
 */
export function steadily(call) {
  mend();
  try {
    return during(call);
  } catch (error) {
    if (!isBreakage(error) || !mend()) throw error;
    return during(call);
  }
}
