/** Which entries an invalidation is for, or a change. */

import type { EndpointPattern, UserId } from "./values.js";

/**
 * Which entries to remove.
 *
 * - A string is a regular expression searched in the whole key; the empty one matches every key.
 *   It is read by a linear-time engine: no look-around, no back-references.
 * - A `RegExp` means the same where that engine supports its syntax.
 * - An object names one thing or several; an entry must match all of them.
 */
export type InvalidationPattern = string | RegExp | PatternObject;

/** Which entries to remove, by name. At least one member must be given, and none may be empty. */
export interface PatternObject {
  /** A regular expression over the whole key. */
  regex?: string | RegExp | undefined;
  /** The whole key, where `*` is any characters, `?` any one, and `\` takes the next one as it is. */
  glob?: string | undefined;
  /** How the key starts. */
  prefix?: string | undefined;
  /** The entry's endpoint, in whole segments: "storycore.prompt.*" never touches "storycore.prompts". */
  endpoint?: EndpointPattern | undefined;
  /** The user the entry belongs to. */
  userId?: UserId | undefined;
  /** A tag of the entry. */
  tag?: string | undefined;
}

/** What a change touches: the entries for which all members hold. A `key` stands alone. */
export interface MutationScope {
  /** An endpoint, or a pattern of endpoints as in rules: `"storycore.prompt.*"`. */
  endpoint?: string;
  /** The entries of this user. */
  userId?: string | number;
  /** The entries with this tag. */
  tag?: string;
  /** The entry under this key. */
  key?: string;
}
