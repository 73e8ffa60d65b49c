/** Keys, names and users as callers give them: read and checked before Rust sees them, refused in words. */

import { MAX_KEY } from "./contract.js";
import { coded, typeError } from "./errors.js";
import type { HostStore } from "./host-store.js";
import { describe, isWellFormed } from "./values.js";

/**
 * Characters of a name: an endpoint, a user, a tag. None that is longer makes a key, so none is copied into the module's
 * memory, which never shrinks.
 */
export const MAX_NAME = MAX_KEY;

/**
 * What no name holds: Unicode's control characters, listed. A host checks a pattern when it reads the source, even one in a
 * function that is never called, and for a class by its name it would go through a table of all characters.
 */
export const CONTROL = /[\0-\x1f\x7f-\x9f]/;

/**
 * Begins an operation: refuses a cache that was disposed of, and looks at the engine's columns anew, as memory may
 * have grown since.
 */
export function enter(hostStore: HostStore) {
  if (hostStore.disposed) throw coded(3, "ERR_DISPOSED", "this cache was disposed of and cannot be used any more");
  hostStore.refresh();
}

/** Begins an operation on a key. */
export function enterKey(hostStore: HostStore, key: unknown) {
  enter(hostStore);
  if (typeof key !== "string") throw typeError(`a key is a string, not ${describe(key)}`, "ERR_KEY");
  if (key === "") throw typeError("a key has at least one character", "ERR_KEY");
  if (key.length > MAX_KEY) {
    throw typeError(`a key has ${MAX_KEY} characters at most, not ${key.length}`, "ERR_KEY_LENGTH");
  }
  if (!isWellFormed(key)) {
    throw typeError("a key is well-formed Unicode, and this one holds a lone surrogate", "ERR_KEY");
  }
}

/**
 * A name that Rust can hold.
 *
 * @param what it is, in the sentence of a refusal
 */
export function readText(value: unknown, what: string, code: string = "ERR_ENDPOINT"): string {
  if (typeof value === "string") {
    if (value.length > MAX_NAME) throw tooLong(what, value, code);
    if (isWellFormed(value)) return value;
  }
  throw typeError(`${what} is a string of well-formed Unicode, not ${describe(value)}`, code);
}

function tooLong(what: string, name: string, code: string) {
  return typeError(`${what} has ${MAX_NAME} characters at most, not ${name.length}`, code);
}

/** A user's id: a string or a number; `undefined` for nobody. */
export function readUser(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (Number.isFinite(value)) return String(value);
  if (typeof value === "string" && value.length > MAX_NAME) throw tooLong("a user id", value, "ERR_KEY_LENGTH");
  const id = readText(value, "a user id", "ERR_USER_ID");
  if (id === "") throw typeError("a user id has at least one character", "ERR_USER_ID");
  return id;
}

/**
 * A list of names, tags above all. None may be empty, too long or hold a control character.
 *
 * @param what it is, in the sentence of a refusal
 * @returns a copy
 */
export function readNames(list: unknown, what: string): string[] {
  const refuse = (given: string) =>
    typeError(`${what} is an array of non-empty strings without control characters, not ${given}`);
  if (!Array.isArray(list)) throw refuse(describe(list));
  return Array.from(list, (item) => {
    if (typeof item === "string" && item.length > MAX_NAME) throw tooLong(`each of ${what}`, item, "ERR_OPTION");
    if (typeof item === "string" && item !== "" && isWellFormed(item) && !CONTROL.test(item)) return item;
    throw refuse(`one that holds ${describe(item)}`);
  });
}
