/**
 * The engine behind a cache that this copy of the package made, for the modules that `cache-service.js` itself imports.
 *
 * Only the class can look into its caches, and it lends its eye to this module when it is defined: so nothing has to import
 * the class that the class imports, and no bundler has a cycle to warn of.
 */

import type { Engine } from "./supervisor.js";

let reveal: (cache: unknown) => Engine | undefined;

export function revealCores(look: typeof reveal) {
  reveal = look;
}

/** @returns undefined where this copy did not make it: then `protocolOf` has what can be done with it */
export function coreOf(cache: unknown): Engine | undefined {
  return reveal(cache);
}
