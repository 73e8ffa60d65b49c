/**
 * An answer as it is kept: status, chosen headers, bytes; and whether its asker has it already.
 *
 * The bytes are a copy that nobody else holds, and the record is frozen; whoever answers from it makes a fresh response.
 * This room must not know frameworks, endpoints or who asks.
 */

/** Kept where the answer has them; an option adds names. Everything else belongs to one receiver or one connection. */
export const KEPT_HEADERS = [
  "content-type", "content-language", "content-disposition", "content-encoding", "content-location",
  "cache-control", "expires", "etag", "last-modified", "link", "vary",
];

/** What may be kept by no option. */
export const NEVER_KEPT =
  /^(set-cookie2?|connection|keep-alive|transfer-encoding|te|trailer|upgrade|age|date|content-(length|range)|(proxy|www)-authenticate|(proxy-)?authorization|cookie|cache-status|x-cache|\*)$/i;

/**
 * @typedef {object} HttpRecord
 * @property {number} status
 * @property {readonly (readonly [string, string])[]} headers
 * @property {string | undefined} etag
 * @property {string | undefined} modified
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
export function makeRecord(status, header, body, { keep, etag: kind }, { ttl, swr, sie }) {
  const etag = header("etag") ?? (kind === false ? undefined : `${kind === "weak" ? "W/" : ""}${digest(body)}`);
  const headers = keep.flatMap((name) => {
    const value = name === "etag" ? etag : header(name);
    return value === undefined ? [] : [Object.freeze(/** @type {const} */ ([name, value]))];
  });
  const modified = header("last-modified");
  return Object.freeze({ status, headers: Object.freeze(headers), etag, modified, body, ...lifetime({ ttl, swr, sie }) });
}

/** @param {{ ttl: number | undefined, swr: number, sie: number }} verdict */
const lifetime = ({ ttl, swr, sie }) => ({ fresh: swr + sie > 0 ? ttl : undefined, swr, sie });

/**
 * A record with the lifetime that a later verdict gives it.
 *
 * @param {HttpRecord} record
 * @param {import("./policy.js").Verdict} verdict
 * @returns {HttpRecord}
 */
export function withLifetime(record, verdict) {
  const { fresh, swr, sie } = lifetime(verdict);
  if (record.fresh === fresh && record.swr === swr && record.sie === sie) return record;
  return Object.freeze({ ...record, fresh, swr, sie });
}

/** Odd factors whose bits are well mixed. */
const FACTORS = [0x9e3779b1, 0x5f356495, 0x85ebca77, 0xc2b2ae3d];

/**
 * An entity tag of bytes: their length and 128 bits of a multiplicative hash with four factors. It tells versions of one
 * resource apart, and proves nothing against somebody who looks for two bodies of one tag.
 *
 * @param {Uint8Array} bytes
 */
export function digest(bytes) {
  const parts = FACTORS.map((factor) => {
    let hash = factor;
    for (let at = 0; at < bytes.length; at += 1) hash = Math.imul(hash ^ (hash >>> 15) ^ /** @type {number} */ (bytes[at]), factor);
    return ((hash ^ (hash >>> 16)) >>> 0).toString(36);
  });
  return `"${[bytes.length.toString(36), ...parts].join("-")}"`;
}

/**
 * Whether the asker has this very answer already: `If-None-Match` decides, and where it is missing `If-Modified-Since`.
 *
 * @param {string | undefined} etag
 * @param {string | undefined} modified
 * @param {(name: string) => string | undefined} asked headers of the request
 */
export function isUnchanged(etag, modified, asked) {
  const tags = asked("if-none-match");
  if (tags === undefined) return Date.parse(asked("if-modified-since") ?? "") >= Date.parse(modified ?? "");
  if (tags.trim() === "*") return true;
  return etag !== undefined && (tags.match(/"[^"]*"/g) ?? []).some((tag) => tag === etag.replace(/^W\//, ""));
}

/**
 * A copy of some chunks in one piece, that nobody else holds.
 *
 * @param {Uint8Array[]} chunks
 * @param {number} length
 */
export function joined(chunks, length) {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}
