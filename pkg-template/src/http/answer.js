/**
 * What goes out with an answer besides its body: Age, ETag, 304, HEAD, Cache-Status.
 *
 * Headers are written one by one into whatever holds those of a framework's response.
 */

import { isUnchanged } from "./record.js";

/** Headers that a 304 repeats. */
const WITH_304 = /^(cache-control|content-location|etag|expires|vary|last-modified)$/;

/**
 * What headers are written into: a `Headers`, or what does the same.
 * @typedef {{ set(name: string, value: string): unknown, append(name: string, value: string): unknown, delete(name: string): unknown }} Writable
 */

/**
 * The status that a record goes out with: 304 where its asker has it already.
 *
 * @param {import("./record.js").HttpRecord} record
 * @param {import("./locate.js").Incoming} incoming
 */
export function statusOf({ status, etag, modified }, { header }) {
  return status === 200 && isUnchanged(etag, modified, header) ? 304 : status;
}

/**
 * @param {Writable} headers of the handler's own response, or of an empty one for a record
 * @param {import("./serve.js").Outcome} outcome
 * @param {import("./settings.js").Settings} settings
 * @param {import("./locate.js").Incoming} incoming
 */
export function writeHeaders(headers, outcome, settings, incoming) {
  writeRecord(headers, outcome, settings, incoming);
  writeInfo(headers, outcome, settings);
}

/**
 * What goes out with a record.
 *
 * @param {Writable} headers
 * @param {import("./serve.js").Outcome} outcome
 * @param {import("./settings.js").Settings} settings
 * @param {import("./locate.js").Incoming} incoming
 */
export function writeRecord(headers, { record }, { keep }, incoming) {
  if (record) {
    for (const [name, value] of record.headers) headers.set(name, value);
    if (statusOf(record, incoming) === 304) {
      for (const name of [...keep, "content-length"]) if (!WITH_304.test(name)) headers.delete(name);
    } else if (incoming.method === "HEAD") headers.set("content-length", String(record.body.byteLength));
  }
}

/**
 * How the answer came about.
 *
 * @param {Writable} headers
 * @param {import("./serve.js").Outcome} outcome
 * @param {import("./settings.js").Settings} settings
 */
export function writeInfo(headers, { own, info }, { cacheStatus, xCache }) {
  if (own === undefined) headers.set("age", String(Math.floor(info.age)));
  if (cacheStatus !== false) headers.append("cache-status", `${cacheStatus}; ${told(info)}`);
  if (xCache) headers.set("x-cache", info.cache === "mutation" ? "BYPASS" : info.cache.toUpperCase());
}

/** What happened, in the words of RFC 9211. @param {import("./serve.js").Info} info */
function told({ cache, reason, ttl, open }) {
  const why = reason ?? (cache === "stale" || cache === "mutation" ? cache : undefined);
  /** @type {Record<string, string>} */
  const words = {
    hit: "hit",
    stale: "hit",
    joined: "fwd=miss; collapsed",
    miss: why || open ? "fwd=miss" : "fwd=miss; stored",
    mutation: "fwd=method",
    bypass: why === "method" ? "fwd=method" : "fwd=bypass",
  };
  const left = Number.isFinite(ttl) ? `; ttl=${Math.floor(Number(ttl))}` : "";
  return words[cache] + left + (why ? `; detail=${why}` : "");
}
