/**
 * How many bytes a value holds on to, estimated in a bounded walk.
 *
 * This module knows what JavaScript values take of V8's memory, with 8 bytes a word. It must not know budgets, entries or keys.
 * The estimate is between 0.7 and 1.4 times the truth for what JSON can hold, and rather too high, so that `maxBytes` bounds
 * memory: `node benches/js/run.mjs --only estimate` compares the two. What it adds to a value's place in its container:
 *
 * | value | bytes |
 * |---|---|
 * | number | 0; 16 where it is no 32-bit integer, in a frozen or mixed array as well |
 * | boolean, null, undefined | 0 |
 * | string | 20 + 1 or 2 a character, in words |
 * | bigint | 16 + its magnitude |
 * | array | 44 + 9 an element |
 * | object, class instance | 40 + 8 a member; more where it has names of its own: see `memberBytes` |
 * | Map, Set | 130 + 28 or 20 for each place in its table |
 * | typed array, Buffer | 104 + 80 + the bytes of the whole buffer it keeps alive |
 * | Date | 136 |
 * | Error, RegExp | 250, 160 |
 * | function, symbol, anything else | 64 |
 *
 * Shared parts are counted each time they are met, but for short strings that repeat within a value and for buffers.
 */

import { extrapolated, memberBytes, Met, places } from "./member-sizes.js";
import { mayBeView, partText, textBytes } from "./strings.js";

/** Values looked at before the rest of an array or object is taken to be like what was seen of it. */
const MAX_VALUES = 10_000;

/** Containers nested deeper count as 64 bytes: it ends cycles, and nothing real is that deep. */
const MAX_DEPTH = 64;

/** The first strings of a value are parted from what they were cut from, as many as these and as long in all. */
const MAX_PARTED = 16;
const MAX_PARTED_LENGTH = 8_192;

/** Strings met last in a walk, by length and last character, none longer than this. */
const RECENT = 32;
const MAX_RECENT_LENGTH = 64;

const WORD = 8;
const DOUBLE = 16;
const OBJECT = 40;
const ARRAY = 44;
const ELEMENT = 9;
const TABLE = 130;
const OPAQUE = 64;
const VIEW = 104;
const BUFFER = 80;
const DATE = 136;
const ERROR = 250;
const REGEXP = 160;

/** Node cuts small Buffers from slabs of this many bytes. */
const SLAB = 8_192;

const { getOwnPropertyDescriptor, getPrototypeOf, isFrozen, keys } = Object;
const { isArray } = Array;
const plainPrototype = Object.prototype;

// The state of one walk. A getter may begin another one meanwhile: then both estimates are rough, and nothing else happens.
let budget = 0;
let met = new Met();
let parted = 0;
let partedLength = 0;
let lastBuffer: unknown;
let walk = 0;
/** Not cleared after a walk, which would take longer than most walks. */
const recent = Array(RECENT).fill("");
const recentWalks = new Float64Array(RECENT);

/**
 * The estimated size of `value` in bytes, at least 8. Never throws: a value that refuses to be read counts as 64.
 * A getter that a plain object itself has is read (asking first would triple the cost of every small value);
 * those of class instances are not.
 *
 * @param known what was met in other values
 */
export function estimateBytes(value: unknown, known?: Met): number {
  if (typeof value !== "object" || value === null) return Math.max(WORD, valueBytes(value, 0));
  budget = MAX_VALUES;
  walk += 1;
  parted = 0;
  partedLength = 0;
  met = known ?? new Met();
  try {
    return Math.round(objectBytes(value, 0));
  } catch {
    return OPAQUE;
  } finally {
    // Nothing of the value may be held here.
    lastBuffer = undefined;
  }
}

/** What a value takes beside the word that it stands in. */
function valueBytes(value: unknown, depth: number): number {
  switch (typeof value) {
    case "string":
      return depth === 0 ? textBytes(value) : memberText(value);
    case "number":
      return (value | 0) === value ? 0 : DOUBLE;
    case "object":
      return value === null ? 0 : objectBytes(value, depth);
    case "boolean":
    case "undefined":
      return 0;
    case "bigint":
      return bigBytes(value);
    default:
      return OPAQUE;
  }
}

