/**
 * Tokens: one token per scope in the shared store, which an invalidation replaces by one never used before.
 *
 * An entry carries the tokens that its scopes had before its load began, and is good while the store has the same. A
 * token is random and never comes back, so nothing is ever read, changed and written: the last writer wins, any two
 * differ, and a store that lost a token (eviction, restart) cannot make an old entry good again, as a counter that
 * starts at 1 anew would. What must not be cached or trusted meanwhile is known here too: scopes whose invalidation is
 * on its way, waits for the store, or belongs to a mutation under way.
 */

import type { CircuitBreaker } from "./circuit-breaker.js";
import type { Store } from "../types/tier.js";
import { ALL, ANY_TAG } from "./scopes.js";
import { spell } from "./text.js";

/** Scopes whose tokens are remembered; beyond that, memory starts anew. */
const REMEMBERED = 10_000;

/** Begins the token of a scope that a mutation has in hand: nothing under it is read from the store or written there. */
const IN_HAND = "~";

const encoder = new TextEncoder();

export type Looked = { tokens: Record<string, string>; at: number; inHand: boolean; values: (Uint8Array | undefined)[] };

interface Given {
  store: Store;
  guard: CircuitBreaker;
  namespace: string;
  epoch: () => string;
  freshness: number;
  scopeTtl: number;
  mutationTimeout: number;
  maxQueued: number;
  now: () => number;
  onChange: (scope: string) => void;
  counts: Record<string, number>;
}

export class ScopeTokens {
  store: Store;
  guard: CircuitBreaker;
  given: Given;
  made: number;
  known: Map<string, { token: string; at: number }>;
  /** Goes up whenever something was invalidated: what was asked before is not remembered. */
  marks: number;
  /** Invalidations on their way, and mutations under way. */
  held: Map<string, { count: number; until: number }>;
  /** Invalidations that wait for the store, with the number of their latest turn. */
  queue: Map<string, number>;
  turn: number;

  /**
   * @param given.epoch different for each process and start
   * @param given.freshness milliseconds for which a token read is taken for the current one
   * @param given.scopeTtl milliseconds that the store keeps a token
   * @param given.mutationTimeout milliseconds that a mutation may take
   * @param given.onChange a token differs from the one known before
   */
  constructor(given: Given) {
    this.store = given.store;
    this.guard = given.guard;
    this.given = given;
    this.made = 0;
    this.known = new Map();
    this.marks = 0;
    this.held = new Map();
    this.queue = new Map();
    this.turn = 0;
  }

  nameOf(scope: string) {
    return `${this.given.namespace}#${scope}`;
  }

  newToken() {
    this.made += 1;
    return `${this.given.epoch()}.${this.made.toString(36)}`;
  }

  /** Whether an invalidation of one of these scopes may not have reached the store yet. */
  isUnsettled(scopes: string[]) {
    if (this.queue.size === 0 && this.held.size === 0) return false;
    const now = this.given.now();
    return scopes.some((scope) => {
      if (scope === ANY_TAG) return false;
      if (this.queue.has(scope)) return true;
      const hold = this.held.get(scope);
      if (hold !== undefined && now > hold.until) this.held.delete(scope);
      return this.held.has(scope);
    });
  }

  /** Tokens that are known and young enough, or undefined where one is missing. */
  recall(scopes: string[]): Record<string, string> | undefined {
    const oldest = this.given.now() - this.given.freshness;
    const tokens: Record<string, string> = {};
    for (const scope of scopes) {
      const known = this.known.get(scope);
      if (known === undefined || !(known.at >= oldest)) return undefined;
      tokens[scope] = known.token;
    }
    return tokens;
  }

  /**
   * The current tokens of scopes, and further values of the store, in one call to it.
   *
   * @param how whether tokens read lately will do
   * @returns `at`: when the oldest of the tokens was asked for
   */
  async look(scopes: string[], keys: string[], how: "known" | "anew" = "known"): Promise<Looked> {
    const now = this.given.now();
    const oldest = how === "known" ? now - this.given.freshness : Infinity;
    const { marks } = this;
    const tokens: Record<string, string> = {};
    const missing = [];
    let at = now;
    for (const scope of scopes) {
      const known = this.known.get(scope);
      if (known !== undefined && known.at >= oldest) {
        tokens[scope] = known.token;
        at = Math.min(at, known.at);
      } else missing.push(scope);
    }
    const asked = keys.concat(missing.map((scope) => this.nameOf(scope)));
    const got = asked.length === 0 ? [] : await this.guard.run(() => getMany(this.store, asked));
    let inHand = false;
    const absent = [] as string[];
    for (let index = 0; index < missing.length; index += 1) {
      const scope = missing[index] ?? ALL;
      const bytes = got[keys.length + index];
      // Most keys were never invalidated by themselves; "no token" is theirs until one is.
      if (bytes !== undefined) tokens[scope] = spell(bytes);
      else if (scope.startsWith("k:")) tokens[scope] = "";
      else absent.push(scope);
    }
    if (absent.length > 0) await this.guard.run(() => Promise.all(absent.map(async (scope) => (tokens[scope] = await this.create(scope)))));
    for (const scope of missing) {
      const token = tokens[scope] ?? "";
      if (token.startsWith(IN_HAND)) inHand = true;
      if (marks === this.marks) this.remember(scope, token, now);
    }
    return { tokens, at, inHand, values: got.slice(0, keys.length) };
  }

