// Writes bytes as the text that pkg-template/lib/unpack.js reads; says there why it is not base64.
import { ALPHABET, SHORT, unpack } from "../pkg-template/lib/unpack.js";

/** A JavaScript module that exports the bytes as `text`, with the `order` and `size` to read it by. */
export function packAsModule(/** @type {Uint8Array} */ bytes, /** @type {string} */ comment) {
  const counts = new Array(256).fill(0);
  for (const byte of bytes) counts[byte] += 1;
  // The sort is stable, so equal bytes make equal text.
  const order = [...counts.keys()].sort((a, b) => counts[b] - counts[a]);
  const written = order.map((_, rank) => {
    if (rank < SHORT) return ALPHABET[rank + 2];
    const [first, at] = rank < SHORT + ALPHABET.length ? [0, rank - SHORT] : [1, rank - SHORT - ALPHABET.length];
    return `${ALPHABET[first]}${ALPHABET[at]}`;
  });
  const names = new Map(order.map((byte, rank) => [byte, written[rank]]));
  const text = Array.from(bytes, (byte) => names.get(byte)).join("");
  const hex = Buffer.from(order).toString("hex");
  if (!Buffer.from(unpack(text, hex, bytes.length)).equals(bytes)) throw new Error("the packed module does not unpack");
  return `// ${comment}\nexport const size = ${bytes.length};\nexport const order = "${hex}";\nexport const text = "${text}";\n`;
}
