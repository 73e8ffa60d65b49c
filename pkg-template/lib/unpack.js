/**
 * Reads the module out of the text it travels in.
 *
 * The text is not base64, which puts a byte's bits into other characters each time, so that nothing repeats and
 * compression on the way to a browser finds nothing: as base64 the module comes to 117 KB gzipped, this way to 89.3 KB,
 * hardly more than the 88.7 KB of the module itself. Here a byte is always written alike: one of the 90 most frequent as one character,
 * any other as two, the first of which is a blank or `!`.
 *
 * What reads it is itself a module, of a few hundred bytes: a host that compiles one compiles both.
 */

/** Where that module expects the text and leaves what it was. */
const START = 320;

/**
 * @param {string} text
 * @param {readonly number[]} reader the bytes of the module that reads it
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function unpack(text, reader) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(reader)));
  const { memory, unpack: run } = /** @type {any} */ (exports);
  memory.grow((START + text.length) >> 16);
  new TextEncoder().encodeInto(text, new Uint8Array(memory.buffer, START));
  return new Uint8Array(memory.buffer, START, run(text.length));
}
