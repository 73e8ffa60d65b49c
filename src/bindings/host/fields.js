/** The members of an object of options: each read once, by name, and refused in a sentence that names it. */

import { readNames } from "./checks.js";
import { rangeError, typeError } from "./errors.js";
import { durationMs, ttlMs } from "./ttl.js";
import { describe } from "./values.js";

export class Fields {
  /**
   * @param {any} object nothing is an object without members
   * @param {string} what it is, in the sentence of a refusal
   * @param {readonly string[]} known the members it may have
   */
  constructor(object, what, known) {
    this.object = object ?? {};
    this.what = what;
    if (typeof this.object !== "object" || Array.isArray(object)) {
      throw typeError(`${what} are an object, not ${describe(object)}`);
    }
    for (const name of Object.keys(this.object)) {
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
  count(name, least) {
    const number = this.number(name, least, Infinity);
    return number % 1 > 0 ? this.refuse(rangeError, name, "a whole number", number) : number;
  }

  // All else: undefined where the member is absent.

  /** @param {string} name @returns {boolean | undefined} */
  flag(name) {
    const value = this.raw(name);
    return value === undefined || typeof value === "boolean" ? value : this.refuse(typeError, name, "true or false", value);
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
