/**
 * What callers hand over, read before the compiled module is entered.
 *
 * Reading an object runs its getters, and a user's code that throws or calls a cache in the middle of the module's work
 * would be hard to tell from a failure of the module. So each object is read first, into a list or record of our own; the
 * readers that the module calls know those again and hand them on. Knows nothing of what is in them.
 */

const read: WeakSet<object> = new WeakSet();

/**
 * Marks what was read.
 *
 * @param list of our own making
 */
export function asRead<T extends object>(list: T): T {
  read.add(list);
  return list;
}

/** Whether this was read before. */
export function isRead(value: any): boolean {
  return read.has(value);
}

/** A copy of a plain object, each member read once; anything else as it is. */
export function copyOf(object: any): any {
  if (typeof object !== "object" || object === null) return object;
  const prototype = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) return object;
  return Object.fromEntries(Object.keys(object).map((name) => [name, object[name]]));
}
