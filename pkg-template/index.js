// The entry of Node, Deno, Bun, browsers and bundlers: the module travels inside as text, so nothing is fetched or read.
import { initSync } from "./wasm/endpoint_cache.js";
import text from "./wasm/inline.js";

initSync({ module: decode(text) });

export * from "./lib/api.js";

/** A plain loop where the built-in is missing: `Uint8Array.from(text, fn)` takes fifty times as long. */
function decode(/** @type {string} */ base64) {
  const builtIn = /** @type {{ fromBase64?: (text: string) => Uint8Array<ArrayBuffer> }} */ (/** @type {unknown} */ (Uint8Array));
  if (builtIn.fromBase64) return builtIn.fromBase64(base64);
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
