/**
 * What callers hand over, read before the compiled module is entered.
 *
 * Reading an object runs its getters, and a user's code that throws or calls a cache in the middle of the module's work
 * would be hard to tell from a failure of the module. So each object is read first, into a list or record of our own; the
 * readers that the module calls know those again and hand them on. Knows nothing of what is in them.
 */

/** @type {WeakSet<object>} */
const read = new WeakSet();

/** Stands for an object that could not be read: every reader refuses it. */
export const UNREADABLE = Symbol("unreadable");

/**
 * Marks what was read.
 *
 * @template {object} T
 * @param {T} list of our own making
 * @returns {T}
 */
export function asRead(list) {
  read.add(list);
  return list;
}

/**
 * Whether this was read before.
 * @param {any} value
 * @returns {boolean}
 */
export function isRead(value) {
  return read.has(value);
}

/**
 * What a reader makes of an object, or `UNREADABLE` where it throws.
 *
 * @template {object} T
 * @param {() => T} reader
 * @returns {T | typeof UNREADABLE}
 */
export function readOr(reader) {
  try {
    return asRead(reader());
  } catch {
    return UNREADABLE;
  }
}

/**
 * A copy of a plain object, each member read once; anything else as it is.
 *
 * @param {any} object
 * @returns {any}
 */
export function copyOf(object) {
  if (typeof object !== "object" || object === null) return object;
  const prototype = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) return object;
  return Object.fromEntries(Object.keys(object).map((name) => [name, object[name]]));
}
