/** Options of a load, as far as the fast path has to know them: whether they have a say in how a fresh value is served. */

import { CONTROL } from "../../src/bindings/host/validate.js";

const isDuration = (value: unknown) =>
  typeof value === "number" ? value >= 0 : typeof value === "string" && /^\d+(\.\d+)?(ms|s|m|h|d)$/.test(value);

const isShare = (value: unknown) => typeof value === "number" && value >= 0 && value <= 1;

const isFunction = (value: unknown) => typeof value === "function";

/** What options say that have no say in how a fresh value is served, and whether they can be used. */
const FITS: Record<string, (value: unknown) => boolean> = {
  // Not what every object has.
  // @ts-expect-error: the one spelling that makes an object without a prototype
  __proto__: null,
  ttl: isDuration,
  staleWhileRevalidate: isDuration,
  staleIfError: isDuration,
  softTimeout: isDuration,
  hardTimeout: (value) => isDuration(value) && Number.parseFloat(String(value)) > 0,
  jitter: isShare,
  negativeTtl: isDuration,
  retryBackoff: isDuration,
  tags: (value) =>
    Array.isArray(value) && value.every((tag) => typeof tag === "string" && tag !== "" && tag.isWellFormed() && !CONTROL.test(tag)),
  waitUntil: isFunction,
  singleFlight: (value) => value === "auto" || value === "process" || value === "request" || value === "off",
  execution: (value) => Object(value) === value,
  background: (value) => value === "inherit" || value === "detached" || isFunction(value),
};

/**
 * True for options that say how a value is loaded and stored, and nothing of how one that is fresh is served. What is misspelled
 * or cannot be used is none of these: the slow path says so, whether there is a value or not.
 */
export function isForLoads(options: unknown) {
  if (options === undefined) return true;
  if (typeof options === "number") return options >= 0;
  // Getters of a class do not show here.
  if (typeof options !== "object" || options === null || options.constructor !== Object) return false;
  try {
    for (const name in options) {
      const value = (options as Record<string, unknown>)[name];
      if (value === undefined || (value === null && (name === "signal" || name === "execution"))) continue;
      if (FITS[name]?.(value) !== true) return false;
    }
    return true;
  } catch {
    // A getter threw: the slow path meets it again and rejects with what it threw.
    return false;
  }
}
