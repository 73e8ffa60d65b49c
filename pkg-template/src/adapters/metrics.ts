/** Statistics of caches over HTTP, as Prometheus scrapes them. */

import type { ServerResponse } from "node:http";
import { named, report } from "../metric-families.js";
import { exposition, metricPrefix } from "../prometheus.js";

const TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** The text of one cache, or of several, told apart by their names. */
export function metricsText(caches: any, { prefix }: { prefix?: string } = {}): string {
  return exposition(named(caches).map(report), prefix);
}

/** A fetch handler. What is wrong with the options is said here, and not at the first scrape. */
export function metricsHandler(caches: any, options?: { prefix?: string }) {
  check(caches, options);
  return () => new Response(metricsText(caches, options), { headers: { "content-type": TYPE, "cache-control": "no-store" } });
}

/** A listener of Node's `http`, which is a handler of Express as well. */
export function metricsListener(caches: any, options?: { prefix?: string }) {
  check(caches, options);
  return (_req: unknown, res: ServerResponse) => {
    const text = metricsText(caches, options);
    res.setHeader("content-type", TYPE);
    res.setHeader("cache-control", "no-store");
    res.end(text);
  };
}

function check(caches: any, { prefix }: { prefix?: string } = {}) {
  named(caches);
  metricPrefix(prefix);
}
