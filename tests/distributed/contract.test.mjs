// One contract, every store: bytes come back as they were, ends are kept, names never meet; and two caches over each.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import KeyvRedis from "@keyv/redis";
import KeyvValkey from "@keyv/valkey";
import IORedis from "ioredis";
import Valkey from "iovalkey";
import { Keyv } from "keyv";
import { KeyvFile } from "keyv-file";
import { Miniflare } from "miniflare";
import { createClient } from "redis";
import { createStorage } from "unstorage";
import redisDriver from "unstorage/drivers/redis";
import { CacheService, routeRequest } from "../../pkg/index.js";
import { broadcastChannelBus } from "../../pkg/tier/bus/broadcast-channel.js";
import { pollingBus } from "../../pkg/tier/bus/polling.js";
import { redisBus } from "../../pkg/tier/bus/redis.js";
import { cacheApiStore } from "../../pkg/tier/stores/cache-api.js";
import { cloudflareKvStore } from "../../pkg/tier/stores/cloudflare-kv.js";
import { keyvStore } from "../../pkg/tier/stores/keyv.js";
import { memoryStore } from "../../pkg/tier/stores/memory.js";
import { redisStore } from "../../pkg/tier/stores/redis.js";
import { unstorageStore } from "../../pkg/tier/stores/unstorage.js";
import { tiered } from "../../pkg/tier/tiered.js";
import { sleep, startRedis } from "./lib/kit.mjs";

let redis;
let miniflare;
let folder;
/** What to end, in reverse order. */
const ends = [];

before(async () => {
  redis = await startRedis();
  folder = await mkdtemp(join(tmpdir(), "endpoint-cache-"));
  miniflare = new Miniflare({ modules: true, script: "export default { fetch() { return new Response() } }", kvNamespaces: ["KV"] });
});

after(async () => {
  for (const end of ends.reverse()) await end();
  await miniflare?.dispose();
  await redis?.close();
  await rm(folder, { recursive: true, force: true });
});

async function nodeRedis(options = {}) {
  const client = createClient({ url: redis.url, ...options });
  client.on("error", () => {});
  await client.connect();
  ends.push(() => client.destroy());
  return client;
}

function ioredis(Class) {
  const client = new Class(redis.port, "127.0.0.1");
  client.on("error", () => {});
  ends.push(() => client.disconnect());
  return client;
}

/** Miniflare's caches speak its own Response; the store speaks the host's. */
async function miniflareCache() {
  const cache = (await miniflare.getCaches()).default;
  return {
    match: (url) => cache.match(url),
    delete: (url) => cache.delete(url),
    put: async (url, response) => cache.put(url, new (await import("miniflare")).Response(await response.arrayBuffer(), { headers: [...response.headers] })),
  };
}

const STORES = {
  memory: () => memoryStore(),
  "node-redis": async () => redisStore(await nodeRedis()),
  "node-redis, RESP3": async () => redisStore(await nodeRedis({ RESP: 3 })),
  ioredis: () => redisStore(ioredis(IORedis)),
  iovalkey: () => redisStore(ioredis(Valkey)),
  "@keyv/redis": () => {
    const adapter = new KeyvRedis(redis.url);
    ends.push(() => adapter.disconnect());
    return keyvStore(adapter);
  },
  "@keyv/valkey": () => {
    const adapter = new KeyvValkey(redis.url);
    ends.push(() => adapter.disconnect());
    return keyvStore(adapter);
  },
  "keyv-file": () => keyvStore(new KeyvFile({ filename: join(folder, "keyv.json") })),
  "Keyv in memory": () => keyvStore(new Keyv()),
  "unstorage in memory": () => unstorageStore(createStorage()),
  "unstorage on Redis": () => {
    const storage = createStorage({ driver: redisDriver({ url: redis.url, base: "unstorage" }) });
    ends.push(() => storage.dispose());
    return unstorageStore(storage);
  },
  "Cloudflare KV in workerd": async () => cloudflareKvStore(await miniflare.getKVNamespace("KV")),
  "Cache API in workerd": async () => cacheApiStore(await miniflareCache()),
};

const ODD_KEYS = ["a:b", "a?b", "a?c", "a/b", "a.b", "a..b", "A:B", "ä:ö", "__proto__", "a b", "a%3Ab", "a$3Ab", "x".repeat(300), "a:user:u%3A1:00ff"];

