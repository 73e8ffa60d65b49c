/**
 * What happens when a store was away and comes back.
 *
 * Invalidations that waited are handed over, tried anew after each pause. Other processes may still have some waiting:
 * after an outage nothing of the store is served until they had the time to hand theirs over. A store that was started
 * anew may have come back with an older state: then everything in it is ended once. The only timer here runs while
 * something waits.
 */

import type { ScopeTokens } from "./scope-tokens.js";
import type { Store } from "../types/tier.js";
import type { CircuitBreaker } from "./circuit-breaker.js";
import type { Shared } from "./options.js";
import { ALL, ANY_TAG } from "./scopes.js";
import { spell } from "./text.js";
import { unref } from "./timers.js";

const encoder = new TextEncoder();

interface Given extends Shared {
  guard: CircuitBreaker;
  generations: ScopeTokens;
  onFlushed: (scopes: string[]) => void;
  onBack: () => void;
  onDistrust: (until: number) => void;
}

export class Recovery {
  given: Given;
  store: Store;
  generations: ScopeTokens;
  timer: unknown;
  /** Whether the store may be another than before. */
  unsure: boolean;
  distrustUntil: number;
  closed: boolean;
  sure: Promise<void> | undefined;

  constructor(given: Given) {
    this.given = given;
    this.store = given.store;
    this.generations = given.generations;
    this.timer = undefined;
    this.unsure = typeof this.store.incarnation === "function";
    this.distrustUntil = -Infinity;
    this.closed = false;
    this.sure = undefined;
    this.store.onReconnect?.(() => {
      this.unsure = typeof this.store.incarnation === "function";
      given.onBack();
    });
  }

  isUnsure() {
    return this.unsure || this.sure !== undefined;
  }

  isDistrustful() {
    return this.given.now() < this.distrustUntil;
  }

  /** @param outage milliseconds */
  returned(outage: number) {
    if (this.closed) return;
    this.unsure = typeof this.store.incarnation === "function";
    // A short one is within what `l1Ttl` leaves for others to be late.
    if (outage > this.given.longestPause) {
      this.distrustUntil = this.given.now() + 2 * this.given.longestPause;
      this.given.onDistrust(this.distrustUntil);
    }
    if (this.generations.queue.size > 0) this.expectReturn(0);
    this.given.onBack();
  }

  /**
   * Tries to hand over what waits, after a pause.
   *
   * @param pause milliseconds
   */
  expectReturn(pause: number = 25) {
    if (this.closed || (this.timer !== undefined && pause > 0)) return;
    const { timers, longestPause } = this.given;
    if (this.timer !== undefined) timers.clearTimeout(this.timer);
    this.timer = timers.setTimeout(async () => {
      this.timer = undefined;
      const flushed = await this.generations.flush();
      if (flushed.length > 0) {
        this.given.counts.flushed = (this.given.counts.flushed ?? 0) + flushed.length;
        this.given.tell("flushed", { scopes: flushed });
        this.given.onFlushed(flushed);
      }
      if (this.generations.queue.size > 0) this.expectReturn(Math.min(longestPause, Math.max(25, pause * 2)));
    }, pause);
    // What waits must not keep a process alive by itself.
    unref(this.timer);
  }

  /** Finds out whether the store is the one it was; ends everything in it, once for all processes, where it is not. */
  makeSure() {
    this.sure ??= this.compare().finally(() => {
      this.sure = undefined;
    });
    return this.sure;
  }

  async compare() {
    const { guard, namespace } = this.given;
    this.unsure = false;
    try {
      const name = `${namespace}#run`;
      const [now, before] = await guard.run(() => Promise.all([this.store.incarnation?.(), this.store.get(name)]));
      if (now === undefined || (before !== undefined && before !== null && spell(before) === now)) return;
      await guard.run(() => this.generations.write([ALL, ANY_TAG], "done"));
      await guard.run(() => this.store.set(name, encoder.encode(now), {}));
      this.generations.drop([...this.generations.known.keys()]);
      this.given.counts.renewed = (this.given.counts.renewed ?? 0) + 1;
      this.given.tell("storeRenewed", { incarnation: now });
    } catch (error) {
      this.unsure = true;
      throw error;
    }
  }

  close() {
    this.closed = true;
    if (this.timer !== undefined) this.given.timers.clearTimeout(this.timer);
  }
}
