/**
 * Whether an answer may be kept, and for how long, by its status and headers alone.
 *
 * What is doubtful is not kept: a directive that cannot be read counts as the strictest reading of it. Names and directives
 * are compared without case, and every one of several headers of a name counts. This room must not know requests or bodies.
 */

/** Headers whose presence says that the answer is for one receiver, one moment or one part. */
const TELLTALES = ["set-cookie", "set-cookie2", "content-range", "trailer", "clear-site-data", "authentication-info"];

/** Where directives for caches stand. */
const CONTROLS = ["cache-control", "cdn-cache-control", "surrogate-control"];

/** @typedef {(name: string) => string | undefined} Look a header's value, several joined by commas */

/**
 * @typedef {object} Verdict
 * @property {string | undefined} reason why it is not kept
 * @property {number | undefined} ttl seconds, where the answer says so
 * @property {number} swr seconds past them in which it may be served while it is loaded anew
 * @property {number} sie seconds past them in which it may stand in for a failure
 */

/** @param {string} reason @returns {Verdict} */
const refused = (reason) => ({ reason, ttl: undefined, swr: 0, sie: 0 });

/**
 * @param {number} status
 * @param {Look} header
 * @param {{ statuses: ReadonlySet<number>, vary: readonly string[] }} settings
 * @returns {Verdict}
 */
export function judge(status, header, { statuses, vary }) {
  if (!statuses.has(status)) return refused(`status-${status}`);
  for (const name of TELLTALES) if (header(name) !== undefined) return refused(name);
  const type = (header("content-type") ?? "").trim().toLowerCase();
  if (type.startsWith("text/event-stream") || type.startsWith("multipart/x-mixed-replace")) return refused("stream");
  const coding = (header("content-encoding") ?? "identity").trim().toLowerCase();
  const coded = coding !== "identity" && coding !== "";
  if (coded && !vary.includes("accept-encoding")) return refused("content-encoding");
  for (const name of items(header("vary"))) {
    // An answer in no particular coding is acceptable to everybody.
    if (name === "host" || vary.includes(name) || (name === "accept-encoding" && !coded)) continue;
    return refused(name === "*" ? "vary-star" : "vary");
  }
  if (/(?:^|,)\s*no-cache/i.test(header("pragma") ?? "")) return refused("no-cache");
  /** @type {Verdict} */
  const verdict = { reason: undefined, ttl: undefined, swr: 0, sie: 0 };
  for (const name of CONTROLS) {
    const reason = obey(directives(header(name)), verdict);
    if (reason !== undefined) return refused(reason);
  }
  const expires = header("expires");
  if (verdict.ttl === undefined && expires !== undefined) {
    const left = (Date.parse(expires) - (Date.parse(header("date") ?? "") || Date.now())) / 1e3;
    if (!(left > 0)) return refused("expired");
    verdict.ttl = left;
  }
  return verdict;
}

/**
 * @param {[string, string | undefined][]} list
 * @param {Verdict} verdict is given what the directives say
 */
function obey(list, verdict) {
  let shared;
  let own;
  for (const [name, value] of list) {
    switch (name) {
      case "private":
      case "no-store":
      case "no-cache":
        return name;
      case "max-age":
        own = Math.min(own ?? Infinity, seconds(value));
        break;
      case "s-maxage":
        shared = Math.min(shared ?? Infinity, seconds(value));
        break;
      case "stale-while-revalidate":
        verdict.swr = seconds(value);
        break;
      case "stale-if-error":
        verdict.sie = seconds(value);
    }
  }
  if (list.some(([name]) => name === "must-revalidate" || name === "proxy-revalidate")) verdict.swr = verdict.sie = 0;
  const ttl = shared ?? own;
  if (ttl === undefined) return undefined;
  verdict.ttl = Math.min(verdict.ttl ?? Infinity, ttl);
  return ttl > 0 ? undefined : "max-age-0";
}

/** A number of seconds; anything else is none. @param {string | undefined} value */
function seconds(value) {
  return value !== undefined && /^\d+$/.test(value) ? Math.min(Number(value), 2 ** 31) : 0;
}

/**
 * @param {string | undefined} value
 * @returns {[name: string, value: string | undefined][]} names in lower case, values without their quotes
 */
function directives(value) {
  if (value === undefined) return [];
  // The first alternative of the second group is a quoted string: commas inside it part nothing.
  const found = value.matchAll(/([^\s,;="]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"?|[^\s,;]*))?/g);
  return Array.from(found, ([, name = "", given]) => [name.toLowerCase(), given?.replace(/^"|"$/g, "").trim()]);
}

/** @param {string | undefined} value */
function items(value) {
  return (value ?? "").toLowerCase().split(",").map((name) => name.trim()).filter((name) => name !== "");
}
