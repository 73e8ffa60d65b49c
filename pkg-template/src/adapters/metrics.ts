/** Statistics of caches over HTTP, as Prometheus scrapes them. */

import { named, report } from "../metric-families.js";
import { exposition, metricPrefix } from "../prometheus.js";
import type { Caches, MetricsOptions } from "../types/metrics.js";

export type { Caches, MetricsOptions } from "../types/metrics.js";

const TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * The statistics in Prometheus' text format. A cache that was disposed of says no more than `endpoint_cache_up 0`.
 * @throws TypeError "ERR_OPTION" for a prefix that no metric may have, and for what is no cache
 */
export function metricsText(caches: Caches, { prefix }: MetricsOptions = {}): string {
  return exposition(named(caches).map(report), prefix);
}

/**
 * A fetch handler that answers with them: `app.get("/metrics", metricsHandler(cache))` in Hono and h3.
 * @throws as `metricsText` does, when it is made
 */
export function metricsHandler(caches: Caches, options?: MetricsOptions): (...request: unknown[]) => Response {
  check(caches, options);
  return () => new Response(metricsText(caches, options), { headers: { "content-type": TYPE, "cache-control": "no-store" } });
}

/**
 * The same for Node's `http` and Express: `app.get("/metrics", metricsListener(cache))`.
 * @throws as `metricsText` does, when it is made
 */
export function metricsListener(
  caches: Caches,
  options?: MetricsOptions,
): (req: unknown, res: { setHeader(name: string, value: string): unknown; end(text: string): unknown }) => void {
  check(caches, options);
  return (_req, res) => {
    const text = metricsText(caches, options);
    res.setHeader("content-type", TYPE);
    res.setHeader("cache-control", "no-store");
    res.end(text);
  };
}

/** What is wrong with the options is said at once, and not at the first scrape. */
function check(caches: Caches, { prefix }: MetricsOptions = {}) {
  named(caches);
  metricPrefix(prefix);
}
