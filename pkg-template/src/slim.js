// The entry for people who bring the module themselves: a quarter of a megabyte less to load. Call `init` or `initSync` before anything else.
import load, { initSync as start } from "#wasm/endpoint_cache.js";

/** Starts from a `Response`, a URL, bytes or a compiled module; a second call does nothing. */
export async function init(/** @type {import("../slim.js").ModuleSource} */ source) {
  await load({ module_or_path: source });
}

/** Starts from bytes or a compiled module, at once; a second call does nothing. */
export function initSync(/** @type {WebAssembly.Module | BufferSource} */ module) {
  start({ module });
}

export * from "./api.js";
