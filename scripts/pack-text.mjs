// Writes bytes as the text that scripts/unpack.wat reads; pkg-template/lib/unpack.js says why it is not base64.
import { unpack } from "../pkg-template/lib/unpack.js";

/** Printable ASCII but for the quote and the backslash of string literals, and the `<` that ends a script in HTML. */
const ALPHABET = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).filter((character) => !'"\\<'.includes(character));

/** How many bytes are written as one character. */
const SINGLE = ALPHABET.length - 2;

/** What a byte may be written as, shortest first: one character, or two of which the first announces the second. */
const NAMES = [...ALPHABET.slice(2), ...ALPHABET.map((second) => ` ${second}`), ...ALPHABET.map((second) => `!${second}`)];

/** The text of these bytes: for every name, in order of its characters, the byte that it stands for, and then their names. */
export function pack(/** @type {Uint8Array} */ bytes) {
  const counts = new Array(256).fill(0);
  for (const byte of bytes) counts[byte] += 1;
  // The sort is stable, so equal bytes make equal text.
  const frequent = [...counts.keys()].sort((a, b) => counts[b] - counts[a]);
  // Bytes near each other are written alike: gzip does not care, and brotli, which looks at the bits, saves a kilobyte.
  const order = [...frequent.slice(0, SINGLE).sort((a, b) => a - b), ...frequent.slice(SINGLE)];
  const names = new Map(order.map((byte, rank) => [byte, String(NAMES[rank])]));
  const table = new Uint8Array(3 * 96);
  for (const [byte, name] of names) table[placeOf(name)] = byte;
  return [...Array.from(table, letters), ...Array.from(bytes, (byte) => names.get(byte))].join("");
}

/** Characters that stand alone, those behind a blank, those behind a `!`: 96 places each. */
function placeOf(/** @type {string} */ name) {
  const row = name.length === 1 ? 0 : " !".indexOf(name.charAt(0)) + 1;
  return row * 96 + name.charCodeAt(name.length - 1) - 32;
}

/** A byte as two of the letters from `a` to `p`. */
function letters(/** @type {number} */ byte) {
  return String.fromCharCode(97 + (byte >> 4), 97 + (byte & 15));
}

/** A JavaScript module that exports the bytes as `text`, and the `reader` that makes bytes of it. */
export function packAsModule(/** @type {Uint8Array} */ bytes, /** @type {Uint8Array} */ reader, /** @type {string} */ comment) {
  const text = pack(bytes);
  if (!Buffer.from(unpack(text, [...reader])).equals(bytes)) throw new Error("the packed module does not unpack");
  return `// ${comment}\nexport const reader = [${[...reader]}];\nexport const text = "${text}";\n`;
}
