/** The members of an object of options: each read once, by name, and refused in a sentence that names it. */

import { readNames } from "./validate.js";
import { rangeError, typeError } from "./errors.js";
import { durationMs, ttlMs } from "./ttl.js";
import { describe, isRecord, kindOf } from "./values.js";

/** The names that an object of options has: its own, and where it has a class those that the class gives it. */
function namesOf(object: object) {
  const names = Object.keys(object);
  let above = Object.getPrototypeOf(object);
  // `Object.prototype`, of whatever realm, stands on top.
  for (let next; above !== null && (next = Object.getPrototypeOf(above)) !== null; above = next) {
    names.push(...Object.getOwnPropertyNames(above).filter((name) => name !== "constructor"));
  }
  return names;
}

export class Fields {
  object: any;
  what: string;

  /**
   * @param object nothing is an object without members
   * @param what it is, in the sentence of a refusal
   * @param known the members it may have
   */
  constructor(object: any, what: string, known: readonly string[]) {
    this.object = object ?? {};
    this.what = what;
    // What a Map, an array or Headers hold are not members, and would pass for options that nobody gave.
    if (!isRecord(this.object)) throw typeError(`${what} are an object, not ${kindOf(object)}`);
    for (const name of namesOf(this.object)) {
      if (known.includes(name)) continue;
      throw typeError(`${what} have no member ${JSON.stringify(name)}; they have ${known.join(", ")}`);
    }
  }

  raw(name: string): any {
    return this.object[name];
  }

  refuse(error: typeof typeError, name: string, wanted: string, given: unknown): never {
    throw error(`${this.what}: ${name} is ${wanted}, not ${describe(given)}`);
  }

  // Each is undefined where the member is absent.

  /** Milliseconds, infinite where it never ends. */
  ttl(name: string): number | undefined {
    const value = this.raw(name);
    return value === undefined ? undefined : ttlMs(value, name);
  }

  /** Milliseconds. */
  duration(name: string): number | undefined {
    const value = this.raw(name);
    return value === undefined ? undefined : durationMs(value, name);
  }

  /** Milliseconds, some of them. */
  wait(name: string): number | undefined {
    const ms = this.duration(name);
    return ms !== undefined && ms <= 0 ? this.refuse(rangeError, name, "a duration above 0", ms / 1e3) : ms;
  }

  number(name: string, least: number, most: number): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (typeof value !== "number") return this.refuse(typeError, name, "a number", value);
    if (value >= least && value <= most) return value;
    return this.refuse(rangeError, name, `a number from ${least} to ${most}`, value);
  }

  /** A whole number from `least` up, or infinity. */
  count(name: string, least: number, most = Infinity): number | undefined {
    const number = this.number(name, least, most);
    return number !== undefined && number % 1 > 0 ? this.refuse(rangeError, name, "a whole number", number) : number;
  }

  flag(name: string): boolean | undefined {
    const value = this.raw(name);
    return value === undefined || typeof value === "boolean" ? value : this.refuse(typeError, name, "true or false", value);
  }

  text(name: string): string | undefined {
    const value = this.raw(name);
    return value === undefined || typeof value === "string" ? value : this.refuse(typeError, name, "a string", value);
  }

  /** Null is none. */
  thing(name: string): object | null | undefined {
    const value = this.raw(name);
    return value === undefined || value === null || typeof value === "object" || typeof value === "function" ? value : this.refuse(typeError, name, "an object", value);
  }

  /** What has these methods. */
  having(name: string, methods: readonly string[], wanted: string): any {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const missing = methods.filter((method) => typeof Object(value)[method] !== "function");
    if (missing.length === 0) return value;
    if (missing.length === methods.length) return this.refuse(typeError, name, wanted, value);
    throw typeError(`${this.what}: ${name} is ${wanted}, and this one has no ${missing.join(", ")}`);
  }

  oneOf(name: string, names: readonly string[]): string | undefined {
    const value = this.raw(name);
    if (value === undefined || names.includes(value)) return value;
    return this.refuse(typeError, name, `one of ${names.join(", ")}`, value);
  }

  /** @returns a function */
  callback(name: string): any {
    const value = this.raw(name);
    return value === undefined || typeof value === "function" ? value : this.refuse(typeError, name, "a function", value);
  }

  names(name: string): string[] | undefined {
    const value = this.raw(name);
    return value === undefined ? undefined : readNames(value, `${this.what}: ${name}`);
  }
}
