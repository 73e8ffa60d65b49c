export * from "./index.js";

/** What the module can be made from. `endpoint-cache/endpoint_cache.wasm` is the file. */
export type ModuleSource = WebAssembly.Module | BufferSource | Response | Request | URL | string | Promise<WebAssembly.Module | BufferSource | Response>;

/** Starts the cache from `source`; resolves when it can be used. A second call does nothing. */
export function init(source: ModuleSource): Promise<void>;

/** Starts the cache at once from bytes or a compiled module. A second call does nothing. */
export function initSync(module: WebAssembly.Module | BufferSource): void;
