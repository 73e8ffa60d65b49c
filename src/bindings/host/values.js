/** What kind of value something is: the questions that JavaScript answers faster or more truthfully than Rust. */

/**
 * A value in a few words, for error messages.
 * @param {unknown} value
 * @returns {string}
 */
export function describe(value) {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`;
  if (typeof value === "object" && value !== null) return isArray(value) ? "an array" : "an object";
  return String(value);
}

/**
 * @param {object} value
 * @returns {boolean} false for a Proxy that was revoked, of which nothing can be said
 */
function isArray(value) {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/**
 * What kind of thing somebody gave who was asked for a record: as `describe`, but a Map is called a Map.
 * @param {unknown} value
 */
export function kindOf(value) {
  if (typeof value !== "object" || value === null) return describe(value);
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return tag === "Object" ? "an object with a class" : `${/^[AEIOU]/.test(tag) ? "an" : "a"} ${tag === "Array" ? "array" : tag}`;
}

/**
 * True for what has its members under their names: plain objects, and instances of classes that are no built-in.
 * @param {unknown} value
 */
export function isRecord(value) {
  return typeof value === "object" && value !== null && Object.prototype.toString.call(value) === "[object Object]";
}

/**
 * True for an object that nobody made a class for, in whatever realm.
 * @param {unknown} value
 */
export function isPlain(value) {
  if (!isRecord(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * @param {string} text
 * @returns {boolean} false where a surrogate stands alone
 */
export function isWellFormed(text) {
  return text.isWellFormed();
}

/** @param {unknown} value */
export function isRegExp(value) {
  return Object.prototype.toString.call(value) === "[object RegExp]";
}

/**
 * A piece of the module's memory.
 * @param {WebAssembly.Memory} memory
 * @param {number} start
 * @param {number} length
 */
export function bytesAt({ buffer }, start, length) {
  return new Uint8Array(buffer, start, length);
}
