// A long-lived process: node --expose-gc soak.mjs OPERATIONS. Sets of keys never seen before, reads, a drop of a resource and requests with new
// parameters now and then; prints the JavaScript heap and the linear memory along the way.
import { held, watchMemories } from "../lib/memory.mjs";

watchMemories();
const { loadOurs } = await import("../lib/ours.mjs");
const { CacheService, routeRequest } = await loadOurs();
const operations = Number(process.argv[2]);
const cache = new CacheService({ defaultTtl: 300, maxEntries: 10_000 });
const STEPS = 20;
const readings = [];
const answer = async () => ({ items: [1, 2, 3] });
let unique = 0;
const start = performance.now();
for (let step = 0; step < STEPS; step += 1) {
  for (let i = 0; i < operations / STEPS; i += 1) {
    unique += 1;
    const key = `core.re_${(unique % 97).toString(16)}.list:user:u${unique % 1009}:${unique.toString(16).padStart(16, "0")}`;
    if (unique % 20 === 0)
      await routeRequest(cache, { endpoint: `core.item_${unique % 31}.list`, method: "POST", params: { page: unique } }, answer);
    else if (unique % 2 === 0) cache.set(key, { unique });
    else cache.get(key);
    if (unique % 50_000 === 0) cache.invalidate({ endpoint: `core.re_${(unique % 97).toString(16)}.*` });
  }
  readings.push({ operations: unique, ...held() });
}
console.log(JSON.stringify({ operations: unique, readings, seconds: (performance.now() - start) / 1000, stats: cache.getStats() }));
process.exit(0);
