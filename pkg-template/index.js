// The entry of Node, Deno, Bun, browsers and bundlers: the module travels inside as text, so nothing is fetched or read.
import { initSync } from "./wasm/endpoint_cache.js";
import { reader, text } from "./wasm/inline.js";
import { unpack } from "./lib/unpack.js";

initSync({ module: unpack(text, reader) });

export * from "./lib/api.js";
