import type { CacheService } from "../index.js";

/** One cache, or several by name: then each sample carries the label `cache`. */
export type Caches = CacheService | Readonly<Record<string, CacheService>>;

export interface MetricsOptions {
  /** How every name starts. Default: "endpoint_cache". */
  prefix?: string | undefined;
}

/** The statistics in Prometheus' text format. */
export function metricsText(caches: Caches, options?: MetricsOptions): string;

/** A fetch handler that answers with them: `app.get("/metrics", metricsHandler(cache))` in Hono and h3. */
export function metricsHandler(caches: Caches, options?: MetricsOptions): (...request: any[]) => Response;

/** The same for Node's `http` and Express: `app.get("/metrics", metricsListener(cache))`. */
export function metricsListener(
  caches: Caches,
  options?: MetricsOptions,
): (req: unknown, res: { setHeader(name: string, value: string): unknown; end(text: string): unknown }) => void;
