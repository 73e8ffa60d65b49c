// Dropping a resource that holds every entry: node dropall.mjs HOW ENTRIES. Prints how long the drop takes, the longest call
// after it (collections apart), and after how many calls the memory is back.
import { PerformanceObserver } from "node:perf_hooks";
import { hashed, makeKeys } from "../lib/keys.mjs";
import { quantile, rest } from "../lib/measure.mjs";
import { held, watchMemories } from "../lib/memory.mjs";
import { LRUCache } from "lru-cache";

watchMemories();
const { loadOurs } = await import("../lib/ours.mjs");
const [, , how, countText] = process.argv;
const count = Number(countText);
const ours = how.startsWith("ours") ? await loadOurs() : null;
const own = () => new ours.CacheService({ defaultTtl: 300, maxEntries: count, maxBytes: Infinity });
const WAYS = {
  "lru-scan": {
    make: () => new LRUCache({ max: count, ttl: 300_000 }),
    drop(cache) {
      for (const key of cache.keys()) if (key.startsWith("core.")) cache.delete(key);
    },
  },
  "map-clear": { make: () => new Map(), drop: (cache) => cache.clear() },
  "ours-endpoint": { make: own, drop: (cache) => cache.invalidate({ endpoint: "core.*" }) },
  "ours-clear": { make: own, drop: (cache) => cache.clear() },
};
const { make, drop } = WAYS[how];

const collections = [];
new PerformanceObserver((list) =>
  collections.push(...list.getEntries().map((entry) => ({ from: entry.startTime, to: entry.startTime + entry.duration }))),
).observe({ entryTypes: ["gc"] });
const turn = () => new Promise((resolve) => setImmediate(resolve));

const STEP = 20_000;

/** Calls as a busy service makes them: half new keys, half reads; each is timed on its own, and long ones are noted. */
function work(cache, keys, calls) {
  for (let i = 0; i < STEP; i += 1) {
    const key = keys[i % 100];
    const start = performance.now();
    if (i % 2 === 0) cache.set(key, { i });
    else cache.get(key);
    const end = performance.now();
    if (end - start > 0.05) calls.push({ start, end });
  }
}

/** Fills a cache, drops everything, and times each of the calls that follow. */
async function scenario(entries) {
  const cache = make();
  const before = held();
  for (let from = 0; from < entries; from += 10_000) {
    const keys = makeKeys(Math.min(10_000, entries - from), { resources: 1, from });
    for (const key of keys) cache.set(key, { from, text: "value" });
  }
  const full = held();
  await rest();
  const used = (reading) => reading.heap + reading.buffers - before.heap - before.buffers;

  const begin = performance.now();
  drop(cache);
  const took = performance.now() - begin;

  const calls = [];
  let backAfter = null;
  for (let done = 0; done < entries * 1.2 && backAfter === null; done += STEP) {
    const fresh = makeKeys(100, { resources: 7, from: 50_000_000 });
    hashed(fresh);
    work(cache, fresh, calls);
    await turn();
    if (used(held()) < used(full) * 0.05) backAfter = done + STEP;
  }
  return { took, calls, backAfter, fullBytes: used(full), linear: full.linear, size: cache.size };
}

// Once for the compiler, for every contender alike: on a machine of few cores it takes the time of what is measured.
for (let round = 0; round < 3; round += 1) await scenario(Math.ceil(count / 20));
const { took, calls, backAfter, fullBytes, linear, size } = await scenario(count);
await turn();
await turn();
const collecting = ({ start, end }) => collections.some((c) => c.from < end && c.to > start);
const own_ = calls.filter((call) => !collecting(call)).map((call) => call.end - call.start);
console.log(
  JSON.stringify({
    how,
    drop: took * 1e6,
    longestCall: (own_.length > 0 ? quantile(own_, 1) : 0.05) * 1e6,
    longestWithCollection: Math.max(0.05, ...calls.map((call) => call.end - call.start)) * 1e6,
    backAfter,
    fullBytes,
    linear,
    size,
  }),
);
process.exit(0);
