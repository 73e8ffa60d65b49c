/**
 * Reads the module out of the text it travels in.
 *
 * The text is not base64, which puts a byte's bits into other characters each time, so that nothing repeats and
 * compression on the way to a browser finds nothing: as base64 the module comes to 141 KB gzipped, this way to 109 KB,
 * hardly more than the 108 KB of the module itself. Here a byte is always written alike: one of the 90 most frequent as one character,
 * any other as two, the first of which is a blank or `!`.
 */

/** Printable ASCII but for the quote and the backslash of string literals, and the `<` that ends a script in HTML. */
export const ALPHABET = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at))
  .filter((character) => !'"\\<'.includes(character));

/** How many bytes are written as one character: the alphabet but for its first two, which announce a second one. */
export const SHORT = ALPHABET.length - 2;

/**
 * @param {string} text
 * @param {string} order the 256 bytes in hex, most frequent first
 * @param {number} size how many bytes the text holds
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function unpack(text, order, size) {
  const bytes = new Uint8Array(256);
  for (let at = 0; at < 256; at += 1) bytes[at] = parseInt(order.slice(at * 2, at * 2 + 2), 16);
  // By character code: the bytes written as one character, then those behind a blank, then those behind a `!`.
  const near = new Uint8Array(128);
  const far = new Uint8Array(256);
  ALPHABET.forEach((character, at) => {
    const code = character.charCodeAt(0);
    near[code] = bytes[at - 2] ?? 0;
    far[code] = bytes[SHORT + at] ?? 0;
    far[128 + code] = bytes[SHORT + ALPHABET.length + at] ?? 0;
  });
  // This loop runs once and mostly uncompiled, where an element of a typed array costs half of `charCodeAt`.
  const codes = new TextEncoder().encode(text);
  const out = new Uint8Array(size);
  for (let from = 0, to = 0; to < size; to += 1) {
    const code = /** @type {number} */ (codes[from++]);
    out[to] = /** @type {number} */ (code > 33 ? near[code] : far[(code - 32) * 128 + /** @type {number} */ (codes[from++])]);
  }
  return out;
}
