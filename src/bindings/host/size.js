/**
 * How many bytes a value holds on to, estimated in a bounded walk.
 *
 * This room knows rough costs of JavaScript values. It must not know budgets, entries or keys, and it changes nothing.
 * The estimate leans upwards (two bytes a character, shared parts counted each time they are met), so that `maxBytes`
 * bounds memory rather than describes it. No other module is imported, because a snippet travels alone.
 *
 * | value | bytes |
 * |---|---|
 * | number, boolean, null, undefined | 8 (the place it stands in) |
 * | string | 24 + 2 a character |
 * | bigint | 24 |
 * | array | 32 + its elements |
 * | plain object | 32 + its own enumerable members |
 * | ArrayBuffer, typed array, DataView | 96 + the bytes of the whole buffer it keeps alive |
 * | Map, Set | 64 + 24 an entry + its keys and values |
 * | any other object | 64 + its own enumerable members |
 * | function, symbol | 64 |
 */

/** Values looked at before the rest of an array or object is taken to be like what was seen of it. */
const MAX_VALUES = 10_000;

/** Containers nested deeper count as 64 bytes: it ends cycles, and nothing real is that deep. */
const MAX_DEPTH = 64;

const WORD = 8;
const STRING = 24;
const CONTAINER = 32;
const OPAQUE = 64;
const BUFFER = 96;
const ENTRY = 24;

const { getOwnPropertyDescriptor, getPrototypeOf, keys } = Object;
const { isArray } = Array;
const plainPrototype = Object.prototype;

/** What is left of `MAX_VALUES`. The walk runs no foreign code but getters, so sharing it is harmless. */
let budget = 0;

/**
 * The estimated size of `value` in bytes, at least 8. Never throws: a value that refuses to be read counts as 64.
 * A getter that a plain object itself has is read (asking first would triple the cost of every small value);
 * those of class instances are not.
 *
 * @param {unknown} value
 * @returns {number}
 */
export function estimateBytes(value) {
  budget = MAX_VALUES;
  try {
    return bytesOf(value, 0);
  } catch {
    return OPAQUE;
  }
}

/**
 * @param {unknown} value
 * @param {number} depth
 * @returns {number}
 */
function bytesOf(value, depth) {
  switch (typeof value) {
    case "string":
      return STRING + 2 * value.length;
    case "number":
    case "boolean":
    case "undefined":
      return WORD;
    case "bigint":
      return STRING;
    case "object":
      break;
    default:
      return OPAQUE;
  }
  if (value === null) return WORD;
  if (depth === MAX_DEPTH) return OPAQUE;
  if (isArray(value)) {
    const length = value.length;
    let total = CONTAINER;
    for (let index = 0; index < length; index++) {
      if (--budget < 0) return extrapolated(total, index, length);
      total += bytesOf(value[index], depth + 1);
    }
    return total;
  }
  // Asking most objects for their prototype would leave compiled code; their constructor tells as much for an estimate.
  if (/** @type {any} */ (value).constructor !== Object && !isPlain(value)) return bytesOfInstance(value, depth);
  let total = CONTAINER;
  let seen = 0;
  for (const name in value) {
    if (--budget < 0) return extrapolated(total, seen, keys(value).length);
    total += bytesOf(/** @type {any} */ (value)[name], depth + 1);
    seen++;
  }
  return total;
}

/** @param {object} value */
function isPlain(value) {
  const prototype = getPrototypeOf(value);
  return prototype === plainPrototype || prototype === null;
}

/**
 * @param {object} value with a class
 * @param {number} depth
 * @returns {number}
 */
function bytesOfInstance(value, depth) {
  if (ArrayBuffer.isView(value)) return BUFFER + value.buffer.byteLength;
  if (value instanceof ArrayBuffer) return BUFFER + value.byteLength;
  if (value instanceof Map || value instanceof Set) {
    let total = OPAQUE;
    let seen = 0;
    for (const [key, item] of value.entries()) {
      if (--budget < 0) return extrapolated(total, seen, value.size);
      total += ENTRY + bytesOf(key, depth + 1);
      // A Set calls each member by itself; it is held once.
      if (value instanceof Map) total += bytesOf(item, depth + 1);
      seen++;
    }
    return total;
  }
  const names = keys(value);
  let total = OPAQUE;
  for (let index = 0; index < names.length; index++) {
    if (--budget < 0) return extrapolated(total, index, names.length);
    total += bytesOf(getOwnPropertyDescriptor(value, String(names[index]))?.value, depth + 1);
  }
  return total;
}

/**
 * The whole of a container of which `seen` of `count` members made up `total`, the rest taken to be like them.
 *
 * @param {number} total
 * @param {number} seen
 * @param {number} count
 * @returns {number}
 */
function extrapolated(total, seen, count) {
  return seen === 0 ? total + count * WORD : Math.round((total / seen) * count);
}
