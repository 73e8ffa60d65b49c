/**
 * What holds in workerd alone, where each incoming request has a context of its own: work that a request has left behind
 * stops when its context ends, unless the host was asked to wait for it.
 *
 * Found by experiment (tests/runtimes/worker.template.mjs keeps it): waiting for another request's promise works, in Durable
 * Objects too, and plain data and bytes cross; a timer serves only the request that set it; another request's signal
 * cannot be aborted; and nobody is told of a promise whose request has ended, it just never settles. So loads are shared as
 * everywhere, whoever waits has a timer of its own, and a load that nothing keeps alive gives a sign of life that those who
 * wait look for.
 */

/** @typedef {import("./loads.js").Load} Load */

/** Milliseconds between signs of life. */
const BEAT = 200;

/** Milliseconds without one after which a load's request has ended: several beats, as a busy isolate is late. */
const SILENCE = 1_000;

/** Asked for at each load, and not when the module is loaded. */
export const inWorker = () => globalThis.navigator?.userAgent === "Cloudflare-Workers";

/**
 * What keeps work alive after a request was answered: the caller's own, or that of the object that stands for the request.
 *
 * @param {{ waitUntil: any, execution: any }} call
 * @returns {((work: Promise<unknown>) => void) | undefined}
 */
export function keeperOf({ waitUntil, execution }) {
  if (typeof waitUntil === "function") return waitUntil;
  if (typeof execution?.waitUntil !== "function") return undefined;
  return (work) => execution.waitUntil(work);
}

/**
 * Has a load give signs of life until it settles or its request ends.
 * @param {Load} load
 */
export function beat(load) {
  load.beat = Date.now();
  if (!load.settled) setTimeout(beat, BEAT, load);
}

/**
 * Whether the request that ran a load has ended, and with it the load.
 * @param {Load} load
 */
export const isDead = (load) => load.beat !== undefined && !load.settled && Date.now() - load.beat > SILENCE;

/**
 * When a caller has waited long enough for another's load, or waits for nothing.
 *
 * @template T
 * @param {Load} load
 * @param {number} wait milliseconds
 * @param {T} result
 * @param {(() => void)[]} endings to be called afterwards
 * @returns {Promise<T>}
 */
export function ownLateness(load, wait, result, endings) {
  const began = Date.now();
  return new Promise((resolve) => {
    const look = () => {
      if (isDead(load) || Date.now() - began >= wait) resolve(result);
    };
    const timer = setInterval(look, Math.min(wait, BEAT));
    endings.push(() => clearInterval(timer));
  });
}
