/** What of a request is named by a rule: values that are part of the key, and tags. */

import { readNames } from "./checks.js";
import { holdsOnlyJson, requestText } from "./params.js";
import { copyOf } from "./snapshot.js";

const { freeze, getPrototypeOf, hasOwn } = Object;

/**
 * The values of a request that a rule makes part of the key: a copy of each that is there, for the handler to see. They are keyed
 * by their JSON, like params: a list of roles is another question than another list.
 *
 * @param {string[]} names
 * @param {any} given
 * @param {boolean} all true where a value that is not there is an error: a chain's context that lacks it may just not have been
 *   told of it
 * @returns {Record<string, unknown>}
 * @throws where something is there that cannot be read by name, or that JSON has no text for
 */
export function varyValues(names, given, all) {
  /** @type {Record<string, unknown>} */
  const values = {};
  const nothing = given === undefined || given === null;
  // The values of a Map or of Headers are not its members: nobody may take such a request for one without values.
  if (!nothing && (typeof given !== "object" || !isPlain(given))) throw new TypeError("vary is a plain object of values by name");
  for (const name of names) {
    const value = nothing || !hasOwn(given, name) ? undefined : given[name];
    if (value === undefined && all) throw new TypeError(`vary has no ${name}`);
    if (value !== undefined && value !== null) values[name] = value;
  }
  const text = requestText(values);
  const own = holdsOnlyJson(values) ? JSON.parse(text) : copyOf(values);
  if (requestText(own) !== text) throw new TypeError("vary changed while it was read");
  return freeze(own);
}

/** @param {object} value */
function isPlain(value) {
  const prototype = getPrototypeOf(value);
  return prototype === null || getPrototypeOf(prototype) === null;
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