  /** The token of a scope that has none. */
  async create(scope: string): Promise<string> {
    const token = this.newToken();
    const options = { ttlMs: this.given.scopeTtl };
    if (this.store.add === undefined) {
      await this.store.set(this.nameOf(scope), encoder.encode(token), options);
      return token;
    }
    if (await this.store.add(this.nameOf(scope), encoder.encode(token), options)) return token;
    const theirs = await this.store.get(this.nameOf(scope));
    return theirs === undefined || theirs === null ? token : spell(theirs);
  }

  remember(scope: string, token: string, at: number) {
    if (scope.startsWith("k:")) return;
    const before = this.known.get(scope);
    if (token.startsWith(IN_HAND)) this.known.delete(scope);
    else {
      if (this.known.size >= REMEMBERED) this.known.clear();
      this.known.set(scope, { token, at });
    }
    // A hint for this was lost or is late.
    if (before !== undefined && before.token !== token && scope !== ANY_TAG) this.given.onChange(scope);
  }

  drop(scopes: Iterable<string>) {
    this.marks += 1;
    for (const scope of scopes) this.known.delete(scope);
  }

  /**
   * Holds scopes: nothing of theirs is read from the store or written there by this process.
   *
   * @returns ends it
   */
  hold(scopes: string[]): () => void {
    const until = this.given.now() + this.given.mutationTimeout;
    for (const scope of scopes) {
      const hold = this.held.get(scope) ?? { count: 0, until };
      this.held.set(scope, { count: hold.count + 1, until: Math.max(hold.until, until) });
    }
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      for (const scope of scopes) {
        const hold = this.held.get(scope);
        if (hold === undefined) continue;
        hold.count -= 1;
        if (hold.count <= 0) this.held.delete(scope);
      }
    };
  }

  /**
   * Replaces the tokens of scopes. What the store does not take within the deadline waits for its return.
   *
   * @param how "in hand" while a mutation is under way: then nothing waits, its end follows
   * @returns whether the store has them
   */
  async replace(scopes: string[], how: "done" | "in hand" = "done"): Promise<boolean> {
    this.drop(scopes);
    const release = this.hold(scopes);
    try {
      await this.guard.run(() => this.write(scopes, how), "must try");
      this.given.counts.invalidations = (this.given.counts.invalidations ?? 0) + scopes.length;
      return true;
    } catch {
      if (how === "done") this.enqueue(scopes);
      return false;
    } finally {
      release();
      this.drop(scopes);
    }
  }

  async write(scopes: string[], how: "done" | "in hand") {
    const ttlMs = how === "done" ? this.given.scopeTtl : this.given.mutationTimeout;
    const put = (scope: string) => {
      const token = how === "done" ? this.newToken() : IN_HAND + this.newToken();
      return this.store.set(this.nameOf(scope), encoder.encode(token), { ttlMs });
    };
    // First "some tag", then the tag: whoever sees the new token of the tag sees that some tag went, too.
    if (scopes.includes(ANY_TAG)) await put(ANY_TAG);
    await Promise.all(scopes.filter((scope) => scope !== ANY_TAG).map(put));
  }

  enqueue(scopes: string[]) {
    this.turn += 1;
    for (const scope of scopes) this.queue.set(scope, this.turn);
    if (this.queue.size > this.given.maxQueued) {
      this.queue.clear();
      this.queue.set(ALL, this.turn);
      this.queue.set(ANY_TAG, this.turn);
    }
  }

  /**
   * Gives the store what waits for it.
   *
   * @returns what it took
   */
  async flush(): Promise<string[]> {
    const waiting = [...this.queue];
    if (waiting.length === 0) return [];
    const scopes = waiting.map(([scope]) => scope);
    try {
      await this.guard.run(() => this.write(scopes, "done"), "must try");
    } catch {
      return [];
    }
    for (const [scope, turn] of waiting) if (this.queue.get(scope) === turn) this.queue.delete(scope);
    this.drop(scopes);
    return scopes;
  }

  /** Reads the tokens of all scopes in use anew, and ends here what changed meanwhile. */
  async refresh() {
    const scopes = [...this.known.keys()];
    for (let from = 0; from < scopes.length; from += 500) await this.look(scopes.slice(from, from + 500), [], "anew");
  }
}

export async function getMany(store: Store, keys: string[]): Promise<(Uint8Array | undefined)[]> {
  const got = store.getMany === undefined ? await Promise.all(keys.map((key) => store.get(key))) : await store.getMany(keys);
  return keys.map((_, index) => asBytes(got[index]));
}

/** What a store gave, if that is bytes. */
export function asBytes(value: unknown): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined;
}
