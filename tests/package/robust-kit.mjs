// What the tests of robustness share: a trap in the compiled class, and requests in short.
import { afterEach } from "node:test";
import { routeRequest } from "../../build/modules/pkg-template/src/index.js";
import { CacheService as Core } from "../../build/modules/build/wasm/endpoint_cache.js";

/** @type {(() => void)[]} */
const undo = [];
afterEach(mended);

/** Makes the next calls of a member of the compiled class trap, until the end of the test or of `mended`. */
export function trap(name, times = 1, error = new WebAssembly.RuntimeError("unreachable")) {
  const own = Object.getOwnPropertyDescriptor(Core.prototype, name);
  let left = times;
  undo.push(() => Object.defineProperty(Core.prototype, name, own));
  Object.defineProperty(Core.prototype, name, {
    ...own,
    value(...args) {
      if (left-- > 0) throw error;
      return own.value.apply(this, args);
    },
  });
}

export const read = (cache, endpoint, more = {}, handler = () => endpoint, options = undefined) => routeRequest(cache, { endpoint, ...more }, handler, options);
export const kind = async (answer) => (await answer).metadata.cache;

/** Takes the traps out again. */
export function mended() {
  for (const task of undo.splice(0).reverse()) task();
}