/** A string in a container. One that repeats is stored once: where it is not yet, it is made so. */
function memberText(text: string) {
  const { length } = text;
  if (length < 2) return 0;
  if (length <= MAX_RECENT_LENGTH) {
    const place = (length * 7 + text.charCodeAt(length - 1)) % RECENT;
    if (recent[place] === text && recentWalks[place] === walk) {
      partText(text);
      return 0;
    }
    recent[place] = text;
    recentWalks[place] = walk;
  }
  if (mayBeView(text) && parted < MAX_PARTED && (partedLength += length) <= MAX_PARTED_LENGTH) {
    parted += 1;
    partText(text);
  }
  return textBytes(text);
}

function bigBytes(value: bigint) {
  if (BigInt.asIntN(64, value) === value) return 24;
  // Two hexadecimal digits a byte.
  return 16 + words(value.toString(16).length / 2);
}

function objectBytes(value: object, depth: number): number {
  if (depth === MAX_DEPTH) return OPAQUE;
  if (isArray(value)) return arrayBytes(value, depth);
  // Asking most objects for their prototype would leave compiled code; their constructor tells as much for an estimate.
  if ((value as any).constructor !== Object && !isPlain(value)) return instanceBytes(value, depth);
  let total = 0;
  let seen = 0;
  let last = "";
  for (const name in value) {
    if (--budget < 0) break;
    total += valueBytes((value as any)[name], depth + 1);
    seen++;
    last = name;
  }
  if (budget >= 0) return OBJECT + total + memberBytes(value, last, seen, met);
  const names = keys(value);
  const { length } = names;
  return OBJECT + extrapolated(total, seen, length) + memberBytes(value, names[length - 1] ?? "", length, met);
}

function arrayBytes(value: unknown[], depth: number): number {
  const { length } = value;
  let total = 0;
  let doubles = 0;
  let numbers = 0;
  let absent = 0;
  let seen = 0;
  while (seen < length && --budget >= 0) {
    const item = value[seen++];
    if (typeof item === "number") {
      numbers++;
      if ((item | 0) !== item) doubles++;
    } else if (item === undefined) absent++;
    else total += valueBytes(item, depth + 1);
  }
  // Nothing but numbers lie in the array itself, unless it is frozen.
  if (doubles > 0 && (numbers + absent < seen || isFrozen(value))) total += doubles * DOUBLE;
  // Far more holes than elements: a table by index.
  if (absent > RECENT && absent * 8 > seen * 7) {
    const count = keys(value).length;
    if (count * 8 < length) return ARRAY + OPAQUE + total + places(count) * 3 * WORD;
  }
  return ARRAY + extrapolated(total, seen, length) + ELEMENT * length;
}

function isPlain(value: object) {
  const prototype = getPrototypeOf(value);
  return prototype === plainPrototype || prototype === null;
}

/** @param value with a class */
function instanceBytes(value: object, depth: number): number {
  if (value instanceof Date) return DATE;
  if (ArrayBuffer.isView(value)) return VIEW + bufferBytes(value.buffer, value.byteLength);
  if (value instanceof ArrayBuffer) return bufferBytes(value, value.byteLength);
  if (value instanceof Map || value instanceof Set) return tableBytes(value, depth);
  const names = keys(value);
  let total = value instanceof Error ? ERROR : value instanceof RegExp ? REGEXP : OPAQUE;
  let seen = 0;
  while (seen < names.length && --budget >= 0) {
    total += WORD + valueBytes(getOwnPropertyDescriptor(value, String(names[seen++]))?.value, depth + 1);
  }
  return extrapolated(total, seen, names.length);
}

/** What lies in a buffer, unless it was counted a moment ago; a slab is counted once, for the first Buffer that was cut from it. */
function bufferBytes(buffer: ArrayBufferLike, used: number) {
  if (buffer === lastBuffer) return 0;
  lastBuffer = buffer;
  if (buffer.byteLength === SLAB && used < SLAB / 2) {
    if (met.slabs.has(buffer)) return WORD;
    met.slabs.add(buffer);
  }
  return BUFFER + words(buffer.byteLength);
}

function tableBytes(value: Map<unknown, unknown> | Set<unknown>, depth: number) {
  const isMap = value instanceof Map;
  let total = 0;
  let seen = 0;
  // A Set calls each member by itself; it is held once.
  for (const [key, item] of value.entries()) {
    if (--budget < 0) break;
    total += WORD + valueBytes(key, depth + 1) + (isMap ? valueBytes(item, depth + 1) : 0);
    seen++;
  }
  const table = Math.max(4, 2 ** Math.ceil(Math.log2(value.size || 1)));
  return TABLE + extrapolated(total, seen, value.size) + table * (isMap ? 28 : 20);
}

/** Bytes in whole words. */
const words = (bytes: number) => Math.ceil(bytes / WORD) * WORD;
