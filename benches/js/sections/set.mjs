// `set` of new keys into an empty cache, and into a full one that evicts for each. TTL on.
import { hashed, makeKeys } from "../lib/keys.mjs";
import { interleave, keep, loop } from "../lib/measure.mjs";
import { syncCaches } from "../lib/sync-caches.mjs";

async function measure(ours, { title, count, max, fill, users, quick, only }) {
  const keys = makeKeys(count, { from: fill, users });
  const before = makeKeys(fill, { users });
  hashed(keys);
  hashed(before);
  const value = { value: 1 };
  const contenders = syncCaches(ours)
    .filter(only)
    .map((cache) => {
      const put = loop(["c", "keys", "v"], `for (let i = 0; i < keys.length; i += 1) { const k = keys[i]; ${cache.set}; } return keys.length;`);
      return {
        name: cache.name,
        id: cache.id,
        prepare() {
          const c = cache.create({ max, ttl: 300 });
          put(c, before, value);
          return c;
        },
        run(c) {
          const done = put(c, keys, value);
          keep(done);
          return done;
        },
        finish: (c) => cache.close?.(c),
      };
    });
  const rows = await interleave(contenders, { rounds: quick ? 5 : 15 });
  return { title, unit: "time", reference: contenders.find((c) => c.id === "lru-cache").name, rows };
}

export async function run({ ours, quick }) {
  const count = quick ? 20_000 : 50_000;
  return [
    await measure(ours, { title: "`set` of a new key", count, max: count * 2, fill: 0, quick, only: () => true }),
    await measure(ours, { title: "`set` of a new key, each of another user", count, max: count * 2, fill: 0, users: 65_521, quick, only: () => true }),
    await measure(ours, { title: "`set` of a new key while evicting (10,000 entries)", count, max: 10_000, fill: 10_000, quick, only: (cache) => cache.bounded !== false }),
  ];
}
