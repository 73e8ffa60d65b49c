/** The options of an adapter, read once: what is missing gets its default, what is wrong is an error that names it. */

import { coreOf } from "../cache-service.js";
import { coded } from "../errors.js";
import { KEPT_HEADERS, NEVER_KEPT } from "./record.js";

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

const isFunction = (/** @type {unknown} */ it) => typeof it === "function";
const isAnything = () => true;
const isName = (/** @type {any} */ name) => typeof name === "string" && /^(?!\*$)[\w!#$%&'*+.^`|~-]+$/.test(name);
const areNames = (/** @type {any} */ list) => Array.isArray(list) && list.every(isName);

/** Whether a status may say that here is the whole answer, and not more, less or something else. */
const isWhole = (/** @type {any} */ status) =>
  Number.isInteger(status) && status >= 200 && status <= 499 && ![206, 304, 401, 407, 416].includes(status);

/** Of each option what it may be, how an error says that, and the default. @type {Record<string, [(it: any) => boolean, string?, unknown?]>} */
const OPTIONS = {
  identity: [(it) => it === "anonymous" || isFunction(it), 'a function that says who asks, or "anonymous" where everybody may be answered alike'],
  paths: [(it) => it === "rest" || it === "rpc" || isFunction(it), '"rest", "rpc" or a function', "rest"],
  prefix: [(it) => typeof it === "string" && it[0] === "/", 'a path such as "/api/"'],
  caseSensitive: [isAnything],
  authorize: [isFunction, "a function"],
  vary: [areNames, "a list of header names", []],
  headers: [(it) => areNames(it) && !it.some((/** @type {string} */ name) => NEVER_KEPT.test(name)), "a list of names of headers that belong to no single receiver", []],
  statuses: [(it) => [...it].every(isWhole), "a list of statuses from 200 to 499 that are whole answers", [200, 203]],
  maxBodyBytes: [(it) => it >= 1, "a number of bytes from 1", 1_048_576],
  etag: [(it) => it === "weak" || it === "strong" || it === false, '"weak", "strong" or false', "weak"],
  host: [isAnything, "", true],
  cacheStatus: [(it) => it === false || /^[A-Za-z*][\w:/!#$%&'*+.^`|~-]*$/.test(it), "a token or false", "endpoint-cache"],
  xCache: [isAnything, "", false],
  batch: [(it) => typeof it?.path === "string" && isFunction(it.handler), "an object with a path and a handler"],
};

/**
 * @param {any} cache
 * @param {any} options
 * @returns {Settings}
 */
export function readSettings(cache, options) {
  coreOf(cache);
  const given = Object(options);
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(OPTIONS, name)) throw wrong(`there is no option "${name}"; there are ${Object.keys(OPTIONS).join(", ")}`);
  }
  /** @type {any} */
  const settings = {};
  for (const [name, [isFit, expected, otherwise]] of Object.entries(OPTIONS)) {
    const value = given[name];
    // Who asks has no default.
    if ((value !== undefined || name === "identity") && !isFit(value)) {
      throw wrong(`${name} must be ${expected}, not ${typeof value === "string" ? JSON.stringify(value) : String(value)}`);
    }
    settings[name] = value === undefined ? otherwise : value;
  }
  const { vary, headers, statuses, batch } = settings;
  return Object.freeze({
    ...settings,
    vary: lower(vary),
    keep: [...new Set([...KEPT_HEADERS, ...lower(headers)])],
    statuses: new Set(statuses),
    batch: batch && { maxItems: 100, ...batch },
  });
}

const lower = (/** @type {string[]} */ names) => names.map((name) => name.toLowerCase());

const wrong = (/** @type {string} */ sentence) => coded(TypeError, "ERR_OPTION", sentence);
