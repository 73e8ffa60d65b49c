/**
 * The time, as one cache has it. This is the only place where JavaScript reads a clock.
 *
 * Engine time is what the clock reads and an offset. A reading below the last one adds the difference to the offset, so
 * that time never goes back and never stands still while the clock runs: what is held keeps the life that it has left.
 * Only lengths of time are the same by engine time and by the clock. A moment that people or other processes see is the
 * plain reading, which is `wall` here.
 */

import { typeError } from "./errors.js";
import { describe } from "./values.js";

/** How many lookups one reading of the system's clock may serve within one turn of the event loop. */
const LOOKUPS = 16;

/** How many readings are not shared after a turn in which sharing was of no use. */
const UNSHARED = 64;

/** Milliseconds by which one reading moves time forward at most, and the farthest from 0 that it starts, as in the core. */
const LEAP = 2 ** 50;
const START = 2 ** 52;

/** How every engine prints the `now` that it brings itself. What is bound, wrapped or written in JavaScript prints otherwise. */
const NATIVE = /^function now\(\)\s*\{\s*\[native code\]\s*\}$/;

/** Bun moves its own clock where a test asks for it, and puts nothing in the place of `Date.now`. */
const TELLS = (globalThis as any).Bun === undefined;

/** The last `Date.now` that was looked at, and whether it is the host's own. */
let seen: unknown;
let seenIsHosts = false;

/** @param now what `Date.now` is: fake timers put theirs in its place, and take it away again */
function isHosts(now: unknown) {
  if (now !== seen) {
    seenIsHosts = TELLS && typeof now === "function" && NATIVE.test(Function.prototype.toString.call(now));
    seen = now;
  }
  return seenIsHosts;
}

export class HostClock {
  /** `Date` is looked up at each reading, where it is meant: fake timers put another in its place. */
  reader: { now(): number } | undefined;
  /** The last finite reading. */
  reading: number;
  /** What is added to a reading. */
  offset: number;
  /** The latest engine time. */
  time: number;
  started: boolean;
  /** Readings that were not finite numbers: each time they were ignored, and the latest time was told. */
  errors: number;
  /** What lookups of one turn share. */
  shared: number;
  /** How many further lookups it may serve. */
  left: number;
  /** The host's own `Date.now`, if the last lookup read that. */
  source: unknown;
  armed: boolean;
  /** How many readings to go before sharing is tried again. */
  unshared: number;

  /** @param given the user's clock: something with a `now`, or a function; the system's if there is none */
  constructor(given: any) {
    this.reader = given === undefined || given === globalThis.Date ? undefined : readerOf(given);
    this.reading = 0;
    this.offset = 0;
    this.time = 0;
    this.started = false;
    this.errors = 0;
    this.shared = 0;
    this.left = 0;
    this.source = undefined;
    this.armed = false;
    this.unshared = 0;
    // The system's is not read here: some hosts have no time while modules are loaded.
    if (this.reader !== undefined) this.advance(firstReading(this.reader));
  }

  /**
   * Milliseconds for a lookup, never earlier than before. The system's clock is read once per turn of the event loop, anew
   * after each write and at least at every sixteenth lookup.
   */
  now() {
    if (this.left > 0 && Date.now === this.source) {
      this.left -= 1;
      return this.shared;
    }
    return this.look();
  }

  /** Reads for a lookup, and for those that follow where that is allowed. */
  look() {
    this.left = 0;
    const time = this.exactNow();
    this.source = this.reader === undefined && isHosts(globalThis.Date?.now) ? Date.now : undefined;
    if (this.source === undefined) return time;
    if (this.unshared > 0) {
      this.unshared -= 1;
      return time;
    }
    this.shared = time;
    this.left = LOOKUPS - 1;
    if (!this.armed) {
      this.armed = true;
      void endOfTurn(this);
    }
    return time;
  }

  /** Milliseconds for what changes the cache: whoever looks next reads anew. */
  writeNow() {
    if (this.left > 0) this.end();
    return this.exactNow();
  }

  /** Milliseconds, for who measures: no old reading, and none that lookups share. */
  exactNow() {
    const { reader } = this;
    try {
      const reading = reader === undefined ? Date.now() : reader.now();
      if (Number.isFinite(reading)) return this.advance(reading);
    } catch {
      // As a reading that is no number.
    }
    this.errors += 1;
    this.started = true;
    return this.time;
  }

  /** Engine time at a reading. */
  advance(reading: number) {
    const flowing: number = reading + this.offset;
    let time: number = flowing;
    if (!this.started) time = Math.max(-START, Math.min(reading, START));
    else if (!(flowing >= this.time)) time = this.time;
    else if (flowing - this.time > LEAP) time = this.time + LEAP;
    if (time !== flowing) this.offset = time - reading;
    this.started = true;
    this.reading = reading;
    this.time = time;
    return time;
  }

  /** The clock's own reading, now: what frames in a store and other processes' times are compared with. */
  wallNow() {
    this.exactNow();
    return this.reading;
  }

  /** Ends the sharing of a reading. One that served a lookup or two gained nothing, and sharing costs a microtask. */
  end() {
    if (this.left >= LOOKUPS - 2) this.unshared = UNSHARED;
    this.left = 0;
  }
}

/**
 * Ends the sharing when the turn is over. By `await`, which nobody can put anything in the place of: fake timers take over
 * `queueMicrotask` and `nextTick`, and some libraries `Promise`.
 */
async function endOfTurn(clock: HostClock) {
  await undefined;
  clock.armed = false;
  clock.end();
}

/** What to read. A `now` is looked for first: `Date` is a function too, and calling it gives a text. */
function readerOf(given: any): { now(): number } {
  if (typeof Object(given).now === "function") return given;
  if (typeof given === "function") return { now: given };
  throw typeError(`options: clock is an object with a now() or a function, not ${describe(given)}`);
}

/** A clock's first reading; a clock that cannot tell the time is refused, because nothing would ever expire by it. */
function firstReading(reader: { now(): unknown }): number {
  let reading;
  try {
    reading = reader.now();
  } catch (error) {
    throw Object.assign(typeError(`options: clock is to give milliseconds, and threw ${said(error)}`), { cause: error });
  }
  if (typeof reading === "number" && Number.isFinite(reading)) return reading;
  // One that rejects is refused here, and not once more as an unhandled rejection.
  if (reading instanceof Promise) reading.catch(() => {});
  throw typeError(`options: clock is to give milliseconds as a finite number, not ${kindOf(reading)}`);
}

function said(error: unknown) {
  return error instanceof Error ? `${error.name}: ${error.message}` : describe(error);
}

function kindOf(value: unknown) {
  return typeof value === "object" && value !== null ? Object.prototype.toString.call(value) : describe(value);
}
