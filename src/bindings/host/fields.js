/** The members of an object of options: each read once, by name, and refused in a sentence that names it. */

import { readNames } from "./checks.js";
import { rangeError, typeError } from "./errors.js";
import { durationMs, ttlMs } from "./ttl.js";
import { describe, isRecord, kindOf } from "./values.js";

/**
 * The names that an object of options has: its own, and where it has a class those that the class gives it.
 * @param {object} object
 */
function namesOf(object) {
  const names = Object.keys(object);
  let above = Object.getPrototypeOf(object);
  // `Object.prototype`, of whatever realm, stands on top.
  for (let next; above !== null && (next = Object.getPrototypeOf(above)) !== null; above = next) {
    names.push(...Object.getOwnPropertyNames(above).filter((name) => name !== "constructor"));
  }
  return names;
}

export class Fields {
  /**
   * @param {any} object nothing is an object without members
   * @param {string} what it is, in the sentence of a refusal
   * @param {readonly string[]} known the members it may have
   */
  constructor(object, what, known) {
    this.object = object ?? {};
    this.what = what;
    // What a Map, an array or Headers hold are not members, and would pass for options that nobody gave.
    if (!isRecord(this.object)) throw typeError(`${what} are an object, not ${kindOf(object)}`);
    for (const name of namesOf(this.object)) {
      if (known.includes(name)) continue;
      throw typeError(`${what} have no member ${JSON.stringify(name)}; they have ${known.join(", ")}`);
    }
  }

  /** @param {string} name @returns {any} */
  raw(name) {
    return this.object[name];
  }

  /**
   * @param {typeof typeError} error
   * @param {string} name
   * @param {string} wanted
   * @param {unknown} given
   * @returns {never}
   */
  refuse(error, name, wanted, given) {
    throw error(`${this.what}: ${name} is ${wanted}, not ${describe(given)}`);
  }

  // Numbers: NaN where the member is absent.

  /** Milliseconds, infinite where it never ends. @param {string} name */
  ttl(name) {
    const value = this.raw(name);
    return value === undefined ? NaN : ttlMs(value, name);
  }

  /** Milliseconds. @param {string} name */
  duration(name) {
    const value = this.raw(name);
    return value === undefined ? NaN : durationMs(value, name);
  }

  /** Milliseconds, some of them. @param {string} name */
  wait(name) {
    const ms = this.duration(name);
    return ms <= 0 ? this.refuse(rangeError, name, "a duration above 0", ms / 1e3) : ms;
  }

  /** @param {string} name @param {number} least @param {number} most @returns {number} */
  number(name, least, most) {
    const value = this.raw(name);
    if (value === undefined) return NaN;
    if (typeof value !== "number") return this.refuse(typeError, name, "a number", value);
    if (value >= least && value <= most) return value;
    return this.refuse(rangeError, name, `a number from ${least} to ${most}`, value);
  }

  /** A whole number from `least` up, or infinity. @param {string} name @param {number} least */
  count(name, least, most = Infinity) {
    const number = this.number(name, least, most);
    return number % 1 > 0 ? this.refuse(rangeError, name, "a whole number", number) : number;
  }

  // All else: undefined where the member is absent.

  /** @param {string} name @returns {boolean | undefined} */
  flag(name) {
    const value = this.raw(name);
    return value === undefined || typeof value === "boolean" ? value : this.refuse(typeError, name, "true or false", value);
  }

  /** @param {string} name @returns {string | undefined} */
  text(name) {
    const value = this.raw(name);
    return value === undefined || typeof value === "string" ? value : this.refuse(typeError, name, "a string", value);
  }

  /** Null is none. @param {string} name @returns {object | null | undefined} */
  thing(name) {
    const value = this.raw(name);
    return value === undefined || value === null || typeof value === "object" || typeof value === "function" ? value : this.refuse(typeError, name, "an object", value);
  }

  /** What has these methods. @param {string} name @param {readonly string[]} methods @param {string} wanted @returns {any} */
  having(name, methods, wanted) {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const missing = methods.filter((method) => typeof Object(value)[method] !== "function");
    if (missing.length === 0) return value;
    if (missing.length === methods.length) return this.refuse(typeError, name, wanted, value);
    throw typeError(`${this.what}: ${name} is ${wanted}, and this one has no ${missing.join(", ")}`);
  }

  /** @param {string} name @param {readonly string[]} names @returns {string | undefined} */
  oneOf(name, names) {
    const value = this.raw(name);
    if (value === undefined || names.includes(value)) return value;
    return this.refuse(typeError, name, `one of ${names.join(", ")}`, value);
  }

  /** @param {string} name @returns {any} a function */
  callback(name) {
    const value = this.raw(name);
    return value === undefined || typeof value === "function" ? value : this.refuse(typeError, name, "a function", value);
  }

  /** @param {string} name @returns {string[] | undefined} */
  names(name) {
    const value = this.raw(name);
    return value === undefined ? undefined : readNames(value, `${this.what}: ${name}`);
  }
}
