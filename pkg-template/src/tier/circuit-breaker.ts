/**
 * The guard before a store: how long anybody waits for it, and when it is not asked at all.
 *
 * Three failures in a row open the circuit; then one call is let through after each back-off, which doubles up to a
 * limit. Calls that must not be lost (invalidations) are always tried. This module knows promises and times, and nothing
 * of what is stored.
 */

import type { TieredOptions } from "../types/tier.js";

/** Failures in a row that open the circuit: one may be chance. */
const PATIENCE = 3;

/** Milliseconds of the first back-off. */
const FIRST_PAUSE = 50;

/** Why a call was not made or not waited for. */
export class StoreAway extends Error {
  override name: string;

  constructor(reason: string) {
    super(`the store is away: ${reason}`);
    this.name = "StoreAway";
  }
}

type Timers = NonNullable<TieredOptions["timers"]>;

interface Given {
  deadline: number;
  longestPause: number;
  timers: Timers;
  now: () => number;
  onReturn: (outage: number) => void;
  onState: (state: "open" | "closed") => void;
  counts: Record<string, number>;
}

export class CircuitBreaker {
  deadline: number;
  longestPause: number;
  timers: Timers;
  now: () => number;
  onReturn: (outage: number) => void;
  onState: (state: "open" | "closed") => void;
  counts: Record<string, number>;
  state: "closed" | "open";
  failures: number;
  /** When the first of the failures in a row was seen. */
  failingSince: number;
  pause: number;
  nextTry: number;

  /**
   * @param given.deadline milliseconds that anybody waits for one call
   * @param given.longestPause milliseconds
   * @param given.onReturn after the first success that follows a failure
   */
  constructor({ deadline, longestPause, timers, now, onReturn, onState, counts }: Given) {
    this.deadline = deadline;
    this.longestPause = longestPause;
    this.timers = timers;
    this.now = now;
    this.onReturn = onReturn;
    this.onState = onState;
    this.counts = counts;
    this.state = "closed";
    this.failures = 0;
    this.failingSince = NaN;
    this.pause = FIRST_PAUSE;
    this.nextTry = -Infinity;
  }

  /** Whether a call would be made now. */
  isClosed() {
    return this.state === "closed" || this.now() >= this.nextTry;
  }

  async run<T>(call: () => Promise<T> | T, urgency: "may wait" | "must try" = "may wait"): Promise<T> {
    const began = this.now();
    if (this.state === "open" && urgency === "may wait") {
      if (began < this.nextTry) {
        this.bump("skipped");
        throw new StoreAway("its circuit is open");
      }
      this.nextTry = began + this.pause;
    }
    try {
      const result = await this.within(call);
      this.succeeded();
      return result;
    } catch (error) {
      this.failed(error, began);
      throw error;
    }
  }

  within<T>(call: () => Promise<T> | T): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = this.timers.setTimeout(() => reject(new StoreAway("it took too long")), this.deadline);
      const clear = () => this.timers.clearTimeout(timer);
      const done = (result: T) => {
        clear();
        resolve(result);
      };
      const failed = (error: unknown) => {
        clear();
        reject(error);
      };
      try {
        Promise.resolve(call()).then(done, failed);
      } catch (error) {
        failed(error);
      }
    });
  }

  succeeded() {
    if (this.failures === 0) return;
    const outage = this.now() - this.failingSince;
    this.failures = 0;
    this.failingSince = NaN;
    this.pause = FIRST_PAUSE;
    if (this.state === "open") {
      this.state = "closed";
      this.onState("closed");
    }
    this.onReturn(outage);
  }

  failed(error: unknown, began: number) {
    this.bump(error instanceof StoreAway ? "timeouts" : "errors");
    if (this.failures === 0) this.failingSince = began;
    this.failures += 1;
    if (this.failures < PATIENCE) return;
    this.nextTry = this.now() + this.pause;
    this.pause = Math.min(this.longestPause, this.pause * 2);
    if (this.state === "closed") {
      this.state = "open";
      this.bump("opened");
      this.onState("open");
    }
  }

  bump(counter: string) {
    this.counts[counter] = (this.counts[counter] ?? 0) + 1;
  }
}
