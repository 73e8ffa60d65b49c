// What the tests of the package share: a clock that is moved by hand, promises that are settled by hand, and turns of
// the event loop. Knows nothing of what is tested, except how a cache is made.
import { CacheService } from "../../pkg/index.js";

/** A clock at `ms` that moves only by `advance`, in seconds as the package counts them. */
export function manualClock(ms = 1_000_000) {
  return { ms, now() { return this.ms; }, advance(seconds) { this.ms += seconds * 1000; } };
}

/** A cache on its own clock; the clock comes with it. */
export function bench(options = {}) {
  const clock = manualClock();
  const cache = new CacheService({ clock, seed: 1, ...options });
  return { cache, clock };
}

/** A promise and what settles it. */
export function deferred() {
  let resolve, reject;
  const promise = new Promise((yes, no) => { resolve = yes; reject = no; });
  promise.catch(() => {});
  return { promise, resolve, reject };
}

/** Lets everything run that is ready to run, timers aside. */
export async function turns(count = 12) {
  for (let turn = 0; turn < count; turn += 1) await null;
}

/** The error that a call throws; fails where it throws none. */
export function thrownBy(call) {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

/** Class, code and sentence of what a call throws. */
export function complaint(call) {
  const error = thrownBy(call);
  return [error.constructor.name, error.code, error.message];
}

/** A small seeded generator: the same numbers from the same seed, from 0 up to 1. */
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** How many times a loop runs: a test's own number, or `EXHAUSTIVE` times as many where that is set. */
export const many = (count) => Math.round(count * Number(process.env.EXHAUSTIVE ?? 1));
