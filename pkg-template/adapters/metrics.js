/** Statistics of caches over HTTP, as Prometheus scrapes them. */

const TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * The text of one cache, or of several, told apart by their names.
 *
 * @param {any} caches
 * @param {{ prefix?: string }} [options]
 */
export function metricsText(caches, { prefix = "endpoint_cache" } = {}) {
  if (typeof caches.toPrometheus === "function") return caches.toPrometheus(prefix);
  const seen = new Set();
  /** @type {Map<string, string[]>} families in the order of their first appearance */
  const families = new Map();
  for (const [name, cache] of Object.entries(caches)) {
    const label = `cache="${name.replace(/[\\"\n]/g, (c) => (c === "\n" ? "\\n" : `\\${c}`))}"`;
    for (const line of cache.toPrometheus(prefix).split("\n")) {
      const [, comment, metric = ""] = /^(# (?:HELP|TYPE) )?([^ {]+)/.exec(line) ?? [];
      if (metric === "") continue;
      let family = families.get(metric);
      if (family === undefined) families.set(metric, (family = []));
      if (comment === undefined) family.push(line.replace(/^([^ {]+)(?:\{(.*)\})? /, (_, metric, labels) => `${metric}{${labels === undefined ? label : `${label},${labels}`}} `));
      else if (!seen.has(comment + metric)) {
        seen.add(comment + metric);
        family.push(line);
      }
    }
  }
  return `${[...families.values()].flat().join("\n")}\n`;
}

/**
 * A fetch handler.
 *
 * @param {any} caches
 * @param {{ prefix?: string }} [options]
 */
export function metricsHandler(caches, options) {
  return () => new Response(metricsText(caches, options), { headers: { "content-type": TYPE, "cache-control": "no-store" } });
}

/**
 * A listener of Node's `http`, which is a handler of Express as well.
 *
 * @param {any} caches
 * @param {{ prefix?: string }} [options]
 */
export function metricsListener(caches, options) {
  return (/** @type {unknown} */ _req, /** @type {import("node:http").ServerResponse} */ res) => {
    res.setHeader("content-type", TYPE);
    res.setHeader("cache-control", "no-store");
    res.end(metricsText(caches, options));
  };
}
