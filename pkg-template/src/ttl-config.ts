/** `CACHE_TTL_CONFIG`, the table of TTLs: an object whose members, when assigned, take effect at once for every cache. */

import { getTtlConfig, getTtlForEndpoint as ttlForEndpoint, setTtlConfig } from "#wasm/endpoint_cache.js";
import { coded } from "./errors.js";
import { onReplaced, callWithRetry } from "./instance.js";

const KINDS = ["metadata", "list", "status", "get", "search", "analyze", "schema", "config", "healthCheck", "metrics"];

/** What was assigned, for an instance that comes after this one. */
const assigned: Map<string, any> = new Map();
onReplaced(() => {
  for (const [kind, ttl] of assigned) setTtlConfig(kind, ttl);
});

const table: any = {};
for (const kind of KINDS) {
  Object.defineProperty(table, kind, {
    enumerable: true,
    get: () => callWithRetry(() => getTtlConfig(kind)),
    set: (ttl: any) => {
      callWithRetry(() => setTtlConfig(kind, ttl));
      assigned.set(kind, ttl);
    },
  });
}
Object.seal(table);

function refuse(kind: PropertyKey): never {
  throw coded(TypeError, "ERR_OPTION", `CACHE_TTL_CONFIG has no member ${JSON.stringify(String(kind))}; it has ${KINDS.join(", ")}`);
}

/** A name that is misspelled is an error, in modules and, where the language would be silent, in scripts as well. */
export const CACHE_TTL_CONFIG = new Proxy(table, {
  set: (target, kind, ttl) => (KINDS.includes((kind as string)) ? Reflect.set(target, kind, ttl) : refuse(kind)),
  defineProperty: (_, kind) => refuse(kind),
  deleteProperty: (_, kind) => {
    throw coded(TypeError, "ERR_OPTION", `the members of CACHE_TTL_CONFIG stay: ${JSON.stringify(String(kind))} cannot be deleted`);
  },
});

/** @returns seconds */
export function getTtlForEndpoint(endpoint: string): number {
  return callWithRetry(() => ttlForEndpoint(endpoint));
}
