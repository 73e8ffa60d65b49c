/**
 * What a request asks for and who asks, by its method, path, query, body and the chosen headers.
 *
 * The params of the key hold one member of the adapter's own, `@http`: the host and prefix, the values of the `vary` headers,
 * and whether there was a body. Two requests that a handler could tell apart by any of these never share an answer, nor
 * does an answer over HTTP ever meet one that was cached without it.
 */

import type { Settings } from "./settings.js";
import type { HttpTarget } from "../types/http.js";
import type { RouteRequest } from "../types/index.js";
import { readUser } from "../../../src/bindings/host/validate.js";
import type { Named } from "./paths.js";
import { queryParams, restPath, rpcPath } from "./paths.js";

/** A request, whatever the framework. */
export interface Incoming {
  /** what the user's functions are given */
  subject: unknown;
  /** in upper case */
  method: string;
  /** as it was sent, without the query */
  path: string;
  /** without the question mark */
  search: string;
  /** with the scheme, as the framework understands both */
  host: string;
  /** why the adapter does not cache this request, if so */
  unfit?: string | undefined;
  /** what of the path comes before any prefix */
  mount?: string;
  /** whether the router tells names apart by case */
  caseSensitive?: boolean;
  header: (name: string) => string | undefined;
  /** whether there is no body */
  isEmpty: () => boolean;
  /** the body as JSON, undefined where it cannot be read here */
  parsed: () => Promise<unknown>;
  waitUntil?: (work: Promise<unknown>) => void;
  /** what stands for the incoming request */
  execution?: object | undefined;
}

/** A request as `routeRequest` takes it; a name is missing where the path has none. */
export type Located = {
  mutation: boolean;
  reason: string | undefined;
  request: Omit<RouteRequest<Record<string, unknown>>, "endpoint" | "userId"> & {
    endpoint: string | undefined;
    method: string;
    userId: string | undefined;
  };
};

const OWN = "@http";

export async function locate(settings: Settings, incoming: Incoming, isMutation: (endpoint: string) => boolean): Promise<Located> {
  const { subject, header, host, mount = "", waitUntil, execution } = incoming;
  const { paths, vary, prefix = `${mount}${paths === "rpc" && mount === "" ? "/api/" : "/"}` } = settings;
  const method = incoming.method === "HEAD" ? "GET" : incoming.method;
  const { userId, reason: unclear } = await identify(settings, incoming);
  const own = typeof paths === "function";
  const found = own ? named(await paths(subject)) : byPath(settings, incoming, method, prefix);
  const endpoint = found?.endpoint;
  const mutation = endpoint !== undefined && isMutation(endpoint);
  let reason = endpoint === undefined ? "endpoint" : undefined;
  if (!mutation) {
    reason ??= method === "GET" || method === "POST" ? unclear : "method";
    reason ??= incoming.unfit;
    if (header("range") !== undefined) reason ??= "range";
    // A body that the key does not hold must not decide about an answer for others.
    if (method === "GET" && hasBody(incoming)) reason ??= "body";
  }
  // A function that names params has named them all.
  let params = own ? found?.params : undefined;
  if (!reason) {
    params ??= await paramsOf(found?.params, incoming, method);
    if (!mutation) {
      if (!params) reason = "params";
      const varied = Object.fromEntries(vary.map((name) => [name, header(name) ?? null]));
      params = {
        ...params,
        [OWN]: { at: (settings.host ? host + forwarded(header) : "") + prefix, body: method === "POST", vary: varied },
      };
    }
  }
  return { mutation, reason, request: { endpoint, method, params, userId, waitUntil, execution } };
}

/** Who asks. A request that carries credentials which nobody looked at, or which led nowhere, is nobody's to share. */
export async function identify(
  { identity }: Settings,
  { subject, header }: Incoming,
): Promise<{ userId: string | undefined; reason?: string | undefined }> {
  try {
    const id = identity === "anonymous" ? undefined : await identity(subject);
    const userId = readUser(id);
    // Null says that nobody asks; undefined may also mean that whatever finds out has not run yet.
    const credentials = header("authorization") ?? (id === undefined ? header("cookie") : undefined);
    return { userId, reason: userId === undefined && credentials !== undefined ? "credentials" : undefined };
  } catch {
    return { userId: undefined, reason: "identity" };
  }
}

/**
 * Whether a request has a body, by what the framework lets see or by what its headers announce: a runtime may hide the body of
 * a GET from its `Request` and still hand it to the handler by another way.
 */
function hasBody({ isEmpty, header }: Incoming) {
  return !isEmpty() || header("transfer-encoding") !== undefined || (header("content-length") ?? "0") !== "0";
}

/**
 * What a proxy says about the host that was asked for. It is in the key whether the framework believes it or not: a handler,
 * or an application mounted in this one, may.
 */
function forwarded(header: (name: string) => string | undefined) {
  const [host, scheme] = [header("x-forwarded-host"), header("x-forwarded-proto")];
  return host === undefined && scheme === undefined ? "" : ` ${scheme ?? ""} ${host ?? ""} `;
}

/** What a user's function says of a request. */
function named(found: HttpTarget | string | null | undefined): Named | undefined {
  if (typeof found === "string") return { endpoint: found };
  return typeof found?.endpoint === "string" ? found : undefined;
}

function byPath({ paths, caseSensitive }: Settings, incoming: Incoming, method: string, prefix: string) {
  const { path } = incoming;
  const fold = !(caseSensitive ?? incoming.caseSensitive ?? true);
  const start = path.slice(0, prefix.length);
  const starts = start === prefix || (fold && method !== "GET" && start.toLowerCase() === prefix.toLowerCase());
  if (!starts || method === "OPTIONS") return undefined;
  const rest = path.slice(prefix.length);
  return paths === "rpc" ? rpcPath(rest, fold) : restPath(method, rest, fold);
}

/** The path's params, the query and the body's members, or undefined where one of them cannot be read or two name the same. */
async function paramsOf(own: object | undefined, incoming: Incoming, method: string): Promise<Record<string, unknown> | undefined> {
  const body = method === "GET" ? null : await bodyOf(incoming);
  const all = Object.create(null);
  for (const source of [own ?? {}, queryParams(incoming.search), body === null ? {} : body]) {
    if (typeof source !== "object" || Array.isArray(source)) return undefined;
    for (const [name, value] of Object.entries(source as object)) {
      if (name in all || name === OWN) return undefined;
      all[name] = value;
    }
  }
  return all;
}

/** The body, null where there is none, undefined where it is no JSON that can be read here. */
export async function bodyOf({ isEmpty, header, parsed }: Incoming) {
  if (isEmpty()) return null;
  if (!isJson(header("content-type"))) return undefined;
  try {
    return await parsed();
  } catch {
    return undefined;
  }
}

export const isJson = (type: string | null | undefined) => /^\s*application\/([\w.-]+\+)?json\s*(;|$)/i.test(type ?? "");
