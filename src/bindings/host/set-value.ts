/** What a value is set with, by hand. */

import { enterKey } from "./validate.js";
import { typeError } from "./errors.js";
import { type CallOptions, callOptions } from "./options.js";
import type { HostStore } from "./host-store.js";
import { TOO_MANY_TAGS, warnOfTags } from "./tags.js";

/** The options of a call of `set`, checked with its key and its value. */
export function readSet(hostStore: HostStore, key: unknown, value: unknown, options: unknown): CallOptions {
  enterKey(hostStore, key);
  if (value === undefined) throw typeError("a value is anything but undefined; null is a value", "ERR_VALUE");
  return callOptions(options, "set");
}

/** The same, as the exported class reads it: without tags where they are too many, which is said. */
export function setOptions(hostStore: HostStore, key: string, value: unknown, options: unknown) {
  const { policy, tags } = readSet(hostStore, key, value, options);
  const tooManyTags = tags === TOO_MANY_TAGS;
  if (tooManyTags) warnOfTags(hostStore, key);
  return { policy, tags, tooManyTags };
}
