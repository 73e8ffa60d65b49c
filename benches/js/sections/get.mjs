// `get` of keys that are there and of keys that are not. TTL on, 10,000 keys of 45 characters, shuffled order.
// Looked up with the very string objects that were stored ("same strings") and with equal copies, as a request brings them
// ("copies": the engine then compares 45 characters). All hashes were computed before, for every contender alike.
import { copies, hashed, makeKeys, shuffled } from "../lib/keys.mjs";
import { interleave, keep, loop } from "../lib/measure.mjs";
import { syncCaches } from "../lib/sync-caches.mjs";

const KEYS = 10_000;

async function measure(ours, { title, lookups, expected, quick }) {
  const keys = makeKeys(KEYS);
  hashed(keys);
  const wanted = lookups(keys);
  const contenders = syncCaches(ours).map((cache) => {
    const c = cache.create({ max: KEYS * 2, ttl: 300 });
    const fill = loop(["c", "k", "v"], cache.set);
    keys.forEach((key, i) => fill(c, key, { i }));
    const walk = loop(["c", "keys", "passes"], `let found = 0; for (let p = 0; p < passes; p += 1) for (let i = 0; i < keys.length; i += 1) { const k = keys[i]; if (${cache.get} !== undefined) found += 1; } return found;`);
    return {
      name: cache.name,
      id: cache.id,
      close: () => cache.close?.(c),
      run() {
        const passes = quick ? 5 : 20;
        const found = walk(c, wanted, passes);
        if (found !== expected * passes) throw new Error(`${cache.name} found ${found} of ${expected * passes}`);
        keep(found);
        return wanted.length * passes;
      },
    };
  });
  const rows = await interleave(contenders, { rounds: quick ? 5 : 21, gcBetween: false });
  contenders.forEach((contender) => contender.close());
  return { title, unit: "time", reference: contenders.find((c) => c.id === "lru-cache").name, rows };
}

export async function run({ ours, quick }) {
  return [
    await measure(ours, { title: "`get` hit, same strings", lookups: (keys) => shuffled(keys), expected: KEYS, quick }),
    await measure(ours, { title: "`get` hit, copies", lookups: (keys) => copies(shuffled(keys)), expected: KEYS, quick }),
    await measure(ours, {
      title: "`get` miss",
      lookups: () => {
        const others = makeKeys(KEYS, { from: 1_000_000 });
        hashed(others);
        return shuffled(others);
      },
      expected: 0,
      quick,
    }),
  ];
}
