/**
 * How many tags an entry may have. Lists of them are bounded here, before WebAssembly sees any: what is too much is refused
 * whole, never cut, because an entry without one of its tags would outlive the invalidation of that tag.
 */

/** Tags of an entry at most, and characters of all of them together; the core has the same bounds, in bytes. */
const MOST = 1_024;
const MOST_TEXT = 16 * 1024;

/** Stands for a list of too many tags. @type {string[]} */
export const TOO_MANY_TAGS = /** @type {any} */ (Object.freeze([]));

/**
 * Whether an entry may not have these tags.
 * @param {readonly string[]} tags
 */
export function areTooMany(tags) {
  return bounded(tags) === TOO_MANY_TAGS;
}

/**
 * These tags, each once where there are many, or what stands for too many.
 *
 * @param {readonly string[]} tags
 * @returns {string[]}
 */
export function bounded(tags) {
  if (tags === TOO_MANY_TAGS || fits(tags)) return /** @type {string[]} */ (tags);
  const each = Array.from(new Set(tags));
  return fits(each) ? each : TOO_MANY_TAGS;
}

/** @param {readonly string[]} tags */
function fits(tags) {
  if (tags.length > MOST) return false;
  let text = 0;
  for (const tag of tags) text += tag.length;
  return text <= MOST_TEXT;
}

/**
 * Some tags and further ones, together.
 *
 * @param {string[]} tags
 * @param {readonly string[]} more
 * @returns {string[]}
 */
export function joined(tags, more) {
  return tags === TOO_MANY_TAGS || areTooMany(more) ? TOO_MANY_TAGS : bounded([...tags, ...more]);
}
