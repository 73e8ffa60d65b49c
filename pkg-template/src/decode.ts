type Host = {
  Buffer?: { from(text: string, encoding: "base64"): Uint8Array<ArrayBuffer> };
  Uint8Array: { fromBase64?(text: string): Uint8Array<ArrayBuffer> };
};

/** Bytes from base64, by the host's own decoder: the newest have one for arrays, Node and Bun have buffers, all have `atob`. */
export function decode(base64: string): Uint8Array<ArrayBuffer> {
  const { Buffer, Uint8Array: Bytes } = globalThis as unknown as Host;
  if (Bytes.fromBase64) return Bytes.fromBase64(base64);
  if (Buffer?.from) return Buffer.from(base64, "base64");
  const binary = atob(base64);
  // Fifty times as fast as `Uint8Array.from` with a function.
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
