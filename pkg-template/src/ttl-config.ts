/** `CACHE_TTL_CONFIG`, the table of TTLs: an object whose members, when assigned, take effect at once for every cache. */

import { getTtlConfig, getTtlForEndpoint as ttlForEndpoint, setTtlConfig } from "#wasm/endpoint_cache.js";
import { TTL_KINDS } from "../../src/bindings/host/contract.js";
import { coded } from "./errors.js";
import { onReplaced, callWithRetry } from "./instance.js";

type Kind = "metadata" | "list" | "status" | "get" | "search" | "analyze" | "schema" | "config" | "healthCheck" | "metrics";

// The engine's list; the compiler compares it with the type, which is public.
const KINDS: readonly string[] = TTL_KINDS satisfies readonly Kind[];

/** What was assigned, for an instance that comes after this one. */
const assigned: Map<string, number> = new Map();
onReplaced(() => {
  for (const [kind, ttl] of assigned) setTtlConfig(kind, ttl);
});

const table = {} as Record<Kind, number>;
for (const kind of KINDS) {
  Object.defineProperty(table, kind, {
    enumerable: true,
    get: () => callWithRetry(() => getTtlConfig(kind)),
    set: (ttl: number) => {
      callWithRetry(() => setTtlConfig(kind, ttl));
      assigned.set(kind, ttl);
    },
  });
}
Object.seal(table);

function refuse(kind: PropertyKey): never {
  throw coded(TypeError, "ERR_OPTION", `CACHE_TTL_CONFIG has no member ${JSON.stringify(String(kind))}; it has ${KINDS.join(", ")}`);
}

/**
 * TTLs by kind of endpoint, in seconds. Assignments take effect at once, for every cache; a rule's `ttl` overrides them.
 * Defaults: metadata 300, list 180, status 60, get 120, search 60, analyze 120, schema 3600, config 600, healthCheck 300, metrics 300.
 * @throws TypeError | RangeError "ERR_TTL" on assigning what is no TTL; TypeError "ERR_OPTION" on assigning to another name
 */
export const CACHE_TTL_CONFIG: Record<Kind, number> = new Proxy(table, {
  // A name that is misspelled is an error, in modules and, where the language would be silent, in scripts as well.
  set: (target, kind, ttl) => (KINDS.includes(String(kind)) ? Reflect.set(target, kind, ttl) : refuse(kind)),
  defineProperty: (_, kind) => refuse(kind),
  deleteProperty: (_, kind) => {
    throw coded(TypeError, "ERR_OPTION", `the members of CACHE_TTL_CONFIG stay: ${JSON.stringify(String(kind))} cannot be deleted`);
  },
});

/** The TTL of an endpoint by its last segments, in seconds; that of "metadata" where no segment says more. */
export function getTtlForEndpoint(endpoint: string): number {
  return callWithRetry(() => ttlForEndpoint(endpoint));
}
