/**
 * Keys of requests, remembered by their params: what was seen before is not hashed again.
 *
 * Params are known again by their tokens, where they are small and plain, else by their text; what is new is put into canonical
 * form and hashed in WebAssembly. Every memory here is bounded. How a key is put together is said there and nowhere else.
 */

import { CacheService as Compiled, requestKey, scratch } from "#wasm/endpoint_cache.js";
import { readText, readUser } from "../../src/bindings/host/validate.js";
import { requestText } from "../../src/bindings/host/params.js";
import { FingerprintMemo, readTokens } from "../../src/bindings/host/params-fingerprint.js";
import { TwoGenerationMap } from "../../src/bindings/host/two-generation-map.js";
import { onReplaced, callWithRetry } from "./instance.js";

/** Keys remembered in each half of a memory. */
const HALF = 4_096;
/** Longer requests are not remembered: they would take more memory than hashing them takes time. */
const LONG = 1_024;

/** Keys by tokens. */
const byTokens = new FingerprintMemo(HALF);
/** Keys by the text of their request. */
const byText = new TwoGenerationMap<string, string>(HALF);

/** Fingerprints of requests met once: only what is met again is remembered, since to remember costs more than to hash. */
const met = new Int32Array(4_096);
let turn = false;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Memory of the module that texts are written in. */
let memory: Uint8Array = new Uint8Array(0);
onReplaced(() => {
  memory = new Uint8Array(0);
});

export function generateCacheKey(endpoint: string, params?: unknown, userId?: unknown): string {
  const anonymous = userId === undefined || userId === null;
  const user = anonymous ? "" : userId;
  // An empty id is nobody's key, and no id of another type is known by itself.
  const reading = typeof endpoint === "string" && typeof user === "string" && (anonymous || user !== "") ? readTokens(params) : 0;
  if (reading > 0) {
    const known = byTokens.find(endpoint, user as string, reading);
    if (known !== undefined) return known;
  }
  const place = reading > 0 ? byTokens.place(endpoint, user as string) : 0;
  // All of it is read before WebAssembly is entered: a `toJSON` or a getter is a user's code.
  const name = readText(endpoint, "an endpoint");
  const id = readUser(userId);
  const text = requestText(params);
  const request = `${name}\n${text}\n\n${id ?? ""}`;
  const short = reading === 0 && request.length <= LONG;
  const known = short ? byText.get(request) : undefined;
  if (known !== undefined) return known;
  const key = callWithRetry(() => keyOf(request, id !== undefined) ?? Compiled.keyOf(name, text, id));
  if (short && id === undefined) byText.set(request, key);
  // Read anew from the text that was hashed: what a getter answers may be another thing each time.
  else if (reading > 0 && isMetAgain(place) && readTokens(JSON.parse(text)) > 0) byTokens.remember(endpoint, user as string, key);
  return key;
}

/** The key of a request; undefined where it has none. */
function keyOf(request: string, hasUser: boolean): string | undefined {
  // Memory that grew has left an empty array behind.
  if (memory.length === 0) memory = scratch();
  const { read, written } = encoder.encodeInto(request, memory);
  if (read !== request.length) return undefined;
  const length = requestKey(written, hasUser);
  if (length < 0) return undefined;
  if (memory.length === 0) memory = scratch();
  return decoder.decode(memory.subarray(0, length));
}

/** Whether a request with this fingerprint was hashed before, as far as is known. */
function isMetAgain(place: number) {
  const cell = place % met.length;
  const before = met[cell];
  if (before === place) return true;
  // Of two that share a cell one stays long enough to be met again: every other newcomer does not take it.
  if (before !== 0) turn = !turn;
  if (before === 0 || turn) met[cell] = place;
  return false;
}
