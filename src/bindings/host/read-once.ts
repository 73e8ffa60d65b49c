/**
 * What callers hand over, read before the compiled module is entered.
 *
 * Reading an object runs its getters, and a user's code that throws or calls a cache in the middle of the module's work
 * would be hard to tell from a failure of the module. So each object is read first, into a list or record of our own; the
 * readers that the module calls know those again and hand them on. Knows nothing of what is in them.
 */

const read: WeakSet<object> = new WeakSet();

/** Stands for a value that could not be read: every reader refuses it. */
export const UNREADABLE = Symbol("unreadable");

/**
 * Marks what was read.
 *
 * @param list of our own making
 */
export function asRead<T extends object>(list: T): T {
  read.add(list);
  return list;
}

/** What could not be read, with what its reading threw. */
const failed: WeakMap<object, { error: unknown }> = new WeakMap();

/**
 * Whether this was read before.
 *
 * @throws what reading it threw
 */
export function isRead(value: any): boolean {
  const failure = failed.get(value);
  if (failure !== undefined) throw failure.error;
  return read.has(value);
}

/** What a reader makes of an object, or something that throws what the reader threw once it is to be used. */
export function readOr<T extends object>(reader: () => T): T {
  try {
    return asRead(reader());
  } catch (error) {
    const failure = {};
    failed.set(failure, { error });
    return (failure as T);
  }
}

/** A copy of a plain object, each member read once; anything else as it is. */
export function copyOf(object: any): any {
  if (typeof object !== "object" || object === null) return object;
  const prototype = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) return object;
  return Object.fromEntries(Object.keys(object).map((name) => [name, object[name]]));
}
