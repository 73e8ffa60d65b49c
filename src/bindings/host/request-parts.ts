/** What of a request is named: its endpoint, values that a rule makes part of the key, tags, and the id of a resource. */

import { MAX_NAME, readNames } from "./validate.js";
import { holdsOnlyJson, requestText } from "./params.js";
import { copyOf } from "./snapshot.js";
import { bounded, TOO_MANY_TAGS } from "./tags.js";
import { describe, isPlain } from "./values.js";

const { freeze, hasOwn } = Object;

/** Characters of the start and of the end of an endpoint that is too long: enough for a resource and for an operation. */
const START = 512;
const END = 256;

/**
 * An endpoint as the engine may judge it. One that is no name is given a `:`, which no name holds: it is never cached, and
 * still treated as a change where it may be one. Of one that is too long the engine sees the start and the end.
 */
export function endpointName(endpoint: unknown): string {
  if (typeof endpoint === "string" && endpoint.length <= MAX_NAME && endpoint.isWellFormed()) return endpoint;
  if (endpoint === undefined || endpoint === null) return "";
  let text;
  try {
    text = String(endpoint);
  } catch {
    return "";
  }
  // What stands in for half of a surrogate pair is no part of a name either.
  return (text.length > MAX_NAME ? `${text.slice(0, START)}:${text.slice(-END)}` : `${text}:`).toWellFormed().replaceAll("\ufffd", ":");
}

/**
 * The values of a request that a rule makes part of the key: a copy of each that is there, for the handler to see. They are keyed
 * by their JSON, like params: a list of roles is another question than another list.
 *
 * @param all true where a value that is not there is an error: a chain's context that lacks it may just not have been
 *   told of it
 * @throws where something is there that cannot be read by name, or that JSON has no text for
 */
export function varyValues(names: string[], given: unknown, all: boolean): Record<string, unknown> {
  // The values of a Map or of Headers are not its members: nobody may take such a request for one without values.
  if (given !== undefined && given !== null && !isPlain(given)) throw new TypeError("vary is a plain object of values by name");
  const values: Record<string, unknown> = {};
  for (const name of names) {
    const value = valueOf(given, name);
    if (value === undefined && all) throw new TypeError(`vary has no ${name}`);
    if (value !== undefined && value !== null) values[name] = value;
  }
  return freeze(values);
}

function valueOf(given: unknown, name: string): unknown {
  try {
    return hasOwn(Object(given), name) ? ownValue((given as Record<string, unknown>)[name]) : undefined;
  } catch {
    throw new TypeError(`vary.${name} has no JSON of ${MAX_NAME} characters`);
  }
}

/** @throws where it has no copy, or no short JSON */
function ownValue(value: unknown) {
  if (value === undefined || value === null) return value;
  const text = requestText({ value });
  const own = holdsOnlyJson({ value }) ? JSON.parse(text).value : copyOf(value);
  if (text.length > MAX_NAME + '{"value":}'.length || requestText({ value: own }) !== text) throw new TypeError("this is no value of a key");
  return own;
}

/**
 * The tags that a user's function names for a request.
 *
 * @returns undefined where they are too many
 */
export function namedTags(tagger: (params: any, request: { endpoint: string, userId: string | undefined }) => unknown, params: unknown, endpoint: string, userId: string | undefined): string[] | undefined {
  const tags = bounded(readNames(tagger(params, { endpoint, userId }), "tags"));
  return tags === TOO_MANY_TAGS ? undefined : tags;
}

/**
 * The id that a user's function finds in params; undefined where it finds none. One that fails has found none, which removes
 * too much and never too little, and is said once.
 */
export function foundId(hostStore: any, finder: (params: any) => unknown, params: unknown, endpoint: string): string | undefined {
  let found;
  let error;
  try {
    found = finder(params ?? {});
    if (found === undefined || found === null) return undefined;
    // One that is no name is no tag either: nothing is spared by it.
    if (typeof found === "string") return found.length > MAX_NAME ? undefined : found.toWellFormed().normalize();
    // Beyond 2⁵³ one number stands for several ids.
    if (typeof found === "number" && Number.isFinite(found)) return Math.abs(found) <= Number.MAX_SAFE_INTEGER ? String(found) : undefined;
  } catch (thrown) {
    error = thrown;
  }
  const what = error === undefined ? `gave ${describe(found)}, where a string, a number or undefined is expected` : "threw";
  hostStore.warnings.once(endpoint, "resource-id", `a rule's resourceId ${what}: a mutation spares no id`, error);
  return undefined;
}

/**
 * An id in Unicode's normal form C.
 *
 * @param content of a JSON string
 */
export function normalId(content: string) {
  return (JSON.parse(`"${content}"`) as string).toWellFormed().normalize();
}
