/**
 * A second tier behind a cache: what one process loaded answers the others, and what one ends is ended for all.
 *
 * The cache asks `read` before it runs a handler and hands what the handler brought to `fill`; every invalidation reaches
 * `touch`, `forget`, `mutated` or `begin`. Nothing that goes wrong here reaches a caller: the handler runs instead.
 * The bound everything here stands on: what this process holds by itself was checked against the store, or loaded, less
 * than `l1Ttl` ago.
 */

import type { Call } from "../../../src/bindings/host/execute-plan.js";
import { refuse } from "../../../src/bindings/host/load-results.js";
import { handle, type Load, type Outcome, store, warnBehind } from "../../../src/bindings/host/loads.js";
import { areTooMany, joined } from "../../../src/bindings/host/tags.js";
import { ttlMs } from "../../../src/bindings/host/ttl.js";
import { quietly } from "../../../src/bindings/host/warnings.js";
import { keeperOf } from "../../../src/bindings/host/workers.js";
import type { Engine } from "../supervisor.js";
import type { MutationScope, SetOptions, Ttl } from "../types/index.js";
import type { TierEvent, TierStats } from "../types/tier.js";
import { L2Entries, type Seen } from "./l2-entries.js";
import { ScopeTokens } from "./scope-tokens.js";
import { CircuitBreaker } from "./circuit-breaker.js";
import { InvalidationBus } from "./invalidation-bus.js";
import type { Options } from "./options.js";
import { Recovery } from "./recovery.js";
import { endLocally, scopeOfPrefix, scopeOfTag, scopesOfKey, scopesOfPattern } from "./scopes.js";

const noop = () => {};

/** Milliseconds that an answer past its time is served from memory while another is on its way. */
const STOPGAP = 1_000;

/** A load's value that was not stored for one of these reasons may be stored for others all the same. */
const OTHERS_MAY = new Set([undefined, "too-late", "too-large", "out-of-memory"]);

type TierLoad = Load & { seen: Seen };

type TierCall = Pick<Call, "run" | "read" | "waitUntil" | "execution" | "identify" | "background">;

/** What the store had for a load. */
type Brought = {
  value: unknown;
  data: undefined;
  storable: boolean;
  /** whether it answers; otherwise it may stand in for a handler that fails */
  serve?: true;
  /** milliseconds */
  ttl?: number;
  from?: "hit" | "stale";
};

export class Tier {
  core: Engine;
  options: Options;
  counts: Record<string, number>;
  closed: boolean;
  /** Work in the background. */
  work: Set<Promise<unknown>>;
  /** Keys whose answers are being replaced behind one past its time, and since when. */
  replacing: Map<string, number>;
  now: () => number;
  wall: () => number;
  refreshing: Promise<void> | undefined;
  tell: (type: TierEvent["type"], fields?: object) => void;
  guard: CircuitBreaker;
  generations: ScopeTokens;
  entries: L2Entries;
  recovery: Recovery;
  hints: InvalidationBus | undefined;

  constructor(core: Engine, options: Options) {
    this.core = core;
    this.options = options;
    this.counts = {};
    this.closed = false;
    this.work = new Set();
    this.replacing = new Map();
    let drawn = "";
    const epoch = () => (drawn ||= crypto.randomUUID());
    // Waiting and trust are lengths of time; what a frame says, and what people are told, is what the clock reads.
    const now = () => core.hostStore.exactNow();
    const wall = () => core.hostStore.clock.wallNow();
    const { bus, namespace, node, onEvent } = options;
    const { counts } = this;
    this.now = now;
    this.wall = wall;
    this.refreshing = undefined;
    this.tell = (type, fields) => {
      quietly(() => onEvent?.({ type, at: wall(), ...fields } as TierEvent));
    };
    this.guard = new CircuitBreaker({
      ...options,
      now,
      counts,
      onReturn: (outage) => this.recovery.returned(outage),
      onState: (state) => this.tell(state === "open" ? "storeAway" : "storeBack"),
    });
    this.generations = new ScopeTokens({ ...options, guard: this.guard, epoch, now, counts, onChange: (scope) => endLocally(core, scope) });
    this.entries = new L2Entries({ ...options, guard: this.guard, generations: this.generations, now, wall, counts, tell: this.tell });
    this.recovery = new Recovery({
      ...options,
      guard: this.guard,
      generations: this.generations,
      now,
      wall,
      counts,
      onFlushed: (scopes: string[]) => void this.hints?.tell(scopes),
      onBack: () => void this.refresh(),
      onDistrust: (until: number) => {
        this.entries.distrustUntil = until;
      },
      tell: this.tell,
    });
    this.hints =
      bus &&
      new InvalidationBus({
        bus,
        namespace,
        node,
        epoch,
        counts,
        onScopes: (scopes) => this.heard(scopes),
        onGap: () => void this.refresh(),
      });
    void this.hints?.start();
  }

