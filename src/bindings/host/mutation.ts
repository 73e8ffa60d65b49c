/**
 * Changes that are made outside of `routeRequest`: what they touch is invalidated before they run and again when they have
 * settled, and nothing that was loaded meanwhile is kept.
 */

import { readText, readUser, enter } from "./validate.js";
import { COUNT } from "./contract.js";
import { attempt, type Core } from "./core.js";
import { typeError } from "./errors.js";
import { guarded } from "./loads.js";
import { describe, isPlain } from "./values.js";

/** What a change touches: the entries for which all members hold. */
export interface MutationScope {
  /** an endpoint or a pattern of endpoints, as in rules: `"storycore.prompt.*"` */
  endpoint?: string;
  /** entries of this user */
  userId?: string | number;
  /** entries with this tag */
  tag?: string;
  /** the entry under this key, by itself */
  key?: string;
}

/** A scope as the engine reads it. */
interface EngineScope {
  endpoint?: string | undefined;
  user?: string | undefined;
  tag?: string | undefined;
}

interface Scopes {
  engine: EngineScope[];
  keys: string[];
  /** in words, for who watches */
  name: string;
}

const MEMBERS = ["endpoint", "userId", "tag", "key"];
const refusal = (sentence: string) => typeError(sentence, "ERR_SCOPE");

/** @throws TypeError where one is no scope */
function readScopes(given: unknown): Scopes {
  const scopes: Scopes = { engine: [], keys: [], name: "" };
  const names: string[] = [];
  for (const scope of Array.isArray(given) ? Array.from(given as unknown[]) : [given]) {
    if (!isPlain(scope)) throw refusal(`a scope is an object with endpoint, userId, tag or key, not ${describe(scope)}`);
    const members = Object.entries(scope as Record<string, unknown>).filter(([, value]) => value !== undefined);
    const unknown = members.find(([name]) => !MEMBERS.includes(name));
    if (unknown !== undefined) throw refusal(`a scope has no member ${JSON.stringify(unknown[0])}; it has ${MEMBERS.join(", ")}`);
    if (members.length === 0) throw refusal("a scope names at least one of endpoint, userId, tag and key");
    const { endpoint, userId, tag, key } = scope as Record<string, unknown>;
    const text = (value: unknown, name: string) => {
      if (value === undefined) return undefined;
      if (value === "") throw refusal(`${name} in a scope has at least one character`);
      return readText(value, `${name} in a scope`, "ERR_SCOPE");
    };
    if (key !== undefined) {
      if (members.length > 1) throw refusal("a scope that names a key names nothing else");
      scopes.keys.push(text(key, "key") ?? "");
    } else {
      scopes.engine.push({ endpoint: text(endpoint, "endpoint"), user: readUser(userId), tag: text(tag, "tag") });
    }
    names.push(members.map(([name, value]) => `${name} ${String(value)}`).join(" and "));
  }
  scopes.name = names.join(", ");
  return scopes;
}

/**
 * Runs a change.
 *
 * @param given one scope or several
 * @returns what `run` comes to; its own errors are thrown unchanged, after what it touches was invalidated
 */
export async function mutation<T>(core: Core, given: MutationScope | readonly MutationScope[], run: () => T | Promise<T>): Promise<T> {
  if (typeof run !== "function") throw typeError(`a change is a function, not ${describe(run)}`);
  const scopes = readScopes(given);
  enter(core.hostStore);
  let removed = 0;
  const number = attempt(
    core,
    () => {
      const { hostStore } = core;
      for (const key of scopes.keys) removed += core.delete(key) ? 1 : 0;
      const began = core.beginScopes(scopes.engine, hostStore.writeNow());
      removed += hostStore.answer[COUNT] ?? 0;
      hostStore.observer?.mutation(scopes.name, "begin", removed, removed);
      hostStore.observer?.flush();
      return began;
    },
    () => -1,
  );
  const { tier } = core.hostStore;
  const tiered = guarded(() => tier?.beginScopes(given));
  try {
    return await run();
  } finally {
    // Other processes first: until the mutation ends here, no load that began meanwhile is stored here either.
    if (tiered !== undefined) await tiered.settle().catch(() => {});
    guarded(() => settle(core, number, scopes, removed));
  }
}

function settle(core: Core, number: number, { engine, keys, name }: Scopes, before: number) {
  attempt(
    core,
    () => {
      const { hostStore } = core;
      let count = core.settleScopes(number, engine, hostStore.writeNow());
      for (const key of keys) count += core.delete(key) ? 1 : 0;
      hostStore.observer?.mutation(name, "settle", count, count + before);
      hostStore.observer?.flush();
    },
    () => undefined,
  );
}
