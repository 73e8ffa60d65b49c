/** What a value is set with, by hand. */

import { enterKey } from "./checks.js";
import { typeError } from "./errors.js";
import { type CallOptions, callOptions } from "./options.js";
import type { Shelf } from "./shelf.js";
import { TOO_MANY_TAGS, warnOfTags } from "./tags.js";

/** The options of a call of `set`, checked with its key and its value. */
export function readSet(shelf: Shelf, key: unknown, value: unknown, options: unknown): CallOptions {
  enterKey(shelf, key);
  if (value === undefined) throw typeError("a value is anything but undefined; null is a value", "ERR_VALUE");
  return callOptions(options, "set");
}

/** The same, as the exported class reads it: without tags where they are too many, which is said. */
export function setOptions(shelf: Shelf, key: string, value: unknown, options: unknown) {
  const { policy, tags } = readSet(shelf, key, value, options);
  const tooManyTags = tags === TOO_MANY_TAGS;
  if (tooManyTags) warnOfTags(shelf, key);
  return { policy, tags, tooManyTags };
}
