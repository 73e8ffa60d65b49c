/**
 * Small params, read once into a row of tokens: what is known again by its tokens is neither written as text nor hashed.
 *
 * Two plain trees have equal rows exactly where `JSON.stringify` writes them alike: a row holds every name and value in
 * order, and marks where objects and arrays begin and end. A fingerprint finds the row, the whole row decides. This module
 * must not know keys, requestMemo or texts. It keeps one row, that of the params read last; each reading has a number, by which
 * a row is found to be another one's when something of the caller's ran between reading and using it.
 */

/** Longer rows are not read: their text is made instead. A request's own parameters are a dozen tokens. */
const MOST = 64;

/** Most characters of all names and strings of a row together: what bounds the memory of a row that is remembered. */
const MOST_CHARACTERS = 512;

/** How deep objects and arrays may nest here. */
const DEEPEST = 8;

const PRIME = 0x01000193;

const { getPrototypeOf } = Object;
const { isArray } = Array;
const { imul } = Math;
const plainPrototype = Object.prototype;

/** What a row holds where an object begins, where an array does, and where either ends. Nobody else has these symbols. */
export const OBJECT = Symbol("object");
export const ARRAY = Symbol("array");
const END = Symbol("end");

/** The row: the first `count` of these. */
export const tokens: any[] = new Array(MOST).fill(undefined);
/** By the place of an `OBJECT` or `ARRAY`, the place of its `END`. */
export const ends = new Uint8Array(MOST);

let count = 0;
let hash = 0;
let characters = 0;
/** Counts readings. */
let readings = 0;

/**
 * Reads params into the row.
 *
 * @returns of the reading; 0 where they are large, have a `toJSON`, or are nothing that names a request: ask
 *   `requestText`
 */
export function readTokens(params: unknown): number {
  if (typeof params !== "object" || params === null) return 0;
  // Names that somebody gave to all objects are read below and are not written by `JSON.stringify`.
  for (const _ in plainPrototype) return 0;
  const reading = (readings += 1);
  hash = 0;
  characters = 0;
  try {
    // A getter may have had others read meanwhile.
    count = readTree(tokens, params, 1, 0);
    return count > 0 && reading === readings ? reading : 0;
  } catch {
    // A getter or a Proxy threw; `requestText` meets it again and can say where.
    return 0;
  }
}

/**
 * @param depth of `value`, 1 at the root
 * @param at where in the row it begins
 * @returns the place behind it, or 0
 */
function readTree(row: any[], value: object, depth: number, at: number): number {
  if ((value as any).toJSON !== undefined || at > MOST - 2) return 0;
  const start = at++;
  if (isArray(value)) {
    row[start] = ARRAY;
    const { length } = value;
    for (let index = 0; index < length; index += 1) {
      at = readValue(row, value[index], depth, at);
      if (at === 0) return 0;
    }
  } else {
    const prototype = getPrototypeOf(value);
    if (prototype !== plainPrototype && prototype !== null) return 0;
    row[start] = OBJECT;
    for (const name in value) {
      const item = (value as any)[name];
      if (item === undefined) continue;
      const { length } = name;
      if (at > MOST - 3 || (characters += length) > MOST_CHARACTERS) return 0;
      // Its ends and its length tell most names apart.
      hash = imul(hash ^ name.charCodeAt(0) ^ (name.charCodeAt(length - 1) << 8) ^ (length << 16), PRIME);
      row[at++] = name;
      at = readValue(row, item, depth, at);
      if (at === 0) return 0;
    }
  }
  if (at === MOST) return 0;
  ends[start] = at;
  row[at++] = END;
  return at;
}

/** @param depth of the object or array that it is in */
function readValue(row: any[], value: unknown, depth: number, at: number): number {
  switch (typeof value) {
    case "string":
      if ((characters += value.length) > MOST_CHARACTERS) return 0;
      hash = mix(hash, value);
      break;
    case "number":
      // NaN and the infinities are the numbers that differ from zero after this.
      if (value - value !== 0) return 0;
      // Fractions count too, down to 1/65536.
      hash = imul(hash ^ (value * 65_537), PRIME);
      break;
    case "boolean":
      hash = imul(hash ^ (value ? 1 : 2), PRIME);
      break;
    case "object":
      if (value !== null) return depth < DEEPEST ? readTree(row, value, depth + 1, at) : 0;
      break;
    default:
      return 0;
  }
  if (at === MOST) return 0;
  row[at++] = value;
  return at;
}

/** A hash of all of a string: requests that differ in the middle of one are as common as any. */
function mix(seed: number, text: string) {
  const { length } = text;
  let mixed = imul(seed ^ length, PRIME);
  for (let at = 0; at < length; at += 1) mixed = imul(mixed ^ text.charCodeAt(at), PRIME);
  return mixed;
}

/**
 * A small integer for the row: equal rows have equal ones, and most others another. Spread over all bits, of which a `Map`
 * takes the low ones.
 */
function fingerprint(seed: number) {
  const mixed = imul(hash ^ seed ^ (hash >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) & 0x3fff_ffff;
}

export type Known = { row: any[], endpoint: string, user: string, value: any };

/**
 * Values by row, endpoint and user. Two that have the same fingerprint take turns, so no lookup is longer than another;
 * the memory is kept in two halves, and when the young one is full the old one goes.
 */
export class FingerprintMemo {
  half: number;
  /** The endpoint seen last, and its hash. */
  endpoint: string;
  seed: number;
  young!: Map<number, Known>;
  old!: Map<number, Known>;

  /** @param half how many values each half holds */
  constructor(half: number) {
    this.half = half;
    this.endpoint = "";
    this.seed = 0;
    this.clear();
  }

  clear() {
    this.young = new Map();
    this.old = new Map();
  }

  /** The fingerprint of the row that was read last, with these. */
  place(endpoint: string, user: string) {
    if (endpoint !== this.endpoint) {
      this.endpoint = endpoint;
      this.seed = mix(0, endpoint);
    }
    return fingerprint(user === "" ? this.seed : mix(this.seed, user));
  }

  /**
   * The value remembered for a row.
   *
   * @param reading of the row
   * @returns undefined where there is none, or where the row is another one by now
   */
  find(endpoint: string, user: string, reading: number): any {
    if (reading !== readings) return undefined;
    const place = this.place(endpoint, user);
    let known = this.young.get(place);
    if (known === undefined) {
      known = this.old.get(place);
      if (known === undefined) return undefined;
      this.#keep(place, known);
    }
    if (known.endpoint !== endpoint || known.user !== user) return undefined;
    const { row } = known;
    if (row.length !== count) return undefined;
    for (let at = 0; at < row.length; at += 1) {
      if (row[at] !== tokens[at]) return undefined;
    }
    return known.value;
  }

  /** Remembers a value for the row that was read last. */
  remember(endpoint: string, user: string, value: any) {
    this.#keep(this.place(endpoint, user), { row: copy(), endpoint, user, value });
  }

  #keep(place: number, known: Known) {
    if (this.young.size >= this.half) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(place, known);
  }
}

/** The row by itself, its strings written anew: one that was cut out of a large body would keep all of that alive. */
function copy() {
  const row = tokens.slice(0, count);
  const fresh = JSON.parse(JSON.stringify(row));
  return row.map((token, at) => (typeof token === "string" ? fresh[at] : token));
}
