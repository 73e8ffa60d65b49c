/**
 * What a string takes of memory, and how it is parted from a longer one that it was cut from.
 *
 * V8 keeps a substring of 13 characters and more as a view: a cache that stores the 30 characters of a title holds the page of
 * 1 MB that they were cut from. This module must not know what a string is used for. It imports no other module.
 */

/** From this length on a substring may be a view of a longer string. */
const VIEW = 13;

/** What no string of one byte a character holds. V8 sees that without a look at such a string's characters. */
const WIDE = /[\u0100-\uffff]/;

const NOTHING = Object.freeze(Object.create(null));

/** Bytes that a string takes: a header of 16 bytes, its characters in one byte each or in two, all of it in whole words. */
export function textBytes(text: string) {
  const { length } = text;
  // Strings of one character are made once for all.
  if (length < 2) return 0;
  // Between the two widths: to tell them apart would take longer than it is worth.
  if (length < VIEW) return (length + (length >> 1) + 23) & ~7;
  return WIDE.test(text) ? 2 * length + 20 : length + 20;
}

/** Whether a string may hold on to a longer one. */
export const mayBeView = (text: string) => text.length >= VIEW;

/** The same string without what it was cut from. It is put together anew, and reading it makes it flat. */
export function ownText(text: string) {
  if (text.length < VIEW) return text;
  const own = text.slice(0, 1) + text.slice(1);
  own.charCodeAt(1);
  return own;
}

/**
 * Parts a string that stands somewhere else from what it was cut from, and makes it one with its equals that were given to
 * this function: V8 does both with a string that it looks up as the name of a property. It costs as much as six of `ownText`.
 */
export function partText(text: string) {
  return text in NOTHING;
}
