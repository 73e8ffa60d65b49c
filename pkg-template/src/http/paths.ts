/**
 * From a request's path and query to an endpoint and params.
 *
 * A read is named by a path in its one plain spelling: what a router might take for the same (another case, an escape, a
 * trailing dot or slash) names nothing here, so it is not cached. A change is named by any spelling, because to invalidate
 * too much is harmless and to miss one is not. This module must not know caches, headers or bodies.
 *
 *     rpcPath("storycore.prompt.list", false)      // { endpoint: "storycore.prompt.list" }
 *     restPath("GET", "prompts/42", false)         // { endpoint: "prompts.get", params: { id: "42" } }
 */

import { guarded } from "../../../src/bindings/host/loads.js";

export type Named = { endpoint: string; params?: Readonly<Record<string, unknown>> | undefined };

const NAME = /^[\w-]+(\.[\w-]+)*$/;
const COLLECTION = /^[A-Za-z_][\w-]*$/;
const ID = /^[\w~-][\w.~-]*$/;
const VERB = /^(create|update|delete|add|remove|clear|execute|generate)$/i;
/** Last segments that are a view of what stands before them, and not a collection or an id. */
const VIEW = /^(search|status|analyze|schema|config)$/;
const OPERATIONS: Readonly<Record<string, string>> = { POST: "create", PUT: "update", PATCH: "update", DELETE: "delete" };

/**
 * @param path after the prefix
 * @param fold whether the router takes names that differ in case for the same
 */
export function rpcPath(path: string, fold: boolean): Named | undefined {
  const plain = tidy(path).replace(/[/.]+/g, ".").replace(/^\./, "");
  const at = plain.lastIndexOf(".") + 1;
  const operation = plain.slice(at);
  if (VERB.test(operation) && NAME.test(plain)) {
    return { endpoint: fold ? plain.toLowerCase() : plain.slice(0, at) + operation.toLowerCase() };
  }
  return NAME.test(path) && !(fold && /[A-Z]/.test(path)) ? { endpoint: path } : undefined;
}

/**
 * Collections and ids take turns: `projects/7/prompts` is the list `projects.prompts.list` with `{ projectsId: "7" }`.
 * A view at the end names itself (`prompts/42/status`), as does a verb that is posted to (`prompts/42/execute`).
 *
 * @param path after the prefix
 */
export function restPath(method: string, path: string, fold: boolean): Named | undefined {
  const read = method === "GET";
  const parts = (read ? path : tidy(path)).split("/");
  const end = parts.at(-1) ?? "";
  const last = read ? end : end.toLowerCase();
  let operation: string | undefined;
  if (parts.length > 1) {
    if (VIEW.test(last)) operation = read ? last : "update";
    else if (method === "POST" && VERB.test(last)) operation = last;
  }
  if (operation !== undefined) parts.pop();
  const isItem = parts.length % 2 === 0;
  // A change of what has the shape of a collection may be meant for an item below another prefix: its parent hears of it.
  if (!read && operation === undefined && parts.length > 1 && isItem === (method === "POST")) {
    operation = "update";
    if (!isItem) parts.length -= 2;
  }
  const names = [];
  const params: Record<string, unknown> = {};
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 0) {
      if (!COLLECTION.test(part) || (read && fold && /[A-Z]/.test(part))) return undefined;
      names.push(fold ? part.toLowerCase() : part);
    } else {
      if (read ? !ID.test(part) : part === "") return undefined;
      params[index === parts.length - 1 ? "id" : `${names.at(-1)}Id`] = part;
    }
  }
  operation ??= read ? (isItem ? "get" : "list") : !isItem && method === "DELETE" ? "clear" : OPERATIONS[method];
  return operation === undefined ? undefined : { endpoint: `${names.join(".")}.${operation}`, params };
}

/** A path as the most lenient router may read it. */
function tidy(path: string) {
  // What cannot be decoded is taken as it stands.
  const plain = guarded(() => decodeURIComponent(path)) ?? path;
  return plain
    .replace(/[\s\0]+/g, "")
    .replace(/\/{2,}/g, "/")
    .replace(/^\/|[/.]+$/g, "");
}

/**
 * The members of a query: a name that comes once is a string, one that comes again an array. Undefined where the query
 * cannot be told apart from another one when it is decoded.
 *
 * @param search without the question mark
 */
export function queryParams(search: string): Record<string, string | string[]> | undefined {
  if (guarded(() => decodeURIComponent(search)) === undefined) return undefined;
  // Without a prototype, so that `__proto__` is a name like any other.
  const params = Object.create(null);
  // One question mark is taken off; a second one belongs to the first name.
  for (const [name, value] of new URLSearchParams(`?${search}`)) {
    params[name] = name in params ? [params[name], value].flat() : value;
  }
  return params;
}
