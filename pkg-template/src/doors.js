/**
 * How copies of this package use each other's caches.
 *
 * A program often holds several: a bundler makes one for each of its targets, `import` and `require` are mixed, two versions
 * are installed. Each has classes and a compiled instance of its own, so none can look into a cache that another made. What a
 * cache can do for the functions of any copy is therefore reached through the cache itself, at `Symbol.for("endpoint-cache/1")`:
 * functions of the copy that made it. What they take and give is the protocol. A change of it gets another number, and then a
 * copy says which two versions do not fit instead of doing something wrong.
 */

import { version } from "#wasm/endpoint_cache.js";
import { coded } from "./errors.js";
import { steadily } from "./instance.js";

const NAME = "endpoint-cache/";
const PROTOCOL = 1;

/** Where a cache has its doors. */
export const DOORS = Symbol.for(NAME + PROTOCOL);

/**
 * What a cache does for the functions of any copy.
 *
 * @typedef {object} Doors
 * @property {string} version of the package that made the cache
 * @property {(request: any, handler: any, options?: any) => Promise<any>} routeRequest
 * @property {(endpoint: string) => boolean} isMutation
 * @property {<T extends object>(value: T) => T} share vouches for a frozen answer, see `snapshot.js`
 * @property {(endpoint: unknown, reason: string, text: string) => void} warn says once what keeps an endpoint out of the cache
 * @property {(request: any) => import("./middleware.js").ChainPlan} plan looks up a read of a chain
 * @property {(request: any) => boolean} mutate invalidates what a mutation of a chain touches; false where it is none
 * @property {(key: string, ttl: unknown) => boolean} lives whether a chain's answer may be stored that says this of its own lifetime
 * @property {(ticket: object, response: unknown, ttl: any) => void} fill stores a chain's answer
 * @property {(make: (core: any) => any) => any} attach puts a second tier behind the cache and returns it
 */

/** @type {Record<string, (cache: any, ...rest: any[]) => any>} */
const functions = {};

/** Adds doors that every cache of this copy has. @param {typeof functions} more */
export function addDoors(more) {
  Object.assign(functions, more);
}

/** The doors of a cache of this copy. @param {any} cache @returns {Doors} */
export function makeDoors(cache) {
  const doors = Object.fromEntries(Object.entries(functions).map(([name, call]) => [name, (/** @type {any[]} */ ...rest) => call(cache, ...rest)]));
  // Asked for when somebody wants to know it: no cache is without doors because the compiled half cannot be asked just now.
  return /** @type {any} */ (Object.freeze(Object.defineProperty(doors, "version", { get: ownVersion, enumerable: true })));
}

const ownVersion = () => steadily(version);

/**
 * The doors of a cache, whichever copy made it.
 *
 * @param {any} cache
 * @returns {Doors}
 * @throws TypeError "ERR_OPTION" where this is no cache, Error "ERR_COPY" where a copy made it that speaks another protocol
 */
export function doorsOf(cache) {
  const doors = Object(cache)[DOORS];
  if (doors !== undefined) return doors;
  const other = otherProtocol(cache);
  if (other === undefined) throw coded(TypeError, "ERR_OPTION", `a cache is a CacheService, not ${cache === null ? "null" : typeof cache}`);
  throw coded(
    Error,
    "ERR_COPY",
    `this cache was made by endpoint-cache ${other.version} (protocol ${other.protocol}), which endpoint-cache ${ownVersion()} (protocol ${PROTOCOL}) ` +
      "cannot use: install one version of the package",
  );
}

/** @param {any} cache @returns {{ protocol: string, version: string } | undefined} */
function otherProtocol(cache) {
  for (let at = Object(cache); at !== null; at = Object.getPrototypeOf(at)) {
    for (const symbol of Object.getOwnPropertySymbols(at)) {
      const name = Symbol.keyFor(symbol);
      if (name?.startsWith(NAME)) return { protocol: name.slice(NAME.length), version: String(cache[symbol]?.version ?? "of another version") };
    }
  }
  return undefined;
}
