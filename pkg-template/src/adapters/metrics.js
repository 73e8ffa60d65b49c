/** Statistics of caches over HTTP, as Prometheus scrapes them. */

import { named, report } from "../families.js";
import { exposition, metricPrefix } from "../prometheus.js";

const TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * The text of one cache, or of several, told apart by their names.
 *
 * @param {any} caches
 * @param {{ prefix?: string }} [options]
 * @returns {string}
 */
export function metricsText(caches, { prefix } = {}) {
  return exposition(named(caches).map(report), prefix);
}

/**
 * A fetch handler. What is wrong with the options is said here, and not at the first scrape.
 *
 * @param {any} caches
 * @param {{ prefix?: string }} [options]
 */
export function metricsHandler(caches, options) {
  check(caches, options);
  return () => new Response(metricsText(caches, options), { headers: { "content-type": TYPE, "cache-control": "no-store" } });
}

/**
 * A listener of Node's `http`, which is a handler of Express as well.
 *
 * @param {any} caches
 * @param {{ prefix?: string }} [options]
 */
export function metricsListener(caches, options) {
  check(caches, options);
  return (/** @type {unknown} */ _req, /** @type {import("node:http").ServerResponse} */ res) => {
    const text = metricsText(caches, options);
    res.setHeader("content-type", TYPE);
    res.setHeader("cache-control", "no-store");
    res.end(text);
  };
}

/**
 * @param {any} caches
 * @param {{ prefix?: string }} [options]
 */
function check(caches, { prefix } = {}) {
  named(caches);
  metricPrefix(prefix);
}
