/** The guide's table of TTLs: an object whose members, when assigned, take effect at once for every cache. */

import { getTtlConfig, getTtlForEndpoint as ttlForEndpoint, setTtlConfig } from "../wasm/endpoint_cache.js";
import { onReplaced, steadily } from "./instance.js";

const KINDS = ["metadata", "list", "status", "get", "search", "analyze", "schema", "config", "healthCheck", "metrics"];

/** What was assigned, for an instance that comes after this one. @type {Map<string, any>} */
const assigned = new Map();
onReplaced(() => {
  for (const [kind, ttl] of assigned) setTtlConfig(kind, ttl);
});

/** @type {any} */
export const CACHE_TTL_CONFIG = {};
for (const kind of KINDS) {
  Object.defineProperty(CACHE_TTL_CONFIG, kind, {
    enumerable: true,
    get: () => steadily(() => getTtlConfig(kind)),
    set: (/** @type {any} */ ttl) => {
      steadily(() => setTtlConfig(kind, ttl));
      assigned.set(kind, ttl);
    },
  });
}
Object.seal(CACHE_TTL_CONFIG);

/**
 * @param {string} endpoint
 * @returns {number} seconds
 */
export function getTtlForEndpoint(endpoint) {
  return steadily(() => ttlForEndpoint(endpoint));
}
