/**
 * Keys of requests, remembered by their params: what was seen before is not hashed again.
 *
 * The compiled half checks every name first; only endpoints that it accepted are remembered, and only user ids that need
 * no encoding take the short way. Params are known again by their tokens, where they are small and plain, else by their
 * text; what is new is hashed in WebAssembly. Every memory here is bounded.
 */

import { CacheService as Core, hashScratch, scratch } from "#wasm/endpoint_cache.js";
import { readText, readUser } from "../../src/bindings/host/checks.js";
import { requestText } from "../../src/bindings/host/params.js";
import { Memo, readTokens } from "../../src/bindings/host/tokens.js";
import { writeCanonical } from "./canonical.js";
import { during, mend, onReplaced, steadily } from "./instance.js";

/** Hashes remembered in each half of a memory. */
const HALF = 4_096;
/** Longer texts are not remembered: they would take more memory than hashing them takes time. */
const LONG = 1_024;
/** A key has this many characters at most, 16 of them its hash. */
const MAX_KEY = 1_024;

/** Hashes by tokens. */
const memo = new Memo(HALF);
/** Hashes by text. */
let young: Map<string, string> = new Map();
let old: Map<string, string> = new Map();
/** Endpoints that made a key. */
const endpoints: Set<string> = new Set();

/** Hashes met once: only what is met again is remembered, since to remember costs more than to hash. */
const met = new Int32Array(4_096);
let turn = false;

/** Memory of the module that a text is hashed in. */
let memory: Uint8Array = new Uint8Array(0);
onReplaced(() => {
  memory = new Uint8Array(0);
});

export function generateCacheKey(endpoint: string, params?: any, userId?: any): string {
  if (endpoints.has(endpoint)) {
    if (userId === undefined || userId === null) return `${endpoint}:${hashOf(params)}`;
    if (typeof userId === "string" && isPlain(userId) && userId.length + endpoint.length < MAX_KEY - 32) {
      return `${endpoint}:user:${userId}:${hashOf(params)}`;
    }
  }
  // All of it is read before the compiled half is entered: a `toJSON` or a getter is a user's code.
  const name = readText(endpoint, "an endpoint");
  const user = readUser(userId);
  const text = requestText(params);
  const key = steadily(() => (Core as any).keyOf(name, text, user));
  if (endpoints.size >= HALF) endpoints.clear();
  endpoints.add(endpoint);
  return key;
}

function hashOf(params: any) {
  const reading = readTokens(params);
  if (reading > 0) {
    const known = memo.find("", "", reading);
    if (known !== undefined) return known;
    const hash = hashTokens();
    if (hash !== undefined) return hash;
  }
  const text = requestText(params);
  if (text.length > LONG) return hashText(text);
  const known = young.get(text) ?? old.get(text);
  if (known !== undefined) return known;
  const hash = hashText(text);
  if (young.size >= HALF) {
    old = young;
    young = new Map();
  }
  young.set(text, hash);
  return hash;
}

function hashText(text: string) {
  return steadily(() => (Core as any).keyOf("a", text)).slice(-16);
}

/** The hash of the tokens read last, or undefined where the text has to be hashed. */
function hashTokens() {
  if (!mend()) return undefined;
  try {
    // Memory that grew has left an empty array behind.
    if (memory.length === 0) memory = during(scratch);
    const length = writeCanonical(memory);
    if (length === 0) return undefined;
    during(() => hashScratch(length));
    // What cannot be read any more is not a hash.
    if (memory.length === 0) return undefined;
  } catch {
    // The instance broke; whoever hashes the text has a new one.
    return undefined;
  }
  const m = (memory as any);
  const hash = String.fromCharCode(m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8], m[9], m[10], m[11], m[12], m[13], m[14], m[15]);
  if (isMetAgain()) memo.remember("", "", hash);
  return hash;
}

/** Whether params with the fingerprint of those read last were hashed before, as far as is known. */
function isMetAgain() {
  const place = memo.place("", "");
  const cell = place % met.length;
  const before = met[cell];
  if (before === place) return true;
  // Of two that share a cell one stays long enough to be met again: every other newcomer does not take it.
  if (before === 0 || (turn = !turn)) met[cell] = place;
  return false;
}

/** True for a user id that stands in a key as it is. */
function isPlain(id: string) {
  return id !== "" && !id.includes(":") && !id.includes("%") && id.isWellFormed();
}
