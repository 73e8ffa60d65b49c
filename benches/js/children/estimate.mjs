// What values of one shape take of the heap, and what the cache says: node --expose-gc estimate.mjs SHAPE WAY
// Keys and the lists that entries stand in are part of both; columns and indexes in linear memory are of neither. WAY is "set" (by reference) or "load" (a frozen copy).
import { held } from "../lib/memory.mjs";
import { loadOurs } from "../lib/ours.mjs";
import { shapes } from "../lib/shapes.mjs";

const { CacheService } = await loadOurs();
const [, , name, way] = process.argv;
const make = shapes[name];
const unbounded = { maxEntries: Infinity, maxBytes: Infinity, maxEntryBytes: Infinity, defaultTtl: 0 };
const put = (cache, i) =>
  way === "set" ? cache.set(`some.resource.get:${i}`, make(i)) : cache.getOrSet(`some.resource.get:${i}`, () => make(i));

async function inUse() {
  // Copies that are looked up weakly go a turn later.
  await new Promise((resolve) => setTimeout(resolve, 10));
  const { heap, buffers } = held();
  return heap + buffers;
}

// Code is compiled, and how many values make a difference that the rest of the heap does not blur and are made within a second.
const began = performance.now();
const warm = new CacheService(unbounded);
for (let i = 0; i < 200; i += 1) await put(warm, 1e6 + i);
const each = warm.getStats().bytes / 200;
const pace = 200 / (performance.now() - began);
warm.dispose();
const count = Math.max(50, Math.min(30_000, Math.round(8e6 / each), Math.round(1_000 * pace)));

const cache = new CacheService(unbounded);
await put(cache, -1);
const before = await inUse();
const said = cache.getStats().bytes;
for (let i = 0; i < count; i += 1) await put(cache, i);
const after = await inUse();
const { bytes, size } = cache.getStats();
if (size !== count + 1) throw new Error(`${size} of ${count + 1} were stored`);
console.log(JSON.stringify({ heap: (after - before) / count, estimate: (bytes - said) / count, count }));
process.exit(0);
