/**
 * An answer as it is kept: status, chosen headers, bytes; and whether its asker has it already.
 *
 * The bytes are a copy that nobody else holds, and the record is frozen; whoever answers from it makes a fresh response.
 * This module must not know frameworks, endpoints or who asks.
 */

/** Kept where the answer has them; an option adds names. Everything else belongs to one receiver or one connection. */
import type { Verdict } from "./storable.js";

export const KEPT_HEADERS = [
  "content-type",
  "content-language",
  "content-disposition",
  "content-encoding",
  "content-location",
  "cache-control",
  "expires",
  "etag",
  "last-modified",
  "link",
  "vary",
];

/** What may be kept by no option. */
export const NEVER_KEPT =
  /^(set-cookie2?|connection|keep-alive|transfer-encoding|te|trailer|upgrade|age|date|content-(length|range)|(proxy|www)-authenticate|(proxy-)?authorization|cookie|cache-status|x-cache|\*)$/i;

export interface HttpRecord {
  status: number;
  headers: readonly (readonly [string, string])[];
  etag: string | undefined;
  modified: string | undefined;
  body: Uint8Array<ArrayBuffer>;
  /** seconds it is fresh, where that is less than it lives */
  fresh: number | undefined;
  /** seconds past `fresh` */
  swr: number;
  /** seconds past `fresh` */
  sie: number;
}

/** @param body that nobody else holds */
export function makeRecord(
  status: number,
  header: (name: string) => string | undefined,
  body: Uint8Array<ArrayBuffer>,
  { keep, etag: kind }: { keep: readonly string[]; etag: "weak" | "strong" | false },
  { ttl, swr, sie }: Verdict,
): HttpRecord {
  const etag = header("etag") ?? (kind === false ? undefined : `${kind === "weak" ? "W/" : ""}${digest(body)}`);
  const headers = keep.flatMap((name) => {
    const value = name === "etag" ? etag : header(name);
    return value === undefined ? [] : [Object.freeze([name, value] as const)];
  });
  const modified = header("last-modified");
  return Object.freeze({ status, headers: Object.freeze(headers), etag, modified, body, ...lifetime({ ttl, swr, sie }) });
}

const lifetime = ({ ttl, swr, sie }: { ttl: number | undefined; swr: number; sie: number }) => ({
  fresh: swr + sie > 0 ? ttl : undefined,
  swr,
  sie,
});

/** A record with the lifetime that a later verdict gives it. */
export function withLifetime(record: HttpRecord, verdict: Verdict): HttpRecord {
  const { fresh, swr, sie } = lifetime(verdict);
  if (record.fresh === fresh && record.swr === swr && record.sie === sie) return record;
  return Object.freeze({ ...record, fresh, swr, sie });
}

/** Odd factors whose bits are well mixed. */
const FACTORS = [0x9e3779b1, 0x5f356495, 0x85ebca77, 0xc2b2ae3d];

/**
 * An entity tag of bytes: their length and 128 bits of a multiplicative hash with four factors. It tells versions of one
 * resource apart, and proves nothing against somebody who looks for two bodies of one tag.
 */
export function digest(bytes: Uint8Array) {
  const parts = FACTORS.map((factor) => {
    let hash = factor;
    for (let at = 0; at < bytes.length; at += 1) hash = Math.imul(hash ^ (hash >>> 15) ^ (bytes[at] as number), factor);
    return ((hash ^ (hash >>> 16)) >>> 0).toString(36);
  });
  return `"${[bytes.length.toString(36), ...parts].join("-")}"`;
}

/**
 * Whether the asker has this very answer already: `If-None-Match` decides, and where it is missing `If-Modified-Since`.
 *
 * @param asked headers of the request
 */
export function isUnchanged(etag: string | undefined, modified: string | undefined, asked: (name: string) => string | undefined) {
  const tags = asked("if-none-match");
  if (tags === undefined) return Date.parse(asked("if-modified-since") ?? "") >= Date.parse(modified ?? "");
  if (tags.trim() === "*") return true;
  return etag !== undefined && (tags.match(/"[^"]*"/g) ?? []).some((tag) => tag === etag.replace(/^W\//, ""));
}

/** A copy of some chunks in one piece, that nobody else holds. */
export function joined(chunks: Uint8Array[], length: number) {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}
