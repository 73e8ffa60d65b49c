/**
 * What stands in the metadata of every response: the time in words, and a name for a request that has none.
 *
 * Both are made once for many responses, because to write a date or a number anew for each would cost more than the rest
 * of a hit's metadata. Knows nothing of requests.
 */

/** How many request names share a beginning: two digits of base 36. */
const ENDINGS = 36 * 36;

export class ResponseMetadata {
  /** The last timestamp written and what it was written for. */
  stamped: number;
  stamp: string;
  requests: number;
  prefix: string;
  seed: string;
  endings: string[];

  constructor() {
    this.stamped = NaN;
    this.stamp = "";
    this.requests = 0;
    this.prefix = "";
    this.seed = "";
    this.endings = [];
  }

  /** A time as ISO 8601, or the time 0 for a clock that tells none. */
  timestamp(now: number) {
    if (now !== this.stamped) {
      const date = new Date(now);
      this.stamp = Number.isNaN(date.getTime()) ? "1970-01-01T00:00:00.000Z" : date.toISOString();
      this.stamped = now;
    }
    return this.stamp;
  }

  /** A name for a request that has none: different for each, and between processes. */
  nextRequestId() {
    const low = this.requests % ENDINGS;
    if (low === 0) this.#drawPrefix();
    this.requests += 1;
    return this.prefix + this.endings[low];
  }

  #drawPrefix() {
    if (this.requests === 0) {
      this.seed = Math.floor(Math.random() * 2 ** 48).toString(36);
      this.endings = Array.from({ length: ENDINGS }, (_, at) => at.toString(36).padStart(2, "0"));
    }
    this.prefix = `${this.seed}-${(this.requests / ENDINGS).toString(36)}`;
  }
}
