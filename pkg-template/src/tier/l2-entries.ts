/**
 * Entries in the store: finding one that is still good, and putting one there.
 *
 * An entry is good when every scope it names has the token that its frame carries, its key and request are the ones asked
 * for, and its bytes are whole. Everything else is a miss, and counted.
 */

import type { ScopeTokens } from "./scope-tokens.js";
import type { CircuitBreaker } from "./circuit-breaker.js";
import type { Frame } from "./frame.js";
import * as codecs from "./codec.js";
import { asBytes } from "./scope-tokens.js";
import { decodeFrame, encodeFrame, seal } from "./frame.js";
import type { Load } from "../../../src/bindings/host/loads.js";
import type { Store } from "../types/tier.js";
import type { Shared } from "./options.js";
import { ANY_TAG } from "./scopes.js";

const encoder = new TextEncoder();

interface Given extends Shared {
  guard: CircuitBreaker;
  generations: ScopeTokens;
}

/** What the tier knew of the store when a load began. */
export interface Seen {
  /** when the oldest of the tokens was asked for */
  at: number;
  /** of the scopes; undefined where what the load brings must not be stored for others */
  tokens: Record<string, string> | undefined;
  scopes: string[];
  /** the whole digest of the request, or "" */
  identity: string;
  /** releases the claim on the load, where this process has one */
  lease: (() => void) | undefined;
}

/** What is asked of a load here. */
type Sought = Pick<Load, "plan" | "tags"> & { seen: Seen };

export class L2Entries {
  given: Given;
  store: Store;
  generations: ScopeTokens;
  guard: CircuitBreaker;
  /** Milliseconds: until then nothing of the store is served, see `Recovery`. */
  distrustUntil: number;

  constructor(given: Given) {
    this.given = given;
    this.store = given.store;
    this.generations = given.generations;
    this.guard = given.guard;
    this.distrustUntil = -Infinity;
  }

  nameOf(key: string) {
    const { namespace } = this.given;
    return namespace === "" ? key : `${namespace}:${key}`;
  }

