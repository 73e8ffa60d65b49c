/**
 * How many tags an entry may have. Lists of them are bounded here, before WebAssembly sees any: what is too much is refused
 * whole, never cut, because an entry without one of its tags would outlive the invalidation of that tag.
 */

import { MAX_TAGS, MAX_TAGS_TEXT } from "./contract.js";

const encoder = new TextEncoder();

/** Stands for a list of too many tags. */
export const TOO_MANY_TAGS: string[] = (Object.freeze([]) as any);

/** Whether an entry may not have these tags. */
export function areTooMany(tags: readonly string[]) {
  return bounded(tags) === TOO_MANY_TAGS;
}

/** These tags, each once where there are many, or what stands for too many. */
export function bounded(tags: readonly string[]): string[] {
  if (tags === TOO_MANY_TAGS || fits(tags)) return (tags as string[]);
  const each = Array.from(new Set(tags));
  return fits(each) ? each : TOO_MANY_TAGS;
}

/** As many of a rule's tags as it takes to be too many, or all of them: so a bound on memory is no cut of the list. */
export function enough(tags: readonly string[]) {
  return areTooMany(tags) ? Array.from(new Set(tags)).slice(0, MAX_TAGS + 1) : tags;
}

/** Warns that a value is not stored. */
export function warnOfTags(hostStore: any, key: string) {
  const text = `a value has more than ${MAX_TAGS} tags, or more than ${MAX_TAGS_TEXT} bytes of text in them, and is not stored: give it fewer`;
  hostStore.warnings.once(key.split(":", 1)[0], "too-many-tags", text);
}

function fits(tags: readonly string[]) {
  if (tags.length > MAX_TAGS) return false;
  let text = 0;
  for (const tag of tags) text += tag.length;
  // A character takes three bytes at the most, and one in most tags.
  return text <= MAX_TAGS_TEXT / 3 || (text <= MAX_TAGS_TEXT && encoder.encode(tags.join("")).length <= MAX_TAGS_TEXT);
}

/** Some tags and further ones, together. */
export function joined(tags: string[], more: readonly string[]): string[] {
  return tags === TOO_MANY_TAGS || areTooMany(more) ? TOO_MANY_TAGS : bounded([...tags, ...more]);
}
