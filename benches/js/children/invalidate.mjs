// Dropping one of 1,000 resources from a large cache: node invalidate.mjs HOW ENTRIES. Prints nanoseconds of each drop and the
// longest of the calls that follow it.
import { hashed, makeKeys } from "../lib/keys.mjs";
import { median, quantile, rest } from "../lib/measure.mjs";
import { LRUCache } from "lru-cache";
import { loadOurs } from "../lib/ours.mjs";

const [, , how, countText] = process.argv;
const count = Number(countText);
const RESOURCES = 1_000;
const prefixOf = (resource) => `core.re_${resource.toString(16).padStart(4, "0")}.`;
const matching = (resource) => new RegExp(`^${prefixOf(resource).replaceAll(".", "\\.")}`);

function scan(make) {
  return (cache, resource) => {
    const matches = make(resource);
    let removed = 0;
    for (const key of cache.keys()) if (matches(key) && cache.delete(key)) removed += 1;
    return removed;
  };
}
const byPrefix = scan((resource) => {
  const prefix = prefixOf(resource);
  return (key) => key.startsWith(prefix);
});
const byRegex = scan((resource) => {
  const regex = matching(resource);
  return (key) => regex.test(key);
});
const lru = () => new LRUCache({ max: count, ttl: 300_000 });
const ours = how.startsWith("ours") ? await loadOurs() : null;
const own = () => new ours.CacheService({ defaultTtl: 300, maxEntries: count, maxBytes: Infinity });
const WAYS = {
  "map-prefix": { make: () => new Map(), drop: byPrefix },
  "map-regex": { make: () => new Map(), drop: byRegex },
  "lru-prefix": { make: lru, drop: byPrefix },
  "lru-regex": { make: lru, drop: byRegex },
  "ours-endpoint": { make: own, drop: (cache, resource) => cache.invalidate({ endpoint: `${prefixOf(resource)}*` }) },
  "ours-regex": { make: own, drop: (cache, resource) => cache.invalidate(`^${prefixOf(resource).replaceAll(".", "\\.")}`) },
};

const { make, drop } = WAYS[how];
const cache = make();
const probes = [];
for (let from = 0; from < count; from += 10_000) {
  const keys = makeKeys(Math.min(10_000, count - from), { resources: RESOURCES, from });
  hashed(keys);
  for (const key of keys) cache.set(key, { from });
  probes.push(keys[0], keys[500]);
}
globalThis.gc();
await rest();
const drops = [];
let removed = 0;
let after = 0;
for (let i = 0; i < 21; i += 1) {
  const start = process.hrtime.bigint();
  removed += drop(cache, i * 37 + 5);
  drops.push(Number(process.hrtime.bigint() - start));
  for (let n = 0; n < 5_000; n += 1) {
    const begin = performance.now();
    cache.get(probes[n % probes.length]);
    after = Math.max(after, performance.now() - begin);
  }
}
const expected = 21 * (count / RESOURCES);
if (removed !== expected) throw new Error(`${how} removed ${removed} of ${expected}`);
drops.shift();
console.log(JSON.stringify({ how, median: median(drops), worst: quantile(drops, 1), worstCallAfter: after * 1e6 }));
process.exit(0);