for (const [name, open] of Object.entries(STORES)) {
  describe(name, () => {
    let store;
    before(async () => {
      store = await open();
    });
    const end = { ttlMs: 60_000 };
    const got = async (key) => {
      const bytes = await store.get(key);
      return bytes === undefined || bytes === null ? undefined : [...bytes];
    };

    test("bytes come back as they were", async () => {
      assert.equal(await got("contract:absent"), undefined);
      const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const large = new Uint8Array(100_000).fill(0xe9);
      for (const bytes of [all, large, Uint8Array.of(0), new TextEncoder().encode('{"n":1}'), new TextEncoder().encode("123")]) {
        await store.set("contract:bytes", bytes, end);
        const back = await store.get("contract:bytes");
        assert.ok(back instanceof Uint8Array && Buffer.compare(back, bytes) === 0);
      }
      await store.set("contract:bytes", Uint8Array.of(1), {});
      assert.deepEqual(await got("contract:bytes"), [1], "without an end");
    });

    test("what is deleted is gone, and nothing else", async () => {
      await store.set("contract:1", Uint8Array.of(1), end);
      await store.set("contract:2", Uint8Array.of(2), end);
      await store.delete(["contract:1", "contract:never"]);
      assert.deepEqual([await got("contract:1"), await got("contract:2")], [undefined, [2]]);
    });

    test("odd names never meet", async () => {
      for (const [at, key] of ODD_KEYS.entries()) await store.set(key, Uint8Array.of(at), end);
      for (const [at, key] of ODD_KEYS.entries()) assert.deepEqual(await got(key), [at], key);
      await store.delete(ODD_KEYS);
    });

    test("a value is absent after its end", async () => {
      await store.set("contract:short", Uint8Array.of(1), { ttlMs: 150 });
      assert.deepEqual(await got("contract:short"), [1]);
      await sleep(400);
      assert.equal(await got("contract:short"), undefined);
    });

    test("several are read in their order, absent ones too", async () => {
      if (store.getMany === undefined) return;
      await store.set("contract:x", Uint8Array.of(1), end);
      await store.set("contract:y", Uint8Array.of(2), end);
      const many = await store.getMany(["contract:y", "contract:none", "contract:x"]);
      assert.deepEqual(Array.from(many, (bytes) => bytes?.[0]), [2, undefined, 1]);
    });

    test("one of many wins a place", async () => {
      if (store.add === undefined) return;
      await store.delete(["contract:once"]);
      const won = await Promise.all(Array.from({ length: 8 }, (_, at) => store.add("contract:once", Uint8Array.of(at), end)));
      assert.equal(won.filter(Boolean).length, 1);
    });

    test("two caches over it", async () => {
      const [a, b] = [new CacheService(), new CacheService()];
      const namespace = `n${Math.floor(Math.random() * 1e9)}`;
      const [one, two] = [a, b].map((cache) => tiered(cache, { store, namespace, l1Ttl: "400ms", deadline: "300ms" }));
      let version = 1;
      const read = (cache) => routeRequest(cache, { endpoint: "shop.item.get", params: { id: 1 } }, () => ({ version }));
      await read(a);
      await one.settled();
      assert.equal((await read(b)).metadata.cache, "hit");
      await routeRequest(a, { endpoint: "shop.item.update", params: { id: 1 } }, () => (version = 2));
      await sleep(450);
      assert.equal((await read(b)).data.version, 2);
      assert.equal((await read(a)).data.version, 2);
      const { errors, corrupt, foreign } = two.stats();
      assert.deepEqual({ errors, corrupt, foreign }, { errors: 0, corrupt: 0, foreign: 0 });
      await one.close();
      await two.close();
    });
  });
}

describe("buses", () => {
  const BUSES = {
    "node-redis": async () => redisBus(await nodeRedis()),
    ioredis: () => redisBus(ioredis(IORedis)),
    iovalkey: () => redisBus(ioredis(Valkey)),
    BroadcastChannel: () => broadcastChannelBus("endpoint-cache-contract"),
    polling: async (store) => pollingBus(store, { interval: "30ms" }),
  };
  for (const [name, open] of Object.entries(BUSES)) {
    test(`an invalidation is heard: ${name}`, async () => {
      const store = memoryStore();
      const [a, b] = [new CacheService(), new CacheService()];
      const one = tiered(a, { store, bus: await open(store), l1Ttl: 60, node: "a" });
      const two = tiered(b, { store, bus: await open(store), l1Ttl: 60, node: "b" });
      await sleep(60);
      await a.getOrSet("x:1", () => 1);
      await one.settled();
      assert.equal(await b.getOrSet("x:1", () => 2), 1);
      await one.invalidate({ endpoint: "x" });
      for (let wait = 0; b.has("x:1") && wait < 100; wait += 1) await sleep(10);
      assert.equal(b.has("x:1"), false);
      assert.equal(one.stats().busErrors + two.stats().busErrors, 0);
      await one.close();
      await two.close();
    });
  }
});
