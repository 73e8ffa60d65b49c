// `cleanupExpired` and `getStats` should cost by what has expired, not by what is stored. Ours alone has an injected clock, so the
// peers' own sweep (a walk over all entries) stands beside it.
import { LRUCache } from "lru-cache";
import { makeKeys } from "../lib/keys.mjs";
import { median } from "../lib/measure.mjs";
import { time } from "../lib/table.mjs";
import { version } from "../lib/versions.mjs";

const EXPIRED = 1_000;
const timed = (work) => {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start);
};

function oursAt(ours, stored, rounds) {
  let now = 1_000_000;
  const cache = new ours.CacheService({ defaultTtl: 3600, maxEntries: Infinity, maxBytes: Infinity, clock: { now: () => now } });
  for (let from = 0; from < stored; from += 10_000)
    for (const key of makeKeys(Math.min(10_000, stored - from), { from })) cache.set(key, { from }, 7 * 86_400);
  const sweeps = [];
  const stats = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const key of makeKeys(EXPIRED, { from: 100_000_000 + round * EXPIRED })) cache.set(key, { round }, 1);
    now += 2_000;
    globalThis.gc();
    stats.push(timed(() => cache.getStats().expiredEntries));
    let removed = 0;
    sweeps.push(timed(() => (removed = cache.cleanupExpired())));
    if (removed !== EXPIRED) throw new Error(`cleanupExpired removed ${removed} of ${EXPIRED}`);
  }
  cache.dispose();
  return { sweep: median(sweeps), stats: median(stats) };
}

function lruAt(stored, rounds) {
  let now = 1_000_000;
  const cache = new LRUCache({ max: stored + EXPIRED, ttl: 7 * 86_400_000, perf: { now: () => now }, ttlResolution: 0 });
  for (let from = 0; from < stored; from += 10_000)
    for (const key of makeKeys(Math.min(10_000, stored - from), { from })) cache.set(key, { from });
  const sweeps = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const key of makeKeys(EXPIRED, { from: 100_000_000 + round * EXPIRED })) cache.set(key, { round }, { ttl: 1_000 });
    now += 2_000;
    globalThis.gc();
    sweeps.push(timed(() => Number(cache.purgeStale())));
  }
  return { sweep: median(sweeps) };
}

export async function run({ ours, quick }) {
  const sizes = quick ? [1_000, 100_000] : [1_000, 10_000, 100_000, 1_000_000];
  const rounds = quick ? 3 : 9;
  return [
    {
      title: `1,000 expired entries among many: \`cleanupExpired\` and \`getStats\``,
      unit: "text",
      columns: [
        `lru-cache ${version("lru-cache")} purgeStale`,
        ...(ours ? ["endpoint-cache cleanupExpired", "endpoint-cache getStats before it"] : []),
      ],
      rows: sizes.map((stored) => {
        const own = ours ? oursAt(ours, stored, rounds) : null;
        return {
          name: `${stored.toLocaleString("en")} alive`,
          cells: [time(lruAt(stored, rounds).sweep), ...(own ? [time(own.sweep), time(own.stats)] : [])],
          value: own,
        };
      }),
    },
  ];
}
