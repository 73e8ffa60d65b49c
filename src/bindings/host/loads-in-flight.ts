/**
 * Loads under way that others may join, by number.
 *
 * The engine owns what is under way; this is the host's side of it, and the only place where a load is held here. It goes
 * when it settles, when nobody waits for it any more, when the engine lets go of it (an invalidation, `clear`, `dispose`, a
 * value set by hand), when its instance is replaced, and once it is older than a load may be to be joined. What its handler
 * holds on to goes with it.
 */

import type { Load } from "./loads.js";
import { endInside } from "./contexts.js";

export class LoadsInFlight {
  /** In the order in which they began. */
  loads: Map<number, Load>;
  /** What to add to a number of the engine's to have the one of its load: see the package's `Engine`. */
  base: number;
  /** The keys of all that the engine counts as under way, which is bounded. */
  keys: Map<number, string> | undefined;

  /** @param named whether somebody is told how loads end, also those that nobody may join any more */
  constructor(named: boolean) {
    this.loads = new Map();
    this.base = 0;
    this.keys = named ? new Map() : undefined;
  }

  get(number: number) {
    return this.loads.get(number);
  }

  get size() {
    return this.loads.size;
  }

  values() {
    return this.loads.values();
  }

  /** @param oldest when a load has begun, in milliseconds, that may still be joined */
  add(load: Load, oldest: number) {
    for (const [number, { began }] of this.loads) {
      if (began >= oldest) break;
      this.end(number);
    }
    this.loads.set(load.plan.loadId, load);
    this.keys?.set(load.plan.loadId, load.plan.key);
  }

  end(number: number) {
    const load = this.loads.get(number);
    if (load === undefined) return;
    this.loads.delete(number);
    close(load);
    for (const own of load.apart?.values() ?? []) close(own);
  }

  /**
   * The engine counts a load no longer.
   *
   * @returns its key, where it is known and this was its end
   */
  over(number: number): string | undefined {
    this.end(number);
    const key = this.keys?.get(number);
    this.keys?.delete(number);
    return key;
  }

  clear() {
    for (const number of [...this.loads.keys()]) this.end(number);
  }
}

/** Nothing is known to be inside of a load any more. */
export function close(load: Load) {
  if (load.inside === undefined) return;
  load.inside = undefined;
  endInside();
}
