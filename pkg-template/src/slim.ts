// The entry for people who bring the module themselves: a quarter of a megabyte less to load. Call `init` or `initSync` before anything else.
import type { ModuleSource } from "../slim.js";
import load, { initSync as start } from "#wasm/endpoint_cache.js";

/** Starts from a `Response`, a URL, bytes or a compiled module; a second call does nothing. */
export async function init(source: ModuleSource) {
  await load({ module_or_path: source });
}

/** Starts from bytes or a compiled module, at once; a second call does nothing. */
export function initSync(module: WebAssembly.Module | BufferSource) {
  start({ module });
}

export * from "./api.js";
