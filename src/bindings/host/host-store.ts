/**
 * The hostStore: keys and values, by slot.
 *
 * The engine in WebAssembly decides over slot numbers; this module keeps what belongs to them, because a JavaScript
 * string is found fastest where it lives. The exports of the crate and the package's fast path share one hostStore per
 * cache. It must not decide anything: it finds, keeps and forgets as it is told.
 */

import { HostClock } from "./clock.js";
import { ANSWERS, REMOVAL_REASONS } from "./contract.js";
import { inContextOfNow } from "./contexts.js";
import { Observer } from "./observer.js";
import { Reasons } from "./reasons.js";
import { RequestMemo } from "./request-memo.js";
import { isReady } from "./isolation.js";
import { Met } from "./member-sizes.js";
import { estimateBytes } from "./size.js";
import { recipeOf } from "./snapshot.js";
import { ResponseMetadata } from "./response-metadata.js";
import { ownText, textBytes } from "./strings.js";
import { LoadsInFlight } from "./loads-in-flight.js";
import type { RuleFunctions, Settings } from "./options.js";
import { NO_POLICY, type Policy, type Profile } from "./profile.js";
import { TwoGenerationMap } from "./two-generation-map.js";
import { describe } from "./values.js";
import { Warnings } from "./warnings.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Endpoints whose profiles are remembered in each half of their memory. */
const PROFILES = 1_024;

/**
 * The engine keeps a row of 24 bytes for each slot: the moment at which its value was stored (a 64-bit float), its group (32
 * bits), and what is the engine's own business. Here are a row's length in an array of each width and the members' places; the
 * engine's own `Layout` does not compile with others.
 */
const FLOATS = 3;
const WORDS = 6;
const GROUP = 2;

/** What an entry takes here beside its key and its value: a place in the map and in each list. */
const ENTRY = 100;

export class HostStore {
  memory: WebAssembly.Memory;
  clock: HostClock;
  seed: number | undefined;
  /** What a person should know of: said once, by the logger or on the console. */
  warnings: Warnings;
  observer: Observer | undefined;
  /** Why requests and answers are not cached. */
  reasons: Reasons;
  sizeOf: ((value: unknown) => number) | undefined;
  met: Met;
  /** Lookups served by the fast path since the engine last heard of them. */
  hits: number;
  misses: number;
  /** Where the engine's columns lie: see `layoutChanged`. */
  layout: Uint32Array<ArrayBuffer>;
  /** Where texts are written for the engine to read, and it for the host. */
  text: Uint8Array<ArrayBuffer>;
  #answer: Float64Array<ArrayBuffer>;
  deadlines: Float64Array<ArrayBuffer>;
  popularity: Uint8Array<ArrayBuffer>;
  /** The engine's rows in two widths. */
  floats: Float64Array<ArrayBuffer>;
  words: Uint32Array<ArrayBuffer>;
  alive: Uint8Array<ArrayBuffer>;
  /** One number: how many invalidated groups wait for their release. While it is 0, every slot's group is alive. */
  waiting: Uint32Array<ArrayBuffer>;
  /** Loads under way, by number. */
  loads: LoadsInFlight;
  /** Where loads in the background run. */
  background: "inherit" | "detached" | ((run: () => unknown) => unknown) | undefined;
  /** Runs what is to run as if this cache had just been made; undefined where the host has no asynchronous contexts. */
  detached: ((run: () => unknown) => unknown) | undefined;
  /** A second tier behind this cache, where there is one. */
  tier: any;
  /** What of the options JavaScript reads, defaults filled in: `options.js` names them. */
  settings!: Settings;
  /** What holds for a key that is loaded and no request's. */
  keyPolicy: Policy;
  /** Functions of the user's that rules name by number. */
  functions: RuleFunctions;
  /** What holds for endpoints met lately. */
  profiles: TwoGenerationMap<string, Profile>;
  profilesVersion: number;
  disposed: boolean;
  requestMemo: RequestMemo;
  responseMetadata: ResponseMetadata;
  /** Values that loads brought so far. */
  loaded: number;
  slots!: Map<string, number>;
  keys!: (string | undefined)[];
  values!: any[];
  recipes!: Map<number, NonNullable<ReturnType<typeof recipeOf>>>;
  ends!: Map<number, number>;
  versions!: number[];

