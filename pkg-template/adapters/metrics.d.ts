import type { CacheService } from "../index.js";

/**
 * One cache, or several by name, in an object or a Map: then each sample carries the label `cache`. What is added to the
 * object or the Map later is reported from then on.
 */
export type Caches = CacheService | Readonly<Record<string, CacheService>> | ReadonlyMap<string, CacheService>;

export interface MetricsOptions {
  /** How every name starts: letters, digits, `_` and `:`, not a digit first. Default: "endpoint_cache". */
  prefix?: string | undefined;
}

/**
 * The statistics in Prometheus' text format. A cache that was disposed of says no more than `endpoint_cache_up 0`.
 * @throws TypeError "ERR_OPTION" for a prefix that no metric may have, and for what is no cache
 */
export function metricsText(caches: Caches, options?: MetricsOptions): string;

/**
 * A fetch handler that answers with them: `app.get("/metrics", metricsHandler(cache))` in Hono and h3.
 * @throws as `metricsText` does, when it is made
 */
export function metricsHandler(caches: Caches, options?: MetricsOptions): (...request: any[]) => Response;

/**
 * The same for Node's `http` and Express: `app.get("/metrics", metricsListener(cache))`.
 * @throws as `metricsText` does, when it is made
 */
export function metricsListener(
  caches: Caches,
  options?: MetricsOptions,
): (req: unknown, res: { setHeader(name: string, value: string): unknown; end(text: string): unknown }) => void;
