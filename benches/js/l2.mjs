// A hit in the second tier: node l2.mjs [--quick]
//
// Every contender fills one Redis with the same answers and then reads each once from a process memory that has none of
// them, one after the other and 50 at a time. A redis-server is started on a loopback port of its own and ended again.
// Contenders take turns; each row is the median of the rounds. The floor is a GET and a JSON.parse by the same client.
import KeyvRedis from "@keyv/redis";
import { BentoCache, bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import { redisDriver } from "bentocache/drivers/redis";
import { Cacheable, createKeyv } from "cacheable";
import { Redis } from "ioredis";
import { Loader, RedisCache } from "layered-loader";
import { startRedis } from "../../tests/distributed/lib/kit.mjs";
import { CacheService } from "../../pkg/index.js";
import { redisStore } from "../../pkg/tier/stores/redis.js";
import { tiered } from "../../pkg/tier/tiered.js";

const quick = process.argv.includes("--quick");
const ENTRIES = quick ? 300 : 2_000;
const ROUNDS = quick ? 3 : 7;
const TTL = 600;

const redis = await startRedis();
const connect = () => new Redis(redis.port, "127.0.0.1", { lazyConnect: false });
const answers = Array.from({ length: ENTRIES }, (_, id) => ({
  id,
  name: `item ${id}`,
  tags: ["a", "b", "c"],
  rows: Array.from({ length: 12 }, (_, row) => ({ row, title: `row ${row} of ${id}`, price: row * 1.5, active: true })),
}));

function ours(options) {
  const client = connect();
  const cache = new CacheService({ defaultTtl: TTL, ...options });
  const tier = tiered(cache, { store: redisStore(client), l1Ttl: 10 });
  return {
    read: (id, load) => cache.getOrSet(`items.get:${id}`, () => load(id)),
    ready: () => tier.settled(),
    close: async () => {
      await tier.close();
      client.disconnect();
    },
  };
}

/** Each makes a cache that has nothing in memory: `read(id, load)`, `ready()` when fills are in Redis, `close()`. */
const CONTENDERS = {
  "GET and JSON.parse (floor)": () => {
    const client = connect();
    return {
      read: async (id, load) => {
        const text = await client.get(`floor:${id}`);
        if (text !== null) return JSON.parse(text);
        const value = load(id);
        await client.set(`floor:${id}`, JSON.stringify(value), "EX", TTL);
        return value;
      },
      close: () => client.disconnect(),
    };
  },
  "endpoint-cache, tiered": () => ours({}),
  // As the peers: callers share one object, which any of them may change.
  "the same, by reference": () => ours({ isolation: "reference" }),
  bentocache: () => {
    const client = connect();
    const cache = new BentoCache({
      default: "two",
      ttl: TTL * 1000,
      stores: {
        two: bentostore()
          .useL1Layer(memoryDriver({ maxItems: 10_000, serialize: false }))
          .useL2Layer(redisDriver({ connection: client })),
      },
    });
    return { read: (id, load) => cache.getOrSet({ key: `items.get:${id}`, factory: () => load(id) }), close: () => cache.disconnectAll() };
  },
  cacheable: () => {
    const secondary = new KeyvRedis(redis.url);
    const cache = new Cacheable({ primary: createKeyv({ useClone: false, lruSize: 10_000 }), secondary, ttl: TTL * 1000 });
    return {
      read: (id, load) => cache.getOrSet(`items.get:${id}`, async () => load(id), { ttl: TTL * 1000 }),
      close: () => cache.disconnect(),
    };
  },
  "layered-loader": () => {
    const client = connect();
    const asyncCache = new RedisCache(client, { json: true, ttlInMsecs: TTL * 1000, prefix: "layered" });
    const make = (load) =>
      new Loader({
        inMemoryCache: { cacheType: "lru-object", ttlInMsecs: TTL * 1000, maxItems: 10_000 },
        asyncCache,
        dataSources: [{ name: "db", get: async (id) => load(Number(id)) }],
      });
    let loader;
    return {
      read(id, load) {
        loader ??= make(load);
        return loader.get(String(id));
      },
      close: () => client.disconnect(),
    };
  },
};

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
const never = (id) => {
  throw new Error(`entry ${id} was not in the second tier`);
};
/** Order in which ids are read, and a pass over them, `width` at a time. */
async function pass(cache, width, load) {
  const began = performance.now();
  for (let from = 0; from < ENTRIES; from += width) {
    await Promise.all(Array.from({ length: Math.min(width, ENTRIES - from) }, (_, at) => cache.read(from + at, load)));
  }
  return ((performance.now() - began) * 1000) / ENTRIES;
}

const names = Object.keys(CONTENDERS);
for (const name of names) {
  const filler = CONTENDERS[name]();
  await pass(filler, 50, (id) => answers[id]);
  await filler.ready?.();
  await filler.close();
}
const times = Object.fromEntries(names.map((name) => [name, { 1: [], 50: [] }]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [at] of names.entries()) {
    const name = names[(at + round) % names.length];
    for (const width of [1, 50]) {
      const cache = CONTENDERS[name]();
      // The connection stands before the clock runs.
      await new Promise((resolve) => setTimeout(resolve, 50));
      times[name][width].push(await pass(cache, width, never));
      await cache.close();
    }
  }
}
await redis.close();
const floor = { 1: median(times[names[0]][1]), 50: median(times[names[0]][50]) };
console.log(
  `a hit in the second tier, ${ENTRIES} answers of ${JSON.stringify(answers[0]).length} bytes, µs each (× the floor), median of ${ROUNDS}\n`,
);
console.log(`${"".padEnd(28)}${"one by one".padStart(18)}${"50 at a time".padStart(18)}`);
for (const name of names) {
  const cell = (width) =>
    `${median(times[name][width]).toFixed(0)} (${(median(times[name][width]) / floor[width]).toFixed(2)}×)`.padStart(18);
  console.log(`${name.padEnd(28)}${cell(1)}${cell(50)}`);
}
process.exit(0);
