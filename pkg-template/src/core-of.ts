/**
 * The engine behind a cache that this copy of the package made, for the modules that `cache-service.js` itself imports.
 *
 * Only the class can look into its caches, and it lends its eye to this module when it is defined: so nothing has to import
 * the class that the class imports, and no bundler has a cycle to warn of.
 */

let reveal: (cache: any) => any;

export function revealCores(look: (cache: any) => any) {
  reveal = look;
}

/** @returns undefined where this copy did not make it: then `protocolOf` has what can be done with it */
export function coreOf(cache: any): any {
  return reveal(cache);
}
