/**
 * A copy of some chunks in one piece, that nobody else holds.
 *
 * @param {Uint8Array[]} chunks
 * @param {number} length
 */
export function joined(chunks, length) {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}
