// One process of the fleet: reads and mutates over a tiered cache, and tells the parent what it saw and when.
//
// The data live with the parent, which counts a version up for each mutation. All processes read one monotonic clock.
import { createClient } from "redis";
import { CacheService, routeRequest } from "../../../pkg/index.js";
import { redisBus } from "../../../pkg/tier/bus/redis.js";
import { chaosBus, seeded } from "../../../pkg/tier/chaos.js";
import { redisStore } from "../../../pkg/tier/stores/redis.js";
import { tiered } from "../../../pkg/tier/tiered.js";
import { sleep } from "./kit.mjs";

const { port, seed, l1Ttl, resources, workers, cut, deaf } = JSON.parse(process.argv[2]);
const now = () => Number(process.hrtime.bigint()) / 1e6;
const random = seeded(seed);

const client = createClient({ socket: { port, host: "127.0.0.1", reconnectStrategy: 50, connectTimeout: 500 }, disableOfflineQueue: true });
client.on("error", () => {});
await client.connect();
const bus = chaosBus(redisBus(client, { channel: "fleet" }), { seed });
if (cut) bus.cut();
const store = redisStore(client);
if (deaf) {
  // A store that loses what it confirmed: no tier can keep its promise on that, and the oracle has to see it.
  const { set } = store;
  store.set = async (key, ...rest) => (key.includes("#e:") ? undefined : set(key, ...rest));
}
const cache = new CacheService();
const tier = tiered(cache, { store, bus, l1Ttl: `${l1Ttl}ms`, namespace: "fleet", node: `n${seed}` });

/** What waits for the parent's answer, by number. */
const asked = new Map();
let questions = 0;
const ask = (what, resource) =>
  new Promise((resolve) => {
    asked.set(++questions, resolve);
    process.send({ ask: what, resource, number: questions });
  });

let records = [];
let failed = [];
let running = true;
process.on("message", (message) => {
  if (message.number !== undefined) {
    asked.get(message.number)?.(message.version);
    asked.delete(message.number);
  }
  if (message.stop) running = false;
});
process.on("disconnect", () => process.exit());

async function step() {
  const resource = Math.floor(random() * resources);
  try {
    if (random() < 0.04) {
      let version;
      await routeRequest(cache, { endpoint: `shop.r${resource}.update`, method: "POST", params: {} }, async () => {
        await sleep(random() * 3);
        version = await ask("write", resource);
        await sleep(random() * 3);
      });
      records.push({ kind: "ack", resource, version, at: now() });
      return;
    }
    const at = now();
    const user = random() < 0.5 ? { userId: `u${Math.floor(random() * 2)}` } : {};
    const { data, metadata } = await routeRequest(cache, { endpoint: `shop.r${resource}.get`, params: { a: 1 }, ...user }, async () => {
      await sleep(random() * 2);
      const version = await ask("read", resource);
      await sleep(random() * 4);
      return version;
    });
    records.push({ kind: "read", resource, version: data, at, done: now(), cache: metadata.cache });
  } catch (error) {
    failed.push(String(error));
  }
}

await Promise.all(
  Array.from({ length: workers }, async () => {
    while (running) {
      await step();
      await sleep(1 + random() * 4);
      if (records.length > 500) report();
    }
  }),
);

function report(last = false) {
  process.send({ records, failed, ...(last && { last, stats: { ...tier.stats(), l1: cache.getStats() } }) });
  records = [];
  failed = [];
}
report(true);
await tier.close();
client.destroy();
process.disconnect();