  /** Whether a key has a place in the store: without a namespace, one must not look like what the tier keeps for itself. */
  takes(key: string) {
    return this.given.namespace !== "" || !/^[#@!]/.test(key);
  }

  namesOf(key: string) {
    const name = this.nameOf(key);
    return this.given.format === "json" ? [name, `${this.given.namespace}@${key}`] : [name];
  }

  /** A good entry for a load, and in `load.seen` what the load needs to put one there itself. */
  async find(load: Sought) {
    const { plan, seen } = load;
    const { tokens, at, inHand, values } = await this.generations.look(seen.scopes, this.namesOf(plan.key));
    seen.at = at;
    seen.tokens = inHand ? undefined : tokens;
    if (inHand) return undefined;
    const read = this.readFrame(values, plan.key, seen.identity);
    if (read === undefined) return undefined;
    const { frame, value } = read;
    if (!(await this.isGood(frame, seen, tokens))) {
      this.count("invalid");
      return undefined;
    }
    if (this.given.now() < this.distrustUntil) {
      this.count("distrusted");
      return undefined;
    }
    const { storedAt, expiresAt, tags } = frame;
    return { value, expiresAt, ttl: expiresAt - storedAt, tags };
  }

  readFrame([first, second]: (Uint8Array | undefined)[], key: string, identity: string) {
    const plain = this.given.format === "json";
    const decoded = decodeFrame(plain ? second : first);
    if (typeof decoded === "string") {
      if (decoded !== "absent") this.fault(decoded, key);
      return undefined;
    }
    const { frame, codec, value } = decoded;
    if (frame.key !== key || (frame.identity !== identity && frame.identity !== "" && identity !== "")) return this.fault("foreign", key);
    const own = [this.given.codec, codecs.json, codecs.bytes].find(({ id }) => id === codec);
    if (own === undefined) return this.fault("foreign", key);
    try {
      if (!plain) return { frame, value: own.decode(value) };
      if (first === undefined || !same(seal(first), value)) return this.fault("corrupt", key);
      return { frame, value: own.decode(first) };
    } catch {
      return this.fault("corrupt", key);
    }
  }

  async isGood(frame: Frame, seen: Seen, tokens: Record<string, string>) {
    const own = Object.keys(frame.tokens);
    if (!seen.scopes.every((scope) => scope === ANY_TAG || own.includes(scope))) return false;
    // Tags that the load itself added are known only now.
    const further = own.filter((scope) => tokens[scope] === undefined);
    let all = tokens;
    if (further.length > 0) {
      if (this.generations.isUnsettled(further)) return false;
      const looked = await this.generations.look(further, []);
      if (looked.inHand) return false;
      seen.at = Math.min(seen.at, looked.at);
      all = { ...tokens, ...looked.tokens };
    }
    return own.every((scope) => scope === ANY_TAG || frame.tokens[scope] === all[scope]);
  }

  /**
   * Puts what a load brought under the tokens from before the load.
   *
   * @param ttl milliseconds
   */
  async put(load: Sought, value: unknown, ttl: number) {
    const { plan, seen, tags } = load;
    const { identity } = seen;
    const { tokens: known } = seen;
    if (known === undefined) return;
    let tokens = known;
    const window = Math.max(plan.staleWhileRevalidate, plan.staleIfError);
    const bytes = this.encode(value);
    if (bytes === undefined) return;
    const added = tags.map((tag) => `t:${tag}`).filter((scope) => known[scope] === undefined);
    if (added.length > 0) {
      const late = await this.tokensOfAdded(added, tokens);
      if (late === undefined) return;
      tokens = { ...tokens, ...late };
    }
    await this.write(plan.key, bytes, ttl, window, { tokens, tags, identity });
  }

  /**
   * Tokens of tags that a load added: good for it where no tag at all went since it began. First the tags, then "some
   * tag": an invalidation writes them the other way round.
   */
  async tokensOfAdded(scopes: string[], tokens: Record<string, string>) {
    const added = await this.generations.look(scopes, [], "anew");
    const some = await this.generations.look([ANY_TAG], [], "anew");
    return added.inHand || some.tokens[ANY_TAG] !== tokens[ANY_TAG] ? undefined : added.tokens;
  }

  /** @param ttl milliseconds */
  async putFrame(
    key: string,
    value: unknown,
    ttl: number,
    head: { tokens: Record<string, string>; tags: readonly string[]; identity: string },
  ) {
    const bytes = this.encode(value);
    if (bytes !== undefined) await this.write(key, bytes, ttl, 0, head);
  }

  /** @param window milliseconds past its time that it may still be of use */
  async write(
    key: string,
    { codec, bytes }: { codec: number; bytes: Uint8Array },
    ttl: number,
    window: number,
    { tokens, tags, identity }: { tokens: Record<string, string>; tags: readonly string[]; identity: string },
  ) {
    const storedAt = this.given.wall();
    const { [ANY_TAG]: _, ...own } = tokens;
    const frame = { key, identity, storedAt, expiresAt: storedAt + ttl, tokens: own, tags };
    // An entry never outlives the tokens that could end it.
    const options = { ttlMs: Math.min(Math.ceil(ttl + window), this.given.scopeTtl) };
    const [name = "", head] = this.namesOf(key);
    await this.guard.run(async () => {
      if (head === undefined) return this.store.set(name, encodeFrame(frame, codec, bytes), options);
      await this.store.set(name, bytes, options);
      await this.store.set(head, encodeFrame(frame, codec, seal(bytes)), options);
    });
    this.count("writes");
  }

  encode(value: unknown): { codec: number; bytes: Uint8Array } | undefined {
    const own = this.given.codec;
    const codec = value instanceof Uint8Array && own === codecs.json ? codecs.bytes : own;
    let bytes: Uint8Array | undefined;
    try {
      bytes = asBytes(codec.encode(value));
    } catch {
      bytes = undefined;
    }
    if (bytes === undefined) this.count("unencodable");
    else if (bytes.length > this.given.maxBytes) this.count("tooLarge");
    else return { codec: codec.id, bytes };
    return undefined;
  }

  /**
   * A new token for the scope of one key, which is good for a value set by hand just now.
   *
   * @returns undefined where the store did not take it: then it waits for its return
   */
  async replaceOne(scope: string): Promise<string | undefined> {
    const token = this.generations.newToken();
    const release = this.generations.hold([scope]);
    try {
      const options = { ttlMs: this.given.scopeTtl };
      await this.guard.run(() => this.store.set(this.generations.nameOf(scope), encoder.encode(token), options), "must try");
      return token;
    } catch {
      this.generations.enqueue([scope]);
      return undefined;
    } finally {
      release();
    }
  }

  /**
   * Claims a load for this process.
   *
   * @returns releases it; undefined where another process has it
   */
  async claim(key: string): Promise<(() => void) | undefined> {
    const name = `${this.given.namespace}!${key}`;
    const { store } = this;
    if (store.add === undefined) return () => {};
    const options = { ttlMs: this.given.lease };
    if (!(await this.guard.run(() => store.add?.(name, encoder.encode("1"), options)))) return undefined;
    return () => void this.guard.run(() => this.store.delete([name])).catch(() => {});
  }

  fault(fault: string, key: string): undefined {
    this.count(fault);
    this.given.tell("badFrame", { fault, key });
    return undefined;
  }

  count(counter: string) {
    const { counts } = this.given;
    counts[counter] = (counts[counter] ?? 0) + 1;
  }
}

function same(one: Uint8Array, other: Uint8Array) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
