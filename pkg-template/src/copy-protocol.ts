/**
 * How copies of this package use each other's caches.
 *
 * A program often holds several: a bundler makes one for each of its targets, `import` and `require` are mixed, two versions
 * are installed. Each has classes and a compiled instance of its own, so none can look into a cache that another made. What a
 * cache can do for the functions of any copy is therefore reached through the cache itself, at `Symbol.for("endpoint-cache/1")`:
 * functions of the copy that made it. What they take and give is the protocol. A change of it gets another number, and then a
 * copy says which two versions do not fit instead of doing something wrong.
 */

import type { ChainPlan } from "./middleware.js";
import { version } from "#wasm/endpoint_cache.js";
import { coded } from "./errors.js";
import { callWithRetry } from "./instance.js";

const NAME = "endpoint-cache/";
const PROTOCOL = 1;

/** Where a cache has its doors. */
export const PROTOCOL_SYMBOL = Symbol.for(NAME + PROTOCOL);

/** What a cache does for the functions of any copy. */
export interface CopyProtocol {
  /** of the package that made the cache */
  version: string;
  routeRequest: (request: any, handler: any, options?: any) => Promise<any>;
  isMutation: (endpoint: string) => boolean;
  /** vouches for a frozen answer, see `snapshot.js` */
  share: <T extends object>(value: T) => T;
  /** says once what keeps an endpoint out of the cache */
  warn: (endpoint: unknown, reason: string, text: string) => void;
  /** looks up a read of a chain */
  plan: (request: any) => ChainPlan;
  /** invalidates what a mutation of a chain touches; false where it is none */
  mutate: (request: any) => boolean;
  /** whether a chain's answer may be stored that says this of its own lifetime */
  lives: (key: string, ttl: unknown) => boolean;
  /** stores a chain's answer */
  fill: (ticket: object, response: unknown, ttl: any) => void;
  /** puts a second tier behind the cache and returns it */
  attach: (make: (core: any) => any) => any;
}

const functions: Record<string, (cache: any, ...rest: any[]) => any> = {};

/** Adds doors that every cache of this copy has. */
export function addToProtocol(more: typeof functions) {
  Object.assign(functions, more);
}

/** The doors of a cache of this copy. */
export function makeProtocol(cache: any): CopyProtocol {
  const doors = Object.fromEntries(Object.entries(functions).map(([name, call]) => [name, (...rest: any[]) => call(cache, ...rest)]));
  // Asked for when somebody wants to know it: no cache is without doors because the compiled half cannot be asked just now.
  return (Object.freeze(Object.defineProperty(doors, "version", { get: ownVersion, enumerable: true })) as any);
}

const ownVersion = () => callWithRetry(version);

/**
 * The doors of a cache, whichever copy made it.
 *
 * @throws TypeError "ERR_OPTION" where this is no cache, Error "ERR_COPY" where a copy made it that speaks another protocol
 */
export function protocolOf(cache: any): CopyProtocol {
  const doors = Object(cache)[PROTOCOL_SYMBOL];
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

function otherProtocol(cache: any): { protocol: string, version: string } | undefined {
  for (let at = Object(cache); at !== null; at = Object.getPrototypeOf(at)) {
    for (const symbol of Object.getOwnPropertySymbols(at)) {
      const name = Symbol.keyFor(symbol);
      if (name?.startsWith(NAME)) return { protocol: name.slice(NAME.length), version: String(cache[symbol]?.version ?? "of another version") };
    }
  }
  return undefined;
}
