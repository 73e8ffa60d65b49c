/**
 * Scopes: the names under which an invalidation and the entries that it ends find each other across processes.
 *
 * `all`, `e:storycore.prompt` (an endpoint and what lies under it), `u:USER`, `t:TAG`, `k:KEY`, and `tags`, which stands
 * for "some tag". A pattern that no single scope spells is answered by the narrowest one that surely covers it: ending
 * too much costs a load, ending too little a wrong answer. This module knows names only, no store and no entry.
 */

import type { Engine } from "../supervisor.js";

/** What stands for every entry. */
export const ALL = "all";

/** Changes with every invalidation of a tag: whoever learns tags only at a load's end needs to know that none went. */
export const ANY_TAG = "tags";

/** The scopes of an entry by its key, its tags aside. Keys are split by the rule of the cache itself. */
export function scopesOfKey(key: string): string[] {
  const scopes = [ALL, ANY_TAG, `k:${key}`];
  const colon = key.indexOf(":");
  if (colon <= 0) return scopes;
  const endpoint = key.slice(0, colon);
  for (let dot = endpoint.indexOf("."); dot >= 0; dot = endpoint.indexOf(".", dot + 1)) {
    if (dot > 0) scopes.push(`e:${endpoint.slice(0, dot)}`);
  }
  scopes.push(`e:${endpoint}`);
  if (key.startsWith("user:", colon + 1)) {
    const last = key.lastIndexOf(":");
    if (last > colon + 5) scopes.push(`u:${key.slice(colon + 6, last)}`);
  }
  return scopes;
}

export const scopeOfTag = (tag: string) => `t:${tag}`;

/** The scope of an endpoint's leading segments; the empty ones are everything. */
export const scopeOfPrefix = (prefix: string) => (prefix === "" ? ALL : `e:${prefix}`);

const scopeOfUser = (user: string | number) => `u:${String(user).replaceAll("%", "%25").replaceAll(":", "%3A")}`;

const userOf = (encoded: string) => encoded.replaceAll("%3A", ":").replaceAll("%25", "%");

/** The scopes that surely cover what a pattern of `invalidate` matches. */
export function scopesOfPattern(pattern: unknown): string[] {
  if (typeof pattern === "string") return [scopeOfRegex(pattern)];
  if (Object.prototype.toString.call(pattern) === "[object RegExp]") {
    const { flags, source } = pattern as RegExp;
    return [/^[gyd]*$/.test(flags) ? scopeOfRegex(source) : ALL];
  }
  // All members of a pattern must match, so each alone covers it.
  const { tag, userId, endpoint, prefix, glob, regex } = Object(pattern);
  if (typeof tag === "string") return [ANY_TAG, scopeOfTag(tag)];
  if (userId !== undefined && userId !== null) return [scopeOfUser(userId)];
  if (typeof endpoint === "string") return [scopeOfEndpointPattern(endpoint)];
  if (typeof prefix === "string") return [scopeOfStart(prefix)];
  if (typeof glob === "string") return [scopeOfStart(/^[^*?\\]*/.exec(glob)?.[0] ?? "")];
  return regex === undefined ? [ALL] : scopesOfPattern(regex);
}

/** @param pattern `a.b.*`, `*.list`, `a.b.get` */
function scopeOfEndpointPattern(pattern: string) {
  const star = pattern.split(".").indexOf("*");
  return scopeOfPrefix(star < 0 ? pattern : pattern.split(".").slice(0, star).join("."));
}

/** @param start of keys */
function scopeOfStart(start: string) {
  const colon = start.indexOf(":");
  if (colon >= 0) return scopeOfPrefix(start.slice(0, colon));
  return scopeOfPrefix(start.slice(0, Math.max(0, start.lastIndexOf("."))));
}

/** Only an anchored expression that spells whole segments narrows anything; one with an alternative might mean anything. */
function scopeOfRegex(source: string) {
  const spelled = /^\^((?:[\w-]+\\\.)*[\w-]+)(?:\\\.|:)(?![*+?{])/.exec(source);
  if (spelled === null || source.includes("|")) return ALL;
  return scopeOfPrefix((spelled[1] ?? "").replaceAll("\\.", "."));
}

/** Ends the entries of a scope in this process. */
export function endLocally(core: Pick<Engine, "invalidate" | "delete" | "clear">, scope: string) {
  const name = scope.slice(2);
  try {
    if (scope.startsWith("e:")) {
      core.invalidate({ endpoint: name });
      core.invalidate({ endpoint: `${name}.*` });
    } else if (scope.startsWith("u:")) core.invalidate({ userId: userOf(name) });
    else if (scope.startsWith("t:")) core.invalidate({ tag: name });
    else if (scope.startsWith("k:")) core.delete(name);
    else if (scope === ALL) core.clear();
  } catch {
    // A name from elsewhere that no pattern can spell: then everything goes.
    core.clear();
  }
}
