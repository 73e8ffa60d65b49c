/**
 * The engine behind a cache, for the rooms of this package that `cache-service.js` itself stands on.
 *
 * Only the class can look into its caches, and it lends its eye to this room when it is defined: so nothing has to import
 * the class that the class imports, and no bundler has a cycle to warn of.
 */

/** @type {(cache: any) => any} */
let reveal;

/** @param {(cache: any) => any} look */
export function revealCores(look) {
  reveal = look;
}

/**
 * @param {any} cache
 * @returns {any}
 * @throws TypeError "ERR_OPTION" where this is no cache
 */
export function coreOf(cache) {
  return reveal(cache);
}
