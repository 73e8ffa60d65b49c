// The entry of Vercel's Edge runtime, whose bundlers want the suffix `?module` for a compiled module.
import module from "#wasm/endpoint_cache.wasm?module";
import { initSync } from "#wasm/endpoint_cache.js";

// Next's local sandbox compiles in another realm, where `instanceof` says no and the glue would compile a second time.
if (!(module instanceof WebAssembly.Module)) Object.setPrototypeOf(module, WebAssembly.Module.prototype);
initSync({ module });

export * from "./api.js";
