/** The guide's table of TTLs: an object whose members, when assigned, take effect at once for every cache. */

import { getTtlConfig, setTtlConfig } from "../wasm/endpoint_cache.js";

const KINDS = ["metadata", "list", "status", "get", "search", "analyze", "schema", "config", "healthCheck", "metrics"];

/** @type {any} */
export const CACHE_TTL_CONFIG = Object.seal(
  Object.defineProperties(
    {},
    Object.fromEntries(
      KINDS.map((kind) => [
        kind,
        {
          enumerable: true,
          get: () => getTtlConfig(kind),
          set: (/** @type {any} */ ttl) => setTtlConfig(kind, ttl),
        },
      ]),
    ),
  ),
);
