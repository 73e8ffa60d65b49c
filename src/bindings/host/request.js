/** What of a request is named by a rule: values that are part of the key, and tags. */

import { readNames } from "./checks.js";
import { describe } from "./values.js";

/**
 * The values of a request that a rule makes part of the key, as strings.
 *
 * @param {string[]} names
 * @param {any} given
 * @returns {Record<string, string>} those that are there
 */
export function varyValues(names, given) {
  /** @type {Record<string, string>} */
  const values = {};
  if (given === undefined || given === null) return values;
  for (const name of names) {
    const value = Reflect.get(given, name);
    if (value === undefined || value === null) continue;
    values[name] = typeof value === "string" ? value.toWellFormed() : describe(value);
  }
  return values;
}

/**
 * The tags that a user's function names for a request.
 *
 * @param {(params: any, request: { endpoint: string, userId: string | undefined }) => unknown} tagger
 * @param {unknown} params
 * @param {string} endpoint
 * @param {string | undefined} userId
 */
export function namedTags(tagger, params, endpoint, userId) {
  return readNames(tagger(params, { endpoint, userId }), "tags");
}
