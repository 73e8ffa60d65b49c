/**
 * What goes out with an answer besides its body: Age, ETag, 304, HEAD, Cache-Status.
 *
 * Headers are written one by one into whatever holds those of a framework's response.
 */

import type { HttpRecord } from "./stored-response.js";
import type { Incoming } from "./resolve-endpoint.js";
import type { Info, Outcome } from "./handle-request.js";
import type { Settings } from "./settings.js";
import { isUnchanged } from "./stored-response.js";

/** Headers that a 304 repeats. */
const WITH_304 = /^(cache-control|content-location|etag|expires|vary|last-modified)$/;

/** What headers are written into: a `Headers`, or what does the same. */
export type Writable = {
  set(name: string, value: string): unknown;
  append(name: string, value: string): unknown;
  delete(name: string): unknown;
};

/** The status that a record goes out with: 304 where its asker has it already. */
export function statusOf({ status, etag, modified }: HttpRecord, { header }: Incoming) {
  return status === 200 && isUnchanged(etag, modified, header) ? 304 : status;
}

/** @param headers of the handler's own response, or of an empty one for a record */
export function writeHeaders(headers: Writable, outcome: Outcome<unknown>, settings: Settings, incoming: Incoming) {
  writeRecord(headers, outcome, settings, incoming);
  writeInfo(headers, outcome, settings);
}

/** What goes out with a record. */
export function writeRecord(headers: Writable, { record }: Outcome<unknown>, { keep }: Settings, incoming: Incoming) {
  if (record) {
    for (const [name, value] of record.headers) headers.set(name, value);
    if (statusOf(record, incoming) === 304) {
      for (const name of [...keep, "content-length"]) if (!WITH_304.test(name)) headers.delete(name);
    } else if (incoming.method === "HEAD") headers.set("content-length", String(record.body.byteLength));
  }
}

/** How the answer came about. */
export function writeInfo(headers: Writable, { own, info }: Outcome<unknown>, { cacheStatus, xCache }: Settings) {
  if (own === undefined) headers.set("age", String(Math.floor(info.age)));
  if (cacheStatus !== false) headers.append("cache-status", `${cacheStatus}; ${told(info)}`);
  if (xCache) headers.set("x-cache", info.cache === "mutation" ? "BYPASS" : info.cache.toUpperCase());
}

/** What happened, in the words of RFC 9211. */
function told({ cache, reason, ttl, open }: Info) {
  const why = reason ?? (cache === "stale" || cache === "mutation" ? cache : undefined);
  const words: Record<string, string> = {
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
