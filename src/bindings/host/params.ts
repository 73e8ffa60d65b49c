/**
 * The text a request's params are known by: their JSON, or a refusal that says where and why.
 *
 * This module knows which values may name a request (a closed list: nothing is ever guessed) and how to write them
 * in one native call. It must not know keys, users, hashes or the cache: the Rust side parses the text, sorts its
 * members and hashes it.
 *
 *     requestText({ page: 1, tags: ["a"] })   // '{"page":1,"tags":["a"]}'
 *     requestText({ tags: [NaN] })            // TypeError: params.tags[0] is NaN; params may hold only …
 */

import { MAX_DEPTH, MAX_TEXT } from "./contract.js";

// A flat object is one level of `MAX_DEPTH`: recursion on both sides stays bounded by it. `MAX_TEXT` is counted while params are
// walked, so that large ones are refused as soon as they are known to be, and a small graph of shared references does not unfold
// into an endless tree. Members that are `undefined` count by their names.

/** The `code` of every refusal made here. */
export const ERR_PARAMS = "ERR_PARAMS";

const { getPrototypeOf, hasOwn, keys } = Object;
const { isArray } = Array;
const { stringify } = JSON;
const plainPrototype = Object.prototype;
const RULE = "; params may hold only plain objects, arrays, strings, finite numbers, booleans and null";

const TOO_LONG = `params are longer than ${MAX_TEXT} characters of JSON text`;

/** What is left of `MAX_TEXT` in the quick walk. A getter may begin another walk, which puts it back when it ends. */
let budget = 0;

/**
 * The JSON text of `params`, as `JSON.stringify` writes it, when everything in them is on the closed list:
 * plain objects (of any realm), arrays, strings, finite numbers, booleans, null, and what a `toJSON` method makes
 * of itself. Members that are `undefined` are left out; `undefined` and `null` params are `{}`.
 * Members named by symbols and members that are not enumerable are not params.
 *
 * @throws {TypeError} with `code` "ERR_PARAMS": the sentence names the path of the first value not on the list.
 */
export function requestText(params: unknown): string {
  return readParams(params).text;
}

/** Params as a request is known by them. */
export class ParamsText {
  /** @param isJson whether the text gives them back as they were: nothing in them writes itself, as a Date does */
  constructor(
    readonly text: string,
    readonly isJson: boolean,
  ) {}
}

/** The text of params, and whether it gives them back. */
export function readParams(params: unknown): ParamsText {
  if (params === undefined || params === null) return new ParamsText("{}", true);
  const outer = budget;
  budget = MAX_TEXT;
  let text;
  try {
    if (typeof params === "object" && isPlainTree(params, 1)) text = stringify(params);
  } catch {
    // A getter or a Proxy threw. The careful walk below meets it again and can say where.
  }
  const left = budget;
  budget = outer;
  if (left < 0) throw refusal(TOO_LONG);
  if (text !== undefined) return new ParamsText(bounded(text), true);
  return new ParamsText(bounded(carefulText(params)), holdsOnlyJson(params));
}

/** Escapes are met only when the text is written. */
function bounded(text: string) {
  if (text.length > MAX_TEXT) throw refusal(TOO_LONG);
  return text;
}

/** Whether the text of these params gives them back as they were: nothing in them writes itself, as a Date does. */
export function holdsOnlyJson(params: unknown) {
  if (typeof params !== "object" || params === null) return true;
  const outer = budget;
  budget = MAX_TEXT;
  try {
    return isPlainTree(params, 1);
  } catch {
    return false;
  } finally {
    budget = outer;
  }
}

/**
 * True when `JSON.stringify` is sure to write every value of the tree and to merge none. False means only "not sure":
 * the careful walk decides, unless the budget is overdrawn. Nothing is allocated here, no path is kept: this is on the path of every hit. Asking for
 * descriptors would tell getters apart, at twice the time; a getter on a plain object is read here and once more by
 * `JSON.stringify`, and one that answers differently each time gets the text of what it answered last.
 *
 * @param depth of `value`, 1 at the root
 */
function isPlainTree(value: object, depth: number): boolean {
  if ((value as any).toJSON !== undefined) return false;
  if (isArray(value)) {
    const length = value.length;
    // Each element is a character and a comma at least.
    if ((budget -= 2 * length + 1) < 0) return false;
    for (let index = 0; index < length; index++) {
      const item = value[index];
      switch (typeof item) {
        case "string":
          if ((budget -= item.length) < 0) return false;
          continue;
        case "boolean":
          continue;
        case "number":
          // NaN and the infinities are the numbers that differ from zero after this.
          if (item - item !== 0) return false;
          continue;
        case "object":
          if (item !== null && (depth === MAX_DEPTH || !isPlainTree(item, depth + 1))) return false;
          continue;
        default:
          return false;
      }
    }
    return true;
  }
  const prototype = getPrototypeOf(value);
  if (prototype !== plainPrototype && prototype !== null) return false;
  budget -= 1;
  for (const name in value) {
    // Quotes, a colon, a comma, and a character at least.
    if ((budget -= name.length + 4) < 0) return false;
    const item = (value as any)[name];
    switch (typeof item) {
      case "string":
        if ((budget -= item.length) < 0) return false;
        continue;
      case "boolean":
      case "undefined":
        continue;
      case "number":
        if (item - item !== 0) return false;
        continue;
      case "object":
        if (item !== null && (depth === MAX_DEPTH || !isPlainTree(item, depth + 1))) return false;
        continue;
      default:
        return false;
    }
  }
  return true;
}

/**
 * The state of one careful walk. It reads every value once and writes the text itself, so that a getter, a Proxy or
 * a `toJSON` that answers differently the second time cannot slip an unchecked value into the text.
 * names and indices on the way to a value; what
 * it lies in; characters left
 */
