import type { Store } from "../tiered.js";

/** A `Cache` of the Cache API: `caches.default` in Workers, shared by one data centre. */
export function cacheApiStore(cache: object): Store;
