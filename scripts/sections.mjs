// How a WebAssembly module is written: sections, each a number of its kind and its length, of numbers in as many bytes as they
// need and texts behind their length. Knows nothing of what stands in which.

/** The kinds of section that somebody here asks for. */
export const SECTIONS = { custom: 0, imports: 2, code: 10 };

/** Behind a module's magic number and version. */
const START = 8;

/** Reads a module from a place on. */
class Reader {
  constructor(/** @type {Buffer} */ bytes, /** @type {number} */ at) {
    this.bytes = bytes;
    this.at = at;
  }

  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes.readUInt8(this.at);
      this.at += 1;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  }

  /** What stands behind its own length. */
  sized() {
    const length = this.number();
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

/** The first section of a kind: a reader of its content, and where it begins and ends. Throws where the module has none. */
export function section(/** @type {Buffer} */ module, /** @type {number} */ kind) {
  const reader = new Reader(module, START);
  for (;;) {
    const start = reader.at;
    const found = reader.number();
    const content = reader.sized();
    if (found === kind) return { content: new Reader(content, 0), start, end: reader.at };
  }
}

/** A number in as many bytes as it needs. */
export function leb128(/** @type {number} */ value) {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

/** Behind its length. */
export function sized(/** @type {Buffer} */ bytes) {
  return Buffer.concat([leb128(bytes.length), bytes]);
}

export function text(/** @type {string} */ value) {
  return sized(Buffer.from(value));
}