  /**
   * @param memory in which the engine's columns lie
   * @param seed of hashes and of the jitter; drawn at first need if there is none
   * @param countEndpoints whether lookups are counted by endpoint
   */
  constructor(memory: WebAssembly.Memory, clock: HostClock, seed: number | undefined, logger: any, onEvent: ((event: any) => void) | undefined, sizeOf: ((value: unknown) => number) | undefined, countEndpoints: boolean) {
    this.memory = memory;
    this.clock = clock;
    this.seed = seed;
    this.warnings = new Warnings(logger);
    const observed = logger !== undefined || onEvent !== undefined || countEndpoints;
    this.observer = observed ? new Observer(clock, logger, onEvent, countEndpoints, this.warnings) : undefined;
    this.reasons = new Reasons(this);
    this.sizeOf = sizeOf;
    this.met = new Met();
    this.hits = 0;
    this.misses = 0;
    this.layout = new Uint32Array(10);
    this.text = new Uint8Array(0);
    this.#answer = new Float64Array(0);
    this.deadlines = new Float64Array(0);
    this.popularity = new Uint8Array(0);
    this.floats = new Float64Array(0);
    this.words = new Uint32Array(0);
    this.alive = new Uint8Array(0);
    this.waiting = new Uint32Array(0);
    this.loads = new LoadsInFlight(observed);
    this.background = undefined;
    this.detached = inContextOfNow();
    this.tier = undefined;
    this.keyPolicy = NO_POLICY;
    this.functions = { taggers: [], finders: [] };
    this.profiles = new TwoGenerationMap(PROFILES);
    this.profilesVersion = -1;
    this.disposed = false;
    this.requestMemo = new RequestMemo();
    this.responseMetadata = new ResponseMetadata();
    this.loaded = 0;
    this.clear();
  }

  /** Forgets every key, value and group, and loads that nobody may join any more. */
  clear() {
    this.loads.clear();
    this.slots = new Map();
    this.keys = [];
    this.values = [];
    /** By slot, how a value that is not given out as it is, is made for a caller. */
    this.recipes = new Map();
    /** Until when the answer in a slot is fresh, where this process trusts it for less: a second tier's. */
    this.ends = new Map();
    /**
     * By slot, a number for the value that a load stored there, which no other value of any slot had: by it a value is known again
     * without being held. Below zero where a hit needs a decision of the slow path. As long as the highest slot that a load filled.
     */
    this.versions = [];
    this.requestMemo.clear();
  }

  /** Milliseconds for a lookup, see `HostClock`. */
  now() {
    return this.clock.now();
  }

  /** Milliseconds for what changes the cache. */
  writeNow() {
    return this.clock.writeNow();
  }

  /** Milliseconds for who measures. */
  exactNow() {
    return this.clock.exactNow();
  }

  /** How many readings were ignored. */
  clockErrors() {
    return this.clock.errors;
  }

  /** The clock's own reading when the time was last asked for: what people are told. */
  wall() {
    return this.clock.reading;
  }

  /**
   * What the engine keeps lies elsewhere now: by slot `deadline` (64-bit floats), `hits` (bytes) and rows, by group `alive`
   * (bytes), `waiting` (one 32-bit number); the number of slots and of groups; where a key is written, and how many bytes
   * there are.
   */
  layoutChanged(layout: Uint32Array) {
    this.layout = layout.slice();
    this.refreshViews();
  }

  /** Looks at the columns anew; growing memory detaches what looked at it before. */
  refreshViews() {
    const { buffer } = this.memory;
    const [deadline = 0, hits = 0, rows = 0, alive = 0, waiting = 0, slots = 0, groups = 0, text = 0, length = 0, answer = 0] = this.layout;
    this.deadlines = new Float64Array(buffer, deadline, slots);
    this.popularity = new Uint8Array(buffer, hits, slots);
    this.floats = new Float64Array(buffer, rows, slots * FLOATS);
    this.words = new Uint32Array(buffer, rows, slots * WORDS);
    this.alive = new Uint8Array(buffer, alive, groups);
    // It is there from the first group on.
    this.waiting = new Uint32Array(buffer, waiting, groups > 0 ? 1 : 0);
    this.text = new Uint8Array(buffer, text, length);
    this.#answer = new Float64Array(buffer, answer, length > 0 ? ANSWERS : 0);
  }

  /** Looks at the columns anew if memory has grown since. */
  refresh() {
    if (this.deadlines.buffer !== this.memory.buffer) this.refreshViews();
  }

