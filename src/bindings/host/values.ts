/** What kind of value something is: the questions that JavaScript answers faster or more truthfully than Rust. */

/** A value in a few words, for error messages. */
export function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`;
  if (typeof value === "object" && value !== null) return isArray(value) ? "an array" : "an object";
  return String(value);
}

/** @returns false for a Proxy that was revoked, of which nothing can be said */
function isArray(value: object): boolean {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** What kind of thing somebody gave who was asked for a record: as `describe`, but a Map is called a Map. */
export function kindOf(value: unknown) {
  if (typeof value !== "object" || value === null) return describe(value);
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return tag === "Object" ? "an object with a class" : `${/^[AEIOU]/.test(tag) ? "an" : "a"} ${tag === "Array" ? "array" : tag}`;
}

/** True for what has its members under their names: plain objects, and instances of classes that are no built-in. */
export function isRecord(value: unknown) {
  return typeof value === "object" && value !== null && Object.prototype.toString.call(value) === "[object Object]";
}

/** True for an object that nobody made a class for, in whatever realm. */
export function isPlain(value: unknown) {
  if (!isRecord(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** @returns false where a surrogate stands alone */
export function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}

export function isRegExp(value: unknown) {
  return Object.prototype.toString.call(value) === "[object RegExp]";
}

/** A piece of the module's memory. */
export function bytesAt({ buffer }: WebAssembly.Memory, start: number, length: number) {
  return new Uint8Array(buffer, start, length);
}
