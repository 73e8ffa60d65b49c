// The entry of Cloudflare Workers: workerd compiles no bytes while it serves, so the module is imported, already compiled.
import module from "#wasm/endpoint_cache.wasm";
import { initSync } from "#wasm/endpoint_cache.js";

initSync({ module });

export * from "./api.js";
