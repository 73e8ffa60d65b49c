/**
 * The instance of the WebAssembly module, and its replacement when it breaks.
 *
 * A trap leaves an instance half-way through whatever it did; nothing in it may be used again, by any cache. This module
 * knows when that is so and makes a new one. It knows nothing of caches: they notice by the number of the instance.
 */

import { __wbg_reset_state as replace } from "#wasm/endpoint_cache.js";
import { coded } from "./errors.js";

/** Counts breakages. What was given out under another number means nothing to the instance that comes next. */
export let generation = 0;

/** True from a breakage until there is a new instance: nothing is served meanwhile, and nothing is called. */
export let broken = false;

/** How many compiled calls are on the stack: while there are any, they still need the old instance. */
let depth = 0;

const restore: (() => void)[] = [];

/** Registers what brings a new instance's own settings up to date. */
export function onReplaced(task: () => void) {
  restore.push(task);
}

/**
 * Whether an error that came out of a compiled call was made there by this package, to refuse something.
 *
 * Whatever else comes out interrupted the module in the middle of its work: a trap, an overflow of the stack, a failure of
 * the host's. It is nothing of a user's. What a user hands over is read before the call, and clocks, sizes, listeners and
 * functions for tags are asked where their errors are caught. So the class of an error need not be looked at, which in
 * some hosts is that of another realm.
 */
export function isRefusal(error: unknown) {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" && code.startsWith("ERR_");
}

/** Notes that the instance broke: it is replaced before the next call from outside. */
export function giveUp() {
  if (broken) return;
  broken = true;
  generation += 1;
}

/**
 * Replaces a broken instance, unless a call into it is still under way.
 *
 * @returns whether the instance may be called
 */
export function recover() {
  if (!broken) return true;
  if (depth > 0) return false;
  try {
    replace();
    for (const task of restore) task();
  } catch {
    // No memory for another one yet: the next call tries again.
    return false;
  }
  broken = false;
  return true;
}

/**
 * Makes one call into the module; the instance is not replaced under it.
 *
 * @param it what it is called with
 */
export function callModule<T, It>(call: (it: It) => T, it: It): T {
  depth += 1;
  try {
    return call(it);
  } catch (error) {
    if (!isRefusal(error)) giveUp();
    throw error;
  } finally {
    depth -= 1;
  }
}

/**
 * Makes a call that belongs to no cache, on a new instance where the present one breaks at it.
 *
 * @throws Error "ERR_FAILURE" where there is no instance that could be asked
 */
export function callWithRetry<T>(call: () => T): T {
  let cause: unknown;
  for (let attempt = 0; attempt < 2 && recover(); attempt += 1) {
    const before = generation;
    try {
      const result = callModule(call, undefined);
      if (generation === before) return result;
    } catch (error) {
      if (generation === before) throw error;
      cause = error;
    }
  }
  throw coded(Error, "ERR_FAILURE", "the cache failed inside, and starts anew when it is asked next", cause);
}
