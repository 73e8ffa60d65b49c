/**
 * How copies of this package use each other's caches.
 *
 * A program often holds several: a bundler makes one for each of its targets, `import` and `require` are mixed, two versions
 * are installed. Each has classes and a compiled instance of its own, so none can look into a cache that another made. What a
 * cache can do for the functions of any copy is therefore reached through the cache itself, at `Symbol.for("endpoint-cache/1")`:
 * functions of the copy that made it. What they take and give is the protocol. A change of it gets another number, and then a
 * copy says which two versions do not fit instead of doing something wrong.
 */

import type { ChainPlan, ChainRequest } from "./middleware.js";
import type { Engine } from "./supervisor.js";
import type { CacheService, DataOf, Handler, RouteOptions, RouteRequest, RouteResponse } from "./types/index.js";
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
  routeRequest: <T, P>(request: RouteRequest<P>, handler: Handler<T, P>, options?: RouteOptions) => Promise<RouteResponse<DataOf<T>>>;
  isMutation: (endpoint: string) => boolean;
  /** vouches for a frozen answer, see `snapshot.js` */
  share: <T extends object>(value: T) => T;
  /** says once what keeps an endpoint out of the cache */
  warn: (endpoint: unknown, reason: string, text: string) => void;
  /** looks up a read of a chain */
  plan: (request: ChainRequest) => ChainPlan;
  /** invalidates what a mutation of a chain touches; false where it is none */
  mutate: (request: ChainRequest) => boolean;
  /** whether a chain's answer may be stored that says this of its own lifetime */
  lives: (key: string, ttl: unknown) => boolean;
  /** stores a chain's answer */
  fill: (ticket: object, response: unknown, ttl: unknown) => void;
  /** puts a second tier behind the cache and returns it */
  attach: <T>(make: (core: Engine) => T) => T;
}

type Doors = Omit<CopyProtocol, "version">;

/** The doors of every cache, given the cache. */
type Functions = { [Name in keyof Doors]: (cache: CacheService, ...rest: Parameters<Doors[Name]>) => ReturnType<Doors[Name]> };

const functions: Partial<Functions> = {};

/** Adds doors that every cache of this copy has. */
export function addToProtocol(more: Partial<Functions>) {
  Object.assign(functions, more);
}

/** The doors of a cache of this copy. */
export function makeProtocol(cache: CacheService): CopyProtocol {
  const all = Object.entries(functions) as [name: string, call: (cache: CacheService, ...rest: unknown[]) => unknown][];
  const doors: object = Object.fromEntries(all.map(([name, call]) => [name, (...rest: unknown[]) => call(cache, ...rest)]));
  // Asked for when somebody wants to know it: no cache is without doors because the compiled half cannot be asked just now.
  return Object.freeze(Object.defineProperty(doors, "version", { get: ownVersion, enumerable: true })) as CopyProtocol;
}

const ownVersion = () => callWithRetry(version);

/**
 * The doors of a cache, whichever copy made it.
 *
 * @throws TypeError "ERR_OPTION" where this is no cache, Error "ERR_COPY" where a copy made it that speaks another protocol
 */
export function protocolOf(cache: unknown): CopyProtocol {
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

function otherProtocol(cache: unknown): { protocol: string; version: string } | undefined {
  for (let at = Object(cache); at !== null; at = Object.getPrototypeOf(at)) {
    for (const symbol of Object.getOwnPropertySymbols(at)) {
      const name = Symbol.keyFor(symbol);
      if (name?.startsWith(NAME))
        return { protocol: name.slice(NAME.length), version: String(Object(cache)[symbol]?.version ?? "of another version") };
    }
  }
  return undefined;
}
