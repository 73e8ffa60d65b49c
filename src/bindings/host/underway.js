/**
 * Loads under way that others may join, by number.
 *
 * The engine owns what is under way; this is the host's side of it, and the only place where a load is held here. It goes
 * when it settles, when nobody waits for it any more, when the engine lets go of it (an invalidation, `clear`, `dispose`, a
 * value set by hand), when its instance is replaced, and once it is older than a load may be to be joined. What its handler
 * holds on to goes with it.
 */

import { endInside } from "./contexts.js";

/** @typedef {import("./loads.js").Load} Load */

export class UnderWay {
  constructor() {
    /** In the order in which they began. @type {Map<number, Load>} */
    this.loads = new Map();
    /** What to add to a number of the engine's to have the one of its load: see the package's `Engine`. */
    this.base = 0;
  }

  /** @param {number} number */
  get(number) {
    return this.loads.get(number);
  }

  get size() {
    return this.loads.size;
  }

  values() {
    return this.loads.values();
  }

  /**
   * @param {Load} load
   * @param {number} oldest when a load has begun, in milliseconds, that may still be joined
   */
  add(load, oldest) {
    for (const [number, { began }] of this.loads) {
      if (began >= oldest) break;
      this.end(number);
    }
    this.loads.set(load.plan.flight, load);
  }

  /** @param {number} number */
  end(number) {
    const load = this.loads.get(number);
    if (load === undefined) return;
    this.loads.delete(number);
    close(load);
    for (const own of load.apart?.values() ?? []) close(own);
  }

  clear() {
    for (const number of [...this.loads.keys()]) this.end(number);
  }
}

/**
 * Nothing is known to be inside of a load any more.
 * @param {Load} load
 */
export function close(load) {
  if (load.inside === undefined) return;
  load.inside = undefined;
  endInside();
}