  /** Bytes of a key and its value, as far as the user or a bounded walk can tell. */
  bytesOf(key: string, value: unknown) {
    const size = this.sizeOf === undefined ? undefined : this.askSize(key, value);
    return textBytes(key) + (size ?? ENTRY + estimateBytes(value, this.met));
  }

  /** What the user's `sizeOf` says; undefined where that is no size, and said once. */
  askSize(key: string, value: unknown) {
    let size;
    let error;
    try {
      size = (this.sizeOf as any)(value);
      // Infinity is a size, and too large.
      if (typeof size === "number" && size >= 0) return size;
    } catch (thrown) {
      error = thrown;
    }
    const what = error === undefined ? `gave ${describe(size)}` : "threw";
    this.warnings.once(key.split(":", 1)[0], "size", `sizeOf ${what}, where a number of bytes from 0 is expected; the cache's own estimate counts`, error);
    return undefined;
  }

  /** Whether a slot holds a fresh value of this key, which it was found under a moment ago. */
  isFreshFor(key: string, slot: number) {
    const now = this.now();
    // A clock that is not the host's own may have called the cache, and the slot may have changed hands.
    return this.isFreshAt(slot, now) && (this.clock.source !== undefined || this.keys[slot] === key);
  }

  /**
   * Whether a slot holds a fresh value, as the engine's columns have it. Columns that growing memory has detached read as
   * undefined and so as no: the slow path looks at them anew. Mostly no group waits for its release, and then the slot's
   * own need not be looked up.
   *
   * @param now read before the slot was found: a user's clock may call the cache, and the slot change hands
   */
  isFreshAt(slot: number, now: number) {
    return (this.deadlines[slot] ?? NaN) >= now && (this.waiting[0] === 0 || this.alive[this.words[slot * WORDS + GROUP] ?? -1] === 1);
  }

  /** Counts a hit on a slot. */
  countHit(slot: number) {
    this.hits += 1;
    const { popularity } = this;
    const hits = popularity[slot] ?? 3;
    if (hits < 3) popularity[slot] = hits + 1;
  }

  storedAt(slot: number) {
    return this.floats[slot * FLOATS] ?? 0;
  }

  /**
   * When the value in a slot was stored, and until when it is fresh.
   *
   * @returns milliseconds
   */
  times(slot: number): [number, number] {
    this.refresh();
    return [this.storedAt(slot), this.endOf(slot)];
  }

  /** @returns until when the answer in it is fresh, in milliseconds */
  endOf(slot: number): number {
    const end = this.ends.size > 0 ? this.ends.get(slot) : undefined;
    return end ?? this.deadlines[slot] ?? 0;
  }

  /** A seed: the user's, or one drawn once, not before it is needed. */
  drawSeed() {
    this.seed ??= Math.floor(Math.random() * 2 ** 32);
    return this.seed;
  }

  /** Lookups that the fast path served since the last call: hits, then misses. */
  takeCounts() {
    const counts = Float64Array.of(this.hits, this.misses);
    this.hits = 0;
    this.misses = 0;
    return counts;
  }

  /** The slot of a key, or -1. */
  find(key: string) {
    return this.slots.get(key) ?? -1;
  }

  /**
   * Writes a text where the engine reads it.
   *
   * @param at the byte to begin at
   * @returns how many bytes it takes; 0 where it does not fit
   */
  writeText(text: string, at = 0): number {
    // Memory that grew has left an empty array behind.
    if (this.text.length === 0) this.refreshViews();
    const { read, written } = encoder.encodeInto(text, at === 0 ? this.text : this.text.subarray(at));
    return read === text.length ? written : 0;
  }

  /** The first bytes of what the engine wrote there. */
  readText(length: number): string {
    if (this.text.length === 0) this.refreshViews();
    return decoder.decode(this.text.subarray(0, length));
  }

