/** The options of an adapter, read once: what is missing gets its default, what is wrong is an error that names it. */

import { coreOf } from "../whole.js";
import { coded } from "../errors.js";
import { KEPT_HEADERS, NEVER_KEPT } from "./record.js";

const KNOWN = new Set(
  "identity paths prefix caseSensitive authorize vary headers statuses maxBodyBytes etag host cacheStatus xCache batch".split(" "),
);

/** Statuses that say that there is more, less or something else than the whole answer. */
const NO_ANSWER = new Set([206, 304, 401, 407, 416]);

/**
 * @typedef {object} Settings
 * @property {"anonymous" | ((subject: any) => any)} identity
 * @property {"rest" | "rpc" | ((subject: any) => any)} paths
 * @property {string | undefined} prefix
 * @property {boolean | undefined} caseSensitive
 * @property {((subject: any, asked: object) => unknown) | undefined} authorize
 * @property {readonly string[]} vary in lower case
 * @property {readonly string[]} keep headers, in lower case
 * @property {ReadonlySet<number>} statuses
 * @property {number} maxBodyBytes
 * @property {"weak" | "strong" | false} etag
 * @property {boolean} host
 * @property {string | false} cacheStatus
 * @property {boolean} xCache
 * @property {{ path: string, maxItems: number, handler: (params: any, context: any) => any } | undefined} batch
 */

/**
 * @param {any} cache
 * @param {any} options
 * @returns {Settings}
 */
export function readSettings(cache, options) {
  coreOf(cache);
  if (typeof options !== "object" || options === null) throw wrong("options", "an object with an identity", options);
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name)) throw coded(TypeError, "ERR_OPTION", `there is no option "${name}"; there are ${[...KNOWN].join(", ")}`);
  }
  const { identity, paths = "rest", prefix, caseSensitive, authorize, etag = "weak", host = true, xCache = false, batch } = options;
  const { maxBodyBytes = 1_048_576, cacheStatus = "endpoint-cache" } = options;
  if (identity !== "anonymous" && typeof identity !== "function") {
    throw wrong("identity", 'a function that says who asks, or "anonymous" where everybody may be answered alike', identity);
  }
  if (paths !== "rest" && paths !== "rpc" && typeof paths !== "function") throw wrong("paths", '"rest", "rpc" or a function', paths);
  if (prefix !== undefined && !(typeof prefix === "string" && /^\//.test(prefix))) throw wrong("prefix", 'a path such as "/api/"', prefix);
  if (authorize !== undefined && typeof authorize !== "function") throw wrong("authorize", "a function", authorize);
  if (etag !== "weak" && etag !== "strong" && etag !== false) throw wrong("etag", '"weak", "strong" or false', etag);
  if (!(maxBodyBytes >= 1)) throw wrong("maxBodyBytes", "a number of bytes from 1", maxBodyBytes);
  if (cacheStatus !== false && !/^[A-Za-z*][\w:/!#$%&'*+.^`|~-]*$/.test(String(cacheStatus))) throw wrong("cacheStatus", "a token or false", cacheStatus);
  const vary = names("vary", options.vary);
  const more = names("headers", options.headers);
  const refused = more.find((name) => NEVER_KEPT.has(name));
  if (refused !== undefined) throw coded(TypeError, "ERR_OPTION", `headers must not name ${refused}: it belongs to one receiver`);
  const statuses = new Set(options.statuses ?? [200, 203]);
  for (const status of statuses) {
    if (!Number.isInteger(status) || status < 200 || status > 499 || NO_ANSWER.has(status)) {
      throw wrong("statuses", "a list of statuses from 200 to 499 that are whole answers", status);
    }
  }
  if (batch !== undefined && !(typeof batch?.path === "string" && typeof batch.handler === "function")) {
    throw wrong("batch", "an object with a path and a handler", batch);
  }
  return Object.freeze({
    identity, paths, prefix, caseSensitive, authorize, vary, statuses, maxBodyBytes, etag, host, cacheStatus, xCache,
    keep: [...KEPT_HEADERS, ...more.filter((name) => !KEPT_HEADERS.includes(name))],
    batch: batch === undefined ? undefined : { maxItems: 100, ...batch },
  });
}

/**
 * @param {string} option
 * @param {unknown} list
 */
function names(option, list) {
  if (list === undefined) return [];
  const isName = (/** @type {unknown} */ name) => typeof name === "string" && /^[\w!#$%&'*+.^`|~-]+$/.test(name);
  if (!Array.isArray(list) || !list.every(isName)) throw wrong(option, "a list of header names", list);
  if (list.includes("*")) throw wrong(option, "a list of header names", "*");
  return list.map((name) => name.toLowerCase());
}

/**
 * @param {string} name
 * @param {string} expected
 * @param {unknown} given
 */
function wrong(name, expected, given) {
  const shown = typeof given === "string" ? JSON.stringify(given) : String(given);
  return coded(TypeError, "ERR_OPTION", `${name} must be ${expected}, not ${shown}`);
}
