/** Entry of the second tier: what puts one behind a cache, and what its caller has in hand. */

import type { CacheService } from "../types/cache-service.js";
import type { InvalidationPattern } from "../types/patterns.js";
import type { TieredOptions, TierHandle } from "../types/tier.js";
import { protocolOf } from "../whole.js";
import { readOptions } from "./options.js";
import { Tier } from "./tier.js";

export type * from "../types/tier.js";

/**
 * Puts a second tier behind a cache: `getOrSet`, `routeRequest` and every adapter look there before they run a handler,
 * and every invalidation and mutation reaches all processes. What the cache held so far is dropped.
 * A mutation's promise settles when the store has its invalidation, or when that waits for an absent store.
 *
 * @throws TypeError "ERR_OPTION" or "ERR_TTL"
 */
export function tiered(cache: CacheService, options: TieredOptions): TierHandle {
  const given = readOptions(options);
  const tier = protocolOf(cache).attach((core) => new Tier(core, given));
  return new Handle(cache, tier);
}

/** What the caller of `tiered` has in hand. */
class Handle implements TierHandle {
  #cache: CacheService;
  #tier: Tier;

  constructor(cache: CacheService, tier: Tier) {
    this.#cache = cache;
    this.#tier = tier;
  }

  async invalidate(pattern: InvalidationPattern) {
    const count = this.#cache.invalidate(pattern);
    await this.#tier.settled();
    return count;
  }

  settled() {
    return this.#tier.settled();
  }

  refresh() {
    return this.#tier.refresh();
  }

  stats() {
    return this.#tier.stats();
  }

  close() {
    return this.#tier.close();
  }
}
