/**
 * Keys of requests, remembered by the text of their params: what was seen before is not hashed again.
 *
 * The compiled half makes every key first and checks every name; only names that it accepted are remembered, and only
 * user ids that need no encoding take the short way. The memory is kept in two halves, and when the young one is full the
 * old one goes.
 */

import { CacheService as Core } from "../wasm/endpoint_cache.js";
import { requestText } from "../wasm/host/params.js";
import { steadily } from "./instance.js";

/** Texts remembered in each half. */
const HALF = 4_096;
/** Longer texts are not remembered: they would take more memory than hashing them takes time. */
const LONG = 1_024;
/** A key has this many characters at most, 16 of them its hash. */
const MAX_KEY = 1_024;

/** Hashes by text. @type {Map<string, string>} */
let young = new Map();
/** @type {Map<string, string>} */
let old = new Map();
/** Endpoints that made a key. @type {Set<string>} */
const endpoints = new Set();

/**
 * @param {string} endpoint
 * @param {any} [params]
 * @param {any} [userId]
 * @returns {string}
 */
export function generateCacheKey(endpoint, params, userId) {
  const text = requestText(params);
  if (text.length > LONG) return steadily(() => Core.generateCacheKey(endpoint, params, userId));
  const hash = young.get(text) ?? old.get(text);
  if (hash !== undefined && endpoints.has(endpoint)) {
    if (userId === undefined || userId === null) return `${endpoint}:${hash}`;
    if (typeof userId === "string" && isPlain(userId) && userId.length + endpoint.length < MAX_KEY - 32) {
      return `${endpoint}:user:${userId}:${hash}`;
    }
  }
  const key = steadily(() => Core.generateCacheKey(endpoint, params, userId));
  if (hash === undefined) remember(text, key.slice(-16));
  if (endpoints.size >= HALF) endpoints.clear();
  endpoints.add(endpoint);
  return key;
}

/**
 * @param {string} text
 * @param {string} hash
 */
function remember(text, hash) {
  if (young.size >= HALF) {
    old = young;
    young = new Map();
  }
  young.set(text, hash);
}

/** True for a user id that stands in a key as it is. @param {string} id */
function isPlain(id) {
  return id !== "" && !id.includes(":") && !id.includes("%") && id.isWellFormed();
}
