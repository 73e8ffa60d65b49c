// The entry of Node, Deno, Bun, browsers and bundlers: the module travels along in base64, so nothing is fetched or read.
import { initSync } from "#wasm/endpoint_cache.js";
import { base64 } from "#wasm/inline.js";
import { decode } from "./decode.js";

initSync({ module: decode(base64) });

export * from "./api.js";