  /** Numbers that a call left besides what it returned: see `core.ts` for their places. */
  get answer(): Float64Array {
    if (this.#answer.length === 0) this.refreshViews();
    return this.#answer;
  }

  /**
   * Binds a key to a slot whose value is yet to come.
   *
   * @returns false where the map of keys takes no more
   */
  bind(slot: number, key: string): boolean {
    if (this.keys[slot] === key) return true;
    if (!this.enter(key, slot)) return false;
    this.keys[slot] = key;
    this.drop(slot);
    return true;
  }

  /** Notes down the slot of a key. A `Map` holds so many keys and no more: 2²⁴ in V8, which throws then. */
  enter(key: string, slot: number) {
    // The very string that came in: whoever asks with it again is answered without a look at its characters. One that was cut from
    // a longer text holds that; a copy would make every hit and every set slower by a third.
    try {
      this.slots.set(key, slot);
      return true;
    } catch {
      return false;
    }
  }

  /** Lets go of a slot's value. */
  drop(slot: number) {
    this.values[slot] = undefined;
    this.forgetLoaded(slot);
  }

  forgetLoaded(slot: number) {
    if (slot < this.versions.length) this.versions[slot] = 0;
    if (this.recipes.size > 0) this.recipes.delete(slot);
    if (this.ends.size > 0) this.ends.delete(slot);
  }

  /**
   * Keeps what a load brought.
   *
   * @returns false where the map of keys takes no more
   */
  put(slot: number, key: string, value: unknown): boolean {
    if (!this.putByHand(slot, key, value)) return false;
    const { versions } = this;
    while (versions.length < slot) versions.push(0);
    this.loaded += 1;
    versions[slot] = isReady(value, this.settings.isolation) ? this.loaded : -this.loaded;
    const recipe = recipeOf(value);
    if (recipe !== undefined) this.recipes.set(slot, recipe);
    return true;
  }

  /**
   * Keeps a value that a user set: the very object.
   *
   * @returns false where the map of keys takes no more; the engine then gives the slot back
   */
  putByHand(slot: number, key: string, value: unknown): boolean {
    const { keys, values } = this;
    if (slot === keys.length) {
      // Most new slots are the next one; arrays that only grow at their end stay packed.
      if (!this.enter(key, slot)) return false;
      keys[slot] = key;
    } else {
      const before = keys[slot];
      if (before !== key) {
        // Another key, evicted to make room for this one a moment ago: the engine leaves it to the host to see that.
        if (before !== undefined) this.slots.delete(before);
        if (!this.enter(key, slot)) return false;
        keys[slot] = key;
      }
      this.forgetLoaded(slot);
    }
    values[slot] = typeof value === "string" ? ownText(value) : value;
    return true;
  }

  /**
   * Whether whoever asks for a slot's value without options of its own may be given `value(slot)`. What a user set is that user's
   * own object, of which others get a copy.
   */
  isReady(slot: number) {
    if ((this.versions[slot] ?? 0) > 0) return true;
    const value = this.values[slot];
    return typeof value !== "object" || value === null;
  }

  /** Forgets a load that nobody may join any more. */
  loadDetached(loadId: number) {
    this.loads.end(loadId + this.loads.base);
  }

  /** The value in a slot as it is stored, for those who decide what a caller is given of it. */
  storedValue(slot: number) {
    return this.values[slot];
  }

  /** The value in a slot as a caller may have it. */
  value(slot: number) {
    const recipe = this.recipes.size > 0 ? this.recipes.get(slot) : undefined;
    if (recipe === undefined) return this.values[slot];
    try {
      return recipe.renew();
    } catch {
      // The user's `clone` does not copy it any more: as good as none.
      return undefined;
    }
  }

  key(slot: number) {
    return this.keys[slot] ?? "";
  }

  /**
   * Forgets the key and value of an emptied slot.
   *
   * @param reason index into `REMOVAL_REASONS`
   */
  forget(slot: number, reason: number) {
    const key = this.keys[slot];
    if (key === undefined) return;
    // A key that a load was to fill had no entry yet that could go.
    if (this.observer !== undefined && reason < 3 && this.values[slot] !== undefined) this.observer.removed(key, REMOVAL_REASONS[reason] ?? "deleted");
    this.keys[slot] = undefined;
    this.drop(slot);
    if (this.slots.get(key) === slot) this.slots.delete(key);
  }

  /**
   * The engine gave up a load: another one needed its place. Its handler may still run; nobody may join it any more.
   *
   * @param loadId the engine's number
   */
  loadTimedOut(loadId: number) {
    const key = this.loads.over(loadId + this.loads.base);
    if (key !== undefined) this.observer?.failed(key, new Error("the load took longer than maxWait, and another one needed its place"));
  }

  /** How many keys are held, those of loads under way included. */
  count() {
    return this.slots.size;
  }
}