  // -- loads -----------------------------------------------------------------------------------------------------

  /**
   * What the store has for a load that is about to run its handler.
   *
   * @returns with `serve` where it answers; without it where it may stand in for a handler that fails
   */
  async read(load: TierLoad, call: TierCall): Promise<Brought | undefined> {
    load.seen = { at: this.now(), tokens: undefined, scopes: [], identity: "", lease: undefined };
    try {
      return await this.ask(load, call);
    } catch {
      return undefined;
    }
  }

  async ask(load: TierLoad, call: TierCall): Promise<Brought | undefined> {
    const { plan, seen } = load;
    seen.scopes = scopesOfKey(plan.key);
    for (const tag of plan.tags) seen.scopes.push(scopeOfTag(tag));
    if (!this.entries.takes(plan.key) || this.generations.isUnsettled(seen.scopes)) {
      this.count("unsettled");
      return undefined;
    }
    if (this.recovery.isUnsure()) await this.recovery.makeSure();
    seen.identity = call.identify?.() ?? "";
    let found = await this.entries.find(load);
    if (found === undefined && this.options.lease > 0 && seen.tokens !== undefined) found = await this.awaitNeighbour(load);
    if (found === undefined) {
      this.count("misses");
      return undefined;
    }
    const late = this.wall() - found.expiresAt;
    if (found.tags.length > 0) load.tags = joined(load.tags, found.tags);
    const brought = { value: found.value, data: undefined, storable: true };
    if (!(late > 0)) {
      this.count("hits");
      // Whatever the clock read where it was written, it lives no longer than it was given.
      return { ...brought, serve: true, ttl: Math.max(1, Math.min(found.ttl, -late)), from: "hit" };
    }
    if (late <= plan.staleWhileRevalidate) {
      this.count("staleHits");
      this.replaceBehind(load, call);
      return { ...brought, serve: true, ttl: STOPGAP, from: "stale" };
    }
    this.count("misses");
    return late <= plan.staleIfError ? brought : undefined;
  }

  /** Another process may have the same load under way: waits for what it brings, for a while. */
  async awaitNeighbour(load: TierLoad) {
    const { lease, timers } = this.options;
    const release = await this.entries.claim(load.plan.key);
    if (release !== undefined) {
      load.seen.lease = release;
      load.promise.catch(release);
      return undefined;
    }
    const end = this.now() + lease;
    for (let pause = 10; this.now() < end && load.ended === undefined; pause = Math.min(100, pause * 2)) {
      await new Promise((resolve) => timers.setTimeout(() => resolve(undefined), pause));
      if (this.closed || this.generations.isUnsettled(load.seen.scopes)) break;
      const found = await this.entries.find(load);
      if (found !== undefined && found.expiresAt >= this.wall()) {
        this.count("neighbours");
        return found;
      }
    }
    return undefined;
  }

  /** Runs the handler behind an answer that is past its time; what it brings goes to the store. */
  replaceBehind(load: TierLoad, call: TierCall) {
    const { key } = load.plan;
    const now = this.now();
    const oldest = now - this.core.hostStore.settings.maxWait;
    // One that takes longer than a load may take hangs.
    for (const [other, since] of this.replacing) {
      if (since >= oldest) break;
      this.replacing.delete(other);
    }
    if (this.replacing.has(key)) return;
    this.replacing.set(key, now);
    const own = { ...load, storable: true, ttl: undefined, background: true };
    const work = (async () => {
      const { value, data, storable } = call.read(await handle(own, call));
      const negative = data === null && own.plan.negativeTtl >= 0 ? own.plan.negativeTtl : own.plan.ttl;
      const ttl = own.ttl ?? negative;
      if (storable && own.storable && ttl > 0 && !areTooMany(own.tags)) await this.entries.put(own, value, ttl);
    })();
    const warn = (error: unknown) => warnBehind(this.core, key, error);
    this.track(
      work.catch(warn).finally(() => this.replacing.get(key) === now && this.replacing.delete(key)),
      keeperOf(call),
    );
  }