export type Walk = { path: (string | number)[], open: object[], left: number };

function carefulText(params: unknown): string {
  const walk: Walk = { path: [], open: [], left: MAX_TEXT };
  let text;
  try {
    text = writeValue(params, "", walk);
  } catch (error) {
    if (error instanceof Refusal) throw error.reported();
    throw refusal(`${placeOf(walk.path)} could not be read${RULE}`, error);
  }
  return text ?? "{}";
}

/**
 * The text of one value, or undefined where JSON leaves a member out.
 *
 * @param name of the member, handed to `toJSON` as `JSON.stringify` does
 */
function writeValue(value: unknown, name: string, walk: Walk): string | undefined {
  spend(walk, 1);
  if (typeof value === "object" && value !== null) {
    const method = (value as any).toJSON;
    if (typeof method === "function") {
      if (isInvalidDate(value)) throw new Refusal(`${placeOf(walk.path)} is an invalid Date${RULE}`);
      return writeItself(method.call(value, name), walk);
    }
  }
  return writeItself(value, walk);
}

function spend(walk: Walk, characters: number) {
  if ((walk.left -= characters) < 0) throw new Refusal(TOO_LONG);
}

/** @param value whose `toJSON`, if any, has been asked */
function writeItself(value: unknown, walk: Walk): string | undefined {
  switch (typeof value) {
    case "string":
      spend(walk, value.length);
      return stringify(value);
    case "boolean":
      return stringify(value);
    case "number":
      if (Number.isFinite(value)) return stringify(value);
      break;
    case "undefined":
      return undefined;
    case "object":
      if (value === null) return "null";
      if (isArray(value)) return nested(value, walk, writeArray);
      if (isPlainObject(value)) return nested(value, walk, writeObject);
  }
  throw new Refusal(`${placeOf(walk.path)} is ${describe(value)}${RULE}`);
}

function nested<T extends object>(value: T, walk: Walk, write: (value: T, walk: Walk) => string): string {
  const at = walk.open.indexOf(value);
  if (at >= 0) {
    throw new Refusal(`${placeOf(walk.path)} refers back to ${placeOf(walk.path.slice(0, at))}, a cycle`);
  }
  if (walk.open.length === MAX_DEPTH) throw new Refusal(`params nest deeper than ${MAX_DEPTH} levels`);
  walk.open.push(value);
  const text = write(value, walk);
  walk.open.pop();
  return text;
}

function writeArray(array: unknown[], walk: Walk): string {
  const parts = [];
  for (let index = 0; index < array.length; index++) {
    walk.path.push(index);
    const text = writeValue(array[index], String(index), walk);
    if (text === undefined) {
      throw new Refusal(`${placeOf(walk.path)} is ${hasOwn(array, index) ? "undefined" : "a hole"}${RULE}`);
    }
    parts.push(text);
    walk.path.pop();
  }
  return `[${parts.join(",")}]`;
}

/**
 * Whether a name may stand behind a dot. A literal of this pattern would be checked by the host when it reads the source,
 * at a millisecond or two for the tables of Unicode, and most processes never ask.
 */
function isIdentifier(name: string) {
  identifier ??= new RegExp("^[\\p{ID_Start}$_][\\p{ID_Continue}$]*$", "u");
  return identifier.test(name);
}

let identifier: RegExp | undefined;

/** A place as a program names it. Written for a refusal only, as most values are none. */
function placeOf(path: (string | number)[]) {
  const member = (name: string) => (isIdentifier(name) ? `.${name}` : `[${stringify(name)}]`);
  return `params${path.map((step) => (typeof step === "number" ? `[${step}]` : member(step))).join("")}`;
}

function writeObject(object: object, walk: Walk): string {
  const parts = [];
  for (const name of keys(object)) {
    spend(walk, name.length + 3);
    walk.path.push(name);
    const text = writeValue((object as any)[name], name, walk);
    if (text !== undefined) parts.push(`${stringify(name)}:${text}`);
    walk.path.pop();
  }
  return `{${parts.join(",")}}`;
}

/** Plain in this realm or in another: no prototype, or the `Object.prototype` of some realm. */
function isPlainObject(value: object): boolean {
  const prototype = getPrototypeOf(value);
  if (prototype === null || prototype === plainPrototype) return true;
  return getPrototypeOf(prototype) === null && hasOwn(prototype, "isPrototypeOf") && hasOwn(prototype, "constructor");
}

/** An invalid Date says `null` of itself and would share its key with every other one and with null. */
function isInvalidDate(value: object): boolean {
  return value instanceof Date && Number.isNaN(Date.prototype.valueOf.call(value));
}

/** @param value not on the closed list */
function describe(value: unknown): string {
  switch (typeof value) {
    case "bigint":
      return "a BigInt";
    case "function":
      return "a function";
    case "symbol":
      return "a symbol";
    case "object":
      return `an instance of ${className((value as object))}`;
    default:
      return String(value);
  }
}

function className(value: object): string {
  const name = (value as any).constructor?.name;
  return typeof name === "string" && name !== "" ? name.slice(0, 80) : "an unnamed class";
}

/** A finding on its way up, apart from whatever the caller's own getters throw. */
class Refusal {
  sentence: string;

  constructor(sentence: string) {
    this.sentence = sentence;
  }
  reported(): TypeError {
    return refusal(this.sentence);
  }
}

function refusal(sentence: string, cause?: unknown): TypeError & { code: string } {
  const error = new TypeError(sentence, cause === undefined ? undefined : { cause });
  return Object.assign(error, { code: ERR_PARAMS });
}
