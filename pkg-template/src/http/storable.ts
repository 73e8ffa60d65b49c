/**
 * Whether an answer may be kept, and for how long, by its status and headers alone.
 *
 * What is doubtful is not kept: a directive that cannot be read counts as the strictest reading of it. Names and directives
 * are compared without case, and every one of several headers of a name counts. This module must not know requests or bodies.
 */

/** Headers whose presence says that the answer is for one receiver, one moment or one part. */
const TELLTALES = ["set-cookie", "set-cookie2", "content-range", "trailer", "clear-site-data", "authentication-info"];

/** Where directives for caches stand. */
const CONTROLS = ["pragma", "cache-control", "cdn-cache-control", "surrogate-control"];

/** Directives that forbid to keep an answer. */
const FORBIDDING = ["private", "no-store", "no-cache"];

/** a header's value, several joined by commas */
export type Look = (name: string) => string | undefined;

export interface Verdict {
  /** why it is not kept */
  reason: string | undefined;
  /** seconds, where the answer says so */
  ttl: number | undefined;
  /** seconds past them in which it may be served while it is loaded anew */
  swr: number;
  /** seconds past them in which it may stand in for a failure */
  sie: number;
}

export function judge(status: number, header: Look, settings: { statuses: ReadonlySet<number>; vary: readonly string[] }): Verdict {
  const verdict: Verdict = { reason: undefined, ttl: undefined, swr: 0, sie: 0 };
  verdict.reason = unfit(status, header, settings) ?? obey(header, verdict);
  return verdict;
}

/** What speaks against keeping an answer, whatever its directives say. */
function unfit(status: number, header: Look, { statuses, vary }: { statuses: ReadonlySet<number>; vary: readonly string[] }) {
  if (!statuses.has(status)) return `status-${status}`;
  const telltale = TELLTALES.find((name) => header(name) !== undefined);
  if (telltale !== undefined) return telltale;
  if (/^\s*(text\/event-stream|multipart\/x-mixed-replace)/i.test(header("content-type") ?? "")) return "stream";
  const coded = !/^\s*(identity)?\s*$/i.test(header("content-encoding") ?? "");
  if (coded && !vary.includes("accept-encoding")) return "content-encoding";
  // An answer in no particular coding is acceptable to everybody; one in another is here only if that is part of the key.
  const keyed = ["", "host", "accept-encoding", ...vary];
  const other = (header("vary") ?? "")
    .trim()
    .toLowerCase()
    .split(/\s*,\s*/)
    .find((name) => !keyed.includes(name));
  return other && (other === "*" ? "vary-star" : "vary");
}

/**
 * @param verdict is given what the directives say
 * @returns why the answer is not kept
 */
function obey(header: Look, verdict: Verdict): string | undefined {
  for (const control of CONTROLS) {
    const said = directives(header(control) ?? "");
    const forbidding = FORBIDDING.find((name) => said.has(name));
    if (forbidding !== undefined) return forbidding;
    const ttl = said.get("s-maxage") ?? said.get("max-age") ?? Infinity;
    if (ttl < (verdict.ttl ?? Infinity)) verdict.ttl = ttl;
    verdict.swr = said.get("stale-while-revalidate") ?? verdict.swr;
    verdict.sie = said.get("stale-if-error") ?? verdict.sie;
    if (said.has("must-revalidate") || said.has("proxy-revalidate")) verdict.swr = verdict.sie = 0;
  }
  const expires = header("expires");
  if (verdict.ttl === undefined && expires !== undefined) {
    verdict.ttl = (Date.parse(expires) - (Date.parse(header("date") ?? "") || Date.now())) / 1e3;
  }
  // What is no date is no time left.
  return verdict.ttl === undefined || verdict.ttl > 0 ? undefined : "expired";
}

/** @returns names in lower case, and of each the least number of seconds; anything else counts as none */
function directives(value: string): Map<string, number> {
  const found = new Map<string, number>();
  // The first alternative of the second group is a quoted string: commas inside it part nothing.
  for (const [, name = "", given = ""] of value.toLowerCase().matchAll(/([^\s,;="]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"?|[^\s,;]*))?/g)) {
    const [, digits = 0] = /^"?\s*(\d+)\s*"?$/.exec(given) ?? [];
    found.set(name, Math.min(found.get(name) ?? 2 ** 31, Number(digits)));
  }
  return found;
}
