// The entry for people who bring the module themselves: a quarter of a megabyte less to load. Call `init` or `initSync` before anything else.
import load, { initSync as start } from "#wasm/endpoint_cache.js";

/** What the module can be made from. `endpoint-cache/endpoint_cache.wasm` is the file. */
export type ModuleSource =
  | WebAssembly.Module
  | BufferSource
  | Response
  | Request
  | URL
  | string
  | Promise<WebAssembly.Module | BufferSource | Response>;

/** Starts the cache from `source`; resolves when it can be used. A second call does nothing. */
export async function init(source: ModuleSource): Promise<void> {
  await load({ module_or_path: source });
}

/** Starts the cache at once from bytes or a compiled module. A second call does nothing. */
export function initSync(module: WebAssembly.Module | BufferSource): void {
  start({ module });
}

export * from "./api.js";
