/**
 * What holds in workerd alone, where each incoming request has a context of its own: work that a request has left behind
 * stops when its context ends, unless the host was asked to wait for it.
 *
 * Found by experiment, which tests/runtimes keeps: waiting for another request's promise works, in Durable Objects too, and
 * plain data and bytes cross; a timer serves only the request that set it; another request's signal cannot be aborted; and
 * nobody is told of a promise whose request has ended, it just never settles. So loads are shared as everywhere, each load is
 * handed to what keeps it alive, whoever waits has a timer of its own, and nobody waits for long for what may be dead:
 * after a second one of those who wait loads anew, and the others wait for that.
 */

/** Milliseconds that a caller waits for the load of another request before one of those who wait takes it over. */
export const HASTE = 1_000;

/** Asked for at each load, and not when the module is loaded. */
export const inWorker = () => globalThis.navigator?.userAgent === "Cloudflare-Workers";

/** What keeps work alive after a request was answered: the caller's own, or that of the object that stands for the request. */
export function keeperOf({ waitUntil, execution }: { waitUntil: any, execution: any }): ((work: Promise<unknown>) => void) | undefined {
  if (typeof waitUntil === "function") return waitUntil;
  if (typeof execution?.waitUntil !== "function") return undefined;
  return (work) => execution.waitUntil(work);
}
