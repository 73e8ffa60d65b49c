import { halves, hashed, makeKeys } from "../lib/keys.mjs";
import { syncCaches } from "../lib/sync-caches.mjs";

export const about = `\`set\` of keys that are not there, with a TTL: into a cache with room for all, and into a full one of 10,000 that evicts for each.
"Premade" keys are flat strings whose hashes were computed before, which no service has; "fresh" keys are concatenated in the loop, in
every contender's time. The keys are of 64 users, or each of another one. All share one value.`;

const KEYS = 30_000;
const BOUND = 10_000;
const VALUE = { value: 1 };
const SOME = ["map", "fifo", "lru-cache", "ours"];

function putPremade(cache, keys) {
  for (let i = 0; i < keys.length; i += 1) cache.set(keys[i], VALUE);
  return keys.length;
}

function putFresh(cache, { heads, tails }) {
  for (let i = 0; i < heads.length; i += 1) cache.set(heads[i] + tails[i], VALUE);
  return heads.length;
}

function table({ evicting, fresh, users }) {
  const what = `${evicting ? " while evicting" : ""}${users ? ", each of another user" : ""}, ${fresh ? "fresh" : "premade"}`;
  return {
    title: `\`set\` of a new key${what}`,
    reference: "lru-cache",
    floor: evicting ? "fifo" : "map",
    contenders: syncCaches.filter(
      ({ id, bounded }) => (evicting ? bounded !== false : id !== "fifo") && (SOME.includes(id) || !(fresh || users)),
    ),
    collect: true,
    async start({ create, close }) {
      const keys = makeKeys(KEYS, { users });
      const parts = fresh ? halves(keys) : hashed(keys);
      const make = () => create({ max: evicting ? BOUND : KEYS * 2, ttl: 300 });
      // Who evicts has thrown a key out long before it comes again, so that the same cache serves every round.
      const lasting = evicting ? await make() : undefined;
      return {
        prepare: () => lasting ?? make(),
        run: (cache) => (fresh ? putFresh(cache, parts) : putPremade(cache, keys)),
        finish: (cache) => cache !== lasting && close?.(cache),
      };
    },
  };
}

export const tables = () =>
  [{}, { users: 65_521 }, { evicting: true }, { evicting: true, users: 65_521 }].flatMap((row) => [
    table(row),
    table({ ...row, fresh: true }),
  ]);
