/**
 * An answer as it is kept: status, chosen headers, bytes. And what goes out with it: Age, Cache-Status, 304.
 *
 * The bytes are a copy that nobody else holds, and the record is frozen; whoever answers from it makes a fresh response.
 * This room must not know frameworks, endpoints or who asks.
 */

/** Kept where the answer has them; an option adds names. Everything else belongs to one receiver or one connection. */
export const KEPT_HEADERS = Object.freeze([
  "content-type", "content-language", "content-disposition", "content-encoding", "content-location",
  "cache-control", "expires", "etag", "last-modified", "link", "vary",
]);

/** What may be kept by no option. */
export const NEVER_KEPT = new Set([
  "set-cookie", "set-cookie2", "connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "age", "date",
  "content-length", "content-range", "proxy-authenticate", "proxy-authorization", "www-authenticate", "authorization",
  "cookie", "cache-status", "x-cache",
]);

/** Headers of a request that make an answer depend on what its asker has already. */
const CONDITIONS = ["if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range"];

/**
 * Headers of a request that its handler must not see where others may get the answer, since they are no part of the key.
 * @param {boolean} shared whether the key names no user
 */
export const hiddenHeaders = (shared) => (shared ? [...CONDITIONS, "cookie", "authorization"] : CONDITIONS);

/** Headers that a 304 repeats. */
const WITH_304 = new Set(["cache-control", "content-location", "etag", "expires", "vary", "last-modified"]);

/**
 * @typedef {object} HttpRecord
 * @property {number} status
 * @property {readonly (readonly [string, string])[]} headers
 * @property {string | undefined} etag
 * @property {Uint8Array<ArrayBuffer>} body
 * @property {number | undefined} fresh seconds it is fresh, where that is less than it lives
 * @property {number} swr seconds past `fresh`
 * @property {number} sie seconds past `fresh`
 */

/**
 * @param {number} status
 * @param {(name: string) => string | undefined} header
 * @param {Uint8Array<ArrayBuffer>} body that nobody else holds
 * @param {{ keep: readonly string[], etag: "weak" | "strong" | false }} settings
 * @param {import("./policy.js").Verdict} verdict
 * @returns {HttpRecord}
 */
export function makeRecord(status, header, body, { keep, etag }, { ttl, swr, sie }) {
  /** @type {(readonly [string, string])[]} */
  const headers = [];
  for (const name of keep) {
    const value = header(name);
    if (value !== undefined) headers.push(Object.freeze(/** @type {const} */ ([name, value])));
  }
  let tag = header("etag");
  if (tag === undefined && etag !== false) {
    tag = etag === "weak" ? `W/${digest(body)}` : digest(body);
    headers.push(Object.freeze(/** @type {const} */ (["etag", tag])));
  }
  const extended = ttl !== undefined && swr + sie > 0;
  return Object.freeze({ status, headers: Object.freeze(headers), etag: tag, body, fresh: extended ? ttl : undefined, swr, sie });
}

/**
 * An entity tag of bytes: their length and 106 bits of two multiplicative hashes. It tells versions of one resource apart,
 * and proves nothing against somebody who looks for two bodies of one tag.
 *
 * @param {Uint8Array} bytes
 */
export function digest(bytes) {
  let [a, b, c, d] = [0x9e3779b9, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f];
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = /** @type {number} */ (bytes[at]);
    a = Math.imul(a ^ byte, 0x9e3779b1);
    b = Math.imul(b ^ byte, 0x5f356495);
    c = (Math.imul(c ^ byte, 0x85ebca77) + (a >>> 15)) | 0;
    d = (Math.imul(d ^ byte, 0xc2b2ae3d) + (b >>> 13)) | 0;
  }
  const part = (/** @type {number} */ x) => (Math.imul(x ^ (x >>> 16), 0x21f0aaad) >>> 0).toString(36);
  return `"${bytes.length.toString(36)}-${part(a)}${part(b)}${part(c)}${part(d)}"`;
}

/**
 * Whether the asker has this very answer already: `If-None-Match` decides, and where it is missing `If-Modified-Since`.
 *
 * @param {string | undefined} etag
 * @param {string | undefined} lastModified
 * @param {(name: string) => string | undefined} asked headers of the request
 */
export function isUnchanged(etag, lastModified, asked) {
  const none = asked("if-none-match");
  if (none !== undefined) {
    if (none.trim() === "*") return true;
    const bare = etag?.replace(/^W\//, "");
    const tags = /** @type {string[]} */ (none.match(/"[^"]*"/g) ?? []);
    return bare !== undefined && tags.includes(bare);
  }
  const since = asked("if-modified-since");
  return since !== undefined && lastModified !== undefined && Date.parse(since) >= Date.parse(lastModified);
}

/** @param {readonly (readonly [string, string])[]} headers */
export function headersOf304(headers) {
  return headers.filter(([name]) => WITH_304.has(name));
}

/**
 * `Cache-Status` as RFC 9211 has it, and the word for `X-Cache`.
 *
 * @param {{ cache: string, reason?: string | undefined, ttl?: number | null | undefined }} metadata
 * @param {string} name of this cache
 * @returns {[status: string, word: string]}
 */
export function cacheStatus({ cache, reason, ttl }, name) {
  const left = typeof ttl === "number" && Number.isFinite(ttl) ? `; ttl=${Math.floor(ttl)}` : "";
  const detail = reason === undefined ? "" : `; detail=${reason}`;
  switch (cache) {
    case "hit":
      return [`${name}; hit${left}`, "HIT"];
    case "stale":
      return [`${name}; hit${left}; detail=stale`, "STALE"];
    case "joined":
      return [`${name}; fwd=miss; collapsed${left}`, "JOINED"];
    case "miss":
      return [reason === undefined ? `${name}; fwd=miss; stored${left}` : `${name}; fwd=miss${detail}`, "MISS"];
    case "mutation":
      return [`${name}; fwd=method; detail=mutation`, "BYPASS"];
    default:
      return [`${name}; fwd=${reason === "method" ? "method" : "bypass"}${detail}`, "BYPASS"];
  }
}
