/** The options of an adapter, read once: what is missing gets its default, what is wrong is an error that names it. */

import { typeError } from "../../../src/bindings/host/errors.js";
import { Fields } from "../../../src/bindings/host/fields.js";
import { describe } from "../../../src/bindings/host/values.js";
import type { CacheService, HttpBatch, HttpOptions } from "../types/http.js";
import { protocolOf } from "../whole.js";
import { KEPT_HEADERS, NEVER_KEPT } from "./stored-response.js";

/** Options of any framework: what it calls a request is handed on as it came. */
type Options = HttpOptions<unknown>;

export interface Settings {
  identity: Options["identity"];
  paths: NonNullable<Options["paths"]>;
  prefix: string | undefined;
  caseSensitive: boolean | undefined;
  authorize: Options["authorize"];
  /** in lower case */
  vary: readonly string[];
  /** headers, in lower case */
  keep: readonly string[];
  statuses: ReadonlySet<number>;
  maxBodyBytes: number;
  etag: "weak" | "strong" | false;
  host: boolean;
  cacheStatus: string | false;
  xCache: boolean;
  batch: HttpBatch | undefined;
}

const KNOWN = "identity paths prefix caseSensitive authorize vary headers statuses maxBodyBytes etag host cacheStatus xCache batch".split(
  " ",
);

/** Characters of a header's name, and of the name of a cache. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

const ETAGS = ["weak", "strong", false] as readonly unknown[] as readonly string[];

const isFunction = (it: unknown) => typeof it === "function";

function isBatch(it: unknown) {
  const batch = it as Partial<HttpBatch> | null;
  return typeof batch?.path === "string" && isFunction(batch.handler);
}

/** Whether a status may say that here is the whole answer, and not more, less or something else. */
const isWhole = (status: unknown) => Number.isInteger(status) && /^(?!206|304|401|407|416)[2-4]\d\d$/.test(String(status));

export function readSettings(cache: CacheService, options: object): Settings {
  protocolOf(cache);
  const fields = new Fields(options, "options", KNOWN);
  /** An option that is told by more than its type. */
  const option = <T>(name: keyof Options, isFit: (it: unknown) => boolean, wanted: string, otherwise?: T): T => {
    const given: unknown = fields.raw(name);
    const value = given === undefined ? otherwise : given;
    if (isFit(value)) return value as T;
    throw typeError(`${name} must be ${wanted}, not ${describe(value)}`);
  };
  /** Names of headers, in lower case. */
  const names = (option: string, refused: RegExp) =>
    (fields.names(option) ?? []).map((name) => {
      if (TOKEN.test(name) && !refused.test(name)) return name.toLowerCase();
      throw typeError(`${option} must not name ${name}: it is no header, or belongs to one receiver`);
    });
  return {
    identity: option("identity", (it) => it === "anonymous" || isFunction(it), 'a function that says who asks, or "anonymous"'),
    paths: option<Settings["paths"]>(
      "paths",
      (it) => it === "rest" || it === "rpc" || isFunction(it),
      '"rest", "rpc" or a function',
      "rest",
    ),
    prefix: option("prefix", (it) => it === undefined || (typeof it === "string" && it[0] === "/"), 'a path such as "/api/"'),
    caseSensitive: fields.flag("caseSensitive"),
    authorize: fields.callback("authorize"),
    vary: names("vary", /^\*$/),
    keep: [...new Set([...KEPT_HEADERS, ...names("headers", NEVER_KEPT)])],
    statuses: new Set(
      option<readonly number[]>(
        "statuses",
        (it) => [...(it as Iterable<unknown>)].every(isWhole),
        "statuses of whole answers, from 200 to 499",
        [200, 203],
      ),
    ),
    maxBodyBytes: fields.number("maxBodyBytes", 1, Infinity) || 1_048_576,
    etag: (fields.oneOf("etag", ETAGS) ?? "weak") as Settings["etag"],
    host: fields.flag("host") ?? true,
    cacheStatus: option<string | false>(
      "cacheStatus",
      (it) => it === false || /^[a-z*][\w:/!#$%&'*+.^`|~-]*$/i.test(String(it)),
      "a token or false",
      "endpoint-cache",
    ),
    xCache: fields.flag("xCache") ?? false,
    batch: option("batch", (it) => it === undefined || isBatch(it), "an object with a path and a handler"),
  };
}
