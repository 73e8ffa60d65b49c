// Bytes an entry costs beside its value: node --expose-gc memory.mjs CONTENDER COUNT
// All entries share one small value; the keys live in the cache alone.
import { makeKeys } from "../lib/keys.mjs";
import { held, watchMemories } from "../lib/memory.mjs";

watchMemories();
const { syncCaches } = await import("../lib/sync-caches.mjs");
const [, , id, countText] = process.argv;
const count = Number(countText);
const { create, close } = syncCaches.find((cache) => cache.id === id);
const put = (cache, keys, value) => {
  for (const key of keys) cache.set(key, value);
};
const value = { value: 1 };

// Code is compiled and its feedback allocated before the first reading.
const warm = await create({ max: 1_000, ttl: 300 });
put(warm, makeKeys(500, { from: 9_000_000 }), value);
close?.(warm);

const before = held();
const cache = await create({ max: count, ttl: 300 });
for (let from = 0; from < count; from += 10_000) put(cache, makeKeys(Math.min(10_000, count - from), { from }), value);
const after = held();
const bytes = { heap: after.heap - before.heap, buffers: after.buffers - before.buffers, linear: after.linear - before.linear };
console.log(
  JSON.stringify({
    id,
    count,
    bytes,
    each: (bytes.heap + bytes.buffers + bytes.linear) / count,
    size: cache.size ?? cache.keys?.().length,
  }),
);
process.exit(0);