  /**
   * Stores what a load brought: in memory for as long as this process may trust it, in the store for its whole life.
   *
   * @returns why it is not in memory
   */
  fill(load: TierLoad, outcome: Outcome, call: TierCall): string | undefined {
    const { core } = this;
    const { plan, seen } = load;
    const lives = this.within(outcome.ttl, seen?.at ?? -Infinity);
    // What is past its time is the store's to know: here it would outlive what this process can trust.
    const late = () => {
      refuse(core, plan.loadId, plan.key, "too-late");
      return "too-late";
    };
    const reason = lives >= 1 ? store(core, load, outcome.value, lives, 0) : late();
    // Memory asks the store again before the answer's time is over, which is nothing that a caller wants to know.
    if (reason === undefined && outcome.ttl > lives) core.hostStore.ends.set(core.hostStore.find(plan.key), this.now() + outcome.ttl);
    if (outcome.from === undefined && seen !== undefined) {
      const release = seen.lease ?? noop;
      if (OTHERS_MAY.has(reason))
        this.track(this.entries.put(load, outcome.value, outcome.ttl).catch(noop).finally(release), keeperOf(call));
      else release();
    }
    return reason;
  }

  /**
   * Milliseconds that memory may hold what was true at a time.
   *
   * @param ttl milliseconds
   */
  within(ttl: number, at: number) {
    return Math.min(ttl, at + this.options.trust - this.now());
  }

  // -- values set by hand ----------------------------------------------------------------------------------------

  set(key: string, value: unknown, options: Ttl | SetOptions | undefined) {
    const { core } = this;
    core.check(key, value, options);
    const own = typeof options === "object" && options !== null ? options : { ttl: options };
    const ttl = own.ttl === undefined ? core.hostStore.settings.defaultTtl : ttlMs(own.ttl);
    const now = this.now();
    const lives = Math.max(1, Math.floor(this.within(ttl, now)));
    const stored = core.set(key, value, { ...own, ttl: `${lives}ms`, staleWhileRevalidate: 0, staleIfError: 0 });
    if (stored && ttl > lives) core.hostStore.ends.set(core.hostStore.find(key), now + ttl);
    const many = areTooMany(own.tags ?? []);
    const tags = many ? [] : (own.tags ?? []);
    const scopes = [...scopesOfKey(key), ...tags.map(scopeOfTag)];
    const shared = scopes.filter((scope) => !scope.startsWith("k:"));
    // Only tokens read before now are good for this value; without them the store gets none, nor one that has too many tags.
    const tokens = !many && this.entries.takes(key) && !this.generations.isUnsettled(shared) ? this.generations.recall(shared) : undefined;
    this.track(this.setByHand(key, value, { ttl, tags, tokens, shared }));
    return stored;
  }

  async setByHand(
    key: string,
    value: unknown,
    { ttl, tags, tokens, shared }: { ttl: number; tags: readonly string[]; tokens: Record<string, string> | undefined; shared: string[] },
  ) {
    const scope = `k:${key}`;
    // Loads of this key under way anywhere bring something older.
    const token = await this.entries.replaceOne(scope);
    if (token !== undefined && tokens !== undefined) {
      await this.entries.putFrame(key, value, ttl, { tokens: { ...tokens, [scope]: token }, tags, identity: "" });
    } else if (token !== undefined) await this.generations.look(shared, []).catch(noop);
    await this.announce([scope], token !== undefined);
  }

  forget(key: string) {
    this.mutate([`k:${key}`]);
  }

  // -- invalidations ---------------------------------------------------------------------------------------------

  /** @param pattern of `invalidate` */
  touch(pattern: unknown) {
    this.mutate(scopesOfPattern(pattern));
  }

  /** @param prefixes of endpoints */
  mutated(prefixes: string[]) {
    this.mutate([...new Set(prefixes.map(scopeOfPrefix))]);
  }

