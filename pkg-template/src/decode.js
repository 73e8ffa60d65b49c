/**
 * Bytes from base64, by the host's own decoder: the newest have one for arrays, Node and Bun have buffers, all have `atob`.
 *
 * @param {string} base64
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function decode(base64) {
  const { Buffer, Uint8Array } = /** @type {any} */ (globalThis);
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  if (Buffer?.from) return Buffer.from(base64, "base64");
  const binary = atob(base64);
  // Fifty times as fast as `Uint8Array.from` with a function.
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
