import { copies, hashed, makeKeys, shuffled } from "../lib/keys.mjs";
import { syncCaches } from "../lib/sync-caches.mjs";

export const about = `\`get\` of keys that are there and of keys that are not: 10,000 entries with a TTL, keys of 45 characters in shuffled order. "Same
strings" are the very objects that were stored, "copies" are equal strings, as a request brings them. All hashes were computed before,
which spares every contender what a key met for the first time costs.`;

const KEYS = 10_000;
const PASSES = 5;

function walk(cache, keys, passes) {
  let found = 0;
  for (let pass = 0; pass < passes; pass += 1) for (let i = 0; i < keys.length; i += 1) if (cache.get(keys[i]) !== undefined) found += 1;
  return found;
}

export const tables = () =>
  [
    { title: "`get` hit, same strings", lookups: shuffled, expected: KEYS },
    { title: "`get` hit, copies", lookups: (keys) => copies(shuffled(keys)), expected: KEYS },
    { title: "`get` miss", lookups: () => copies(shuffled(makeKeys(KEYS, { from: 1_000_000 }))), expected: 0 },
  ].map(({ title, lookups, expected }) => ({
    title,
    reference: "lru-cache",
    floor: "map",
    contenders: syncCaches.filter(({ id }) => id !== "fifo"),
    async start({ create }) {
      const cache = await create({ max: KEYS * 2, ttl: 300 });
      const keys = makeKeys(KEYS);
      hashed(keys);
      for (const [i, key] of keys.entries()) cache.set(key, { i });
      const wanted = lookups(keys);
      return {
        run() {
          const found = walk(cache, wanted, PASSES);
          if (found !== expected * PASSES) throw new Error(`found ${found} of ${expected * PASSES}`);
          return wanted.length * PASSES;
        },
      };
    },
  }));