  mutate(scopes: string[]) {
    if (!this.closed && scopes.length > 0) this.track(this.end(scopes));
  }

  /** Ends scopes for every process: in the store first, then by a hint. */
  async end(scopes: string[]) {
    await this.announce(scopes, await this.generations.replace(scopes));
  }

  /** @param done whether the store has it */
  async announce(scopes: string[], done: boolean) {
    if (!done) {
      this.count("queued");
      this.tell("queued", { scopes });
      this.recovery.expectReturn();
    }
    // Nobody waits for a hint: the store has the truth, or will have it.
    void this.hints?.tell(scopes);
  }

  /** Begins a mutation of endpoints. */
  begin(prefixes: string[]): { settle: () => Promise<void> } {
    return this.beginMarks([...new Set(prefixes.map(scopeOfPrefix))]);
  }

  /** Begins a mutation of scopes as `cache.mutation` takes them: each is ended by the narrowest mark that surely covers it. */
  beginScopes(given: MutationScope | readonly MutationScope[]): { settle: () => Promise<void> } {
    const marks = (Array.isArray(given) ? given : [given]).flatMap((scope) =>
      scope.key === undefined ? scopesOfPattern(scope) : [`k:${scope.key}`],
    );
    return this.beginMarks([...new Set(marks)]);
  }

  beginMarks(scopes: string[]): { settle: () => Promise<void> } {
    if (scopes.length === 0) return { settle: async () => {} };
    const release = this.generations.hold(scopes);
    const begun = this.generations.replace(scopes, "in hand").then(() => void this.hints?.tell(scopes), noop);
    return {
      settle: async () => {
        await begun;
        const work = this.end(scopes).catch(noop);
        this.track(work);
        await work;
        release();
      },
    };
  }

  /** What another process said. */
  heard(scopes: string[]) {
    if (this.closed) return;
    this.generations.drop(scopes);
    for (const scope of scopes) endLocally(this.core, scope);
  }

  // -- life ------------------------------------------------------------------------------------------------------

  /** Asks the store what changed; where it does not answer, everything is asked anew when needed. */
  async refresh() {
    if (this.closed) return;
    this.count("refreshes");
    if (this.refreshing !== undefined) return this.refreshing;
    const sure = this.recovery.isUnsure() ? this.recovery.makeSure() : Promise.resolve();
    this.refreshing = sure
      .then(() => this.generations.refresh())
      .catch(() => this.generations.drop([...this.generations.known.keys()]))
      .finally(() => {
        this.refreshing = undefined;
      });
    return this.refreshing;
  }

  track(work: Promise<unknown>, waitUntil?: ((work: Promise<unknown>) => void) | undefined) {
    const quiet = work.then(noop, noop).finally(() => this.work.delete(quiet));
    this.work.add(quiet);
    try {
      waitUntil?.(quiet);
    } catch {
      // The work goes on all the same.
    }
  }

  /** When everything begun so far is in the store, or waits for its return. */
  async settled() {
    await Promise.all(this.work);
  }

  stats(): TierStats {
    const { counts } = this;
    const zero = Object.fromEntries(COUNTERS.map((name) => [name, 0]));
    return {
      ...zero,
      ...counts,
      circuit: this.guard.state,
      waiting: this.generations.queue.size,
      distrusting: this.recovery.isDistrustful(),
    } as TierStats;
  }

  async close() {
    if (this.closed) return;
    this.closed = true;
    if (this.core.hostStore.tier === this) this.core.hostStore.tier = undefined;
    this.recovery.close();
    await this.settled();
    await this.hints?.close();
  }

  count(counter: string) {
    this.counts[counter] = (this.counts[counter] ?? 0) + 1;
  }
}

const COUNTERS = [
  "hits",
  "staleHits",
  "misses",
  "neighbours",
  "invalid",
  "foreign",
  "outdated",
  "corrupt",
  "writes",
  "unencodable",
  "tooLarge",
  "unsettled",
  "distrusted",
  "invalidations",
  "queued",
  "flushed",
  "timeouts",
  "errors",
  "skipped",
  "opened",
  "renewed",
  "hintsSent",
  "hintsReceived",
  "foreignHints",
  "gaps",
  "refreshes",
  "busErrors",
];
