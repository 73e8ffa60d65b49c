/**
 * What a request asks for and who asks, by its method, path, query, body and the chosen headers.
 *
 * The params of the key hold one member of the adapter's own, `@http`: the host and prefix, the values of the `vary` headers,
 * and whether there was a body. Two requests that a handler could tell apart by any of these never share an answer, nor
 * does an answer over HTTP ever meet one that was cached without it.
 */

import { queryParams, restPath, rpcPath } from "./paths.js";

/**
 * A request, whatever the framework.
 *
 * @typedef {object} Incoming
 * @property {any} subject what the user's functions are given
 * @property {string} method in upper case
 * @property {string} path as it was sent, without the query
 * @property {string} search without the question mark
 * @property {string} host
 * @property {string} mount what of the path comes before any prefix
 * @property {boolean} caseSensitive whether the router tells names apart by case
 * @property {(name: string) => string | undefined} header
 * @property {() => Promise<unknown>} json the body, null where there is none, undefined where it is no JSON that can be read here
 * @property {((work: Promise<unknown>) => void) | undefined} waitUntil
 * @property {object | undefined} execution
 *
 * @typedef {{ kind: "read" | "mutation" | "bypass", reason?: string, endpoint: string | undefined, method: string, userId: string | undefined, request?: any }} Located
 */

const OWN = "@http";

/**
 * @param {import("./settings.js").Settings} settings
 * @param {Incoming} incoming
 * @param {(endpoint: string) => boolean} isMutation
 * @returns {Promise<Located>}
 */
export async function locate(settings, incoming, isMutation) {
  const { subject, header } = incoming;
  const method = incoming.method === "HEAD" ? "GET" : incoming.method;
  const who = await identify(settings, incoming);
  const prefix = settings.prefix ?? `${incoming.mount}${settings.paths === "rpc" && incoming.mount === "" ? "/api/" : "/"}`;
  const found = typeof settings.paths === "function" ? await asked(settings.paths, subject) : byPath(settings, incoming, method, prefix);
  /** @param {string} reason @returns {Located} */
  const bypass = (reason) => ({ kind: "bypass", reason, endpoint: found?.endpoint, method, userId: who.userId });
  if (found === undefined) return bypass("endpoint");
  const { endpoint } = found;
  const changes = isMutation(endpoint);
  if (!changes) {
    if (method !== "GET" && method !== "POST") return bypass("method");
    if (who.reason !== undefined) return bypass(who.reason);
    if (header("range") !== undefined) return bypass("range");
  }
  const params = await paramsOf(found, incoming, method, typeof settings.paths === "function");
  if (params === undefined && !changes) return bypass("params");
  const about = {
    at: settings.host ? incoming.host + prefix : prefix,
    body: method === "POST" && !changes ? true : undefined,
    vary: settings.vary.length === 0 ? undefined : Object.fromEntries(settings.vary.map((name) => [name, header(name) ?? null])),
  };
  const { waitUntil, execution } = incoming;
  const request = {
    endpoint, method, params: changes ? params : { ...params, [OWN]: about }, userId: who.userId, waitUntil, execution,
  };
  return { kind: changes ? "mutation" : "read", endpoint, method, userId: who.userId, request };
}

/**
 * Who asks. A request that carries credentials which nobody looked at, or which led nowhere, is nobody's to share.
 *
 * @param {import("./settings.js").Settings} settings
 * @param {Incoming} incoming
 * @returns {Promise<{ userId: string | undefined, reason?: string }>}
 */
export async function identify({ identity }, { subject, header }) {
  const token = header("authorization") !== undefined;
  const credentials = token || header("cookie") !== undefined;
  const nobody = { userId: undefined };
  const unclear = (/** @type {string} */ reason) => ({ userId: undefined, reason });
  if (identity === "anonymous") return credentials ? unclear("credentials") : nobody;
  let id;
  try {
    id = await identity(subject);
  } catch {
    return unclear("identity");
  }
  if (typeof id === "string" && id !== "") return { userId: id };
  if (typeof id === "number" && Number.isFinite(id)) return { userId: String(id) };
  // Null says that nobody asks; undefined may also mean that whatever finds out has not run yet.
  if (id === null) return token ? unclear("credentials") : nobody;
  if (id === undefined) return credentials ? unclear("credentials") : nobody;
  return unclear("user-id");
}

/**
 * @param {(subject: any) => any} paths
 * @param {any} subject
 * @returns {Promise<import("./paths.js").Located | undefined>}
 */
async function asked(paths, subject) {
  const found = await paths(subject);
  if (typeof found === "string") return { endpoint: found };
  return typeof found?.endpoint === "string" ? found : undefined;
}

/**
 * @param {import("./settings.js").Settings} settings
 * @param {Incoming} incoming
 * @param {string} method
 * @param {string} prefix
 */
function byPath({ paths, caseSensitive }, incoming, method, prefix) {
  const { path } = incoming;
  const fold = !(caseSensitive ?? incoming.caseSensitive);
  const starts = fold && method !== "GET" ? path.toLowerCase().startsWith(prefix.toLowerCase()) : path.startsWith(prefix);
  if (!starts || method === "OPTIONS") return undefined;
  const rest = path.slice(prefix.length);
  return paths === "rpc" ? rpcPath(rest, fold) : restPath(method, rest, fold);
}

/**
 * The path's params, the query and the body's members, or undefined where one of them cannot be read or two name the same.
 *
 * @param {import("./paths.js").Located} found
 * @param {Incoming} incoming
 * @param {string} method
 * @param {boolean} complete
 * @returns {Promise<Record<string, unknown> | undefined>}
 */
async function paramsOf({ params: own }, incoming, method, complete) {
  // A function that names params has named them all.
  if (own !== undefined && complete) return own;
  const sources = [own ?? {}];
  const query = queryParams(incoming.search);
  if (query === undefined) return undefined;
  sources.push(query);
  if (method !== "GET") {
    const body = await incoming.json();
    if (typeof body === "object" && body !== null && !Array.isArray(body)) sources.push(/** @type {any} */ (body));
    else if (body !== null) return undefined;
  }
  const all = Object.create(null);
  for (const source of sources) {
    for (const name of Object.keys(source)) {
      if (name in all || name === OWN) return undefined;
      all[name] = source[name];
    }
  }
  return all;
}
