/** Whose statistics are reported, and how their names begin. */

import type { CacheService } from "./cache-service.js";

/**
 * One cache, or several by name, in an object or a Map: then each sample carries the label `cache`. What is added to the
 * object or the Map later is reported from then on.
 */
export type Caches = CacheService | Readonly<Record<string, CacheService>> | ReadonlyMap<string, CacheService>;

export interface MetricsOptions {
  /** How every name starts: letters, digits, `_` and `:`, not a digit first. Default: "endpoint_cache". */
  prefix?: string | undefined;
}
