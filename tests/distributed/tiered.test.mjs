// The second tier over a store in memory: two caches that share one, and what each of them is promised.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CacheService, createCacheInvalidationMiddleware, routeRequest } from "../../pkg/index.js";
import { chaosStore } from "../../pkg/tier/chaos.js";
import { memoryStore } from "../../pkg/tier/stores/memory.js";
import { tiered } from "../../pkg/tier/tiered.js";
import { localBus, sleep } from "./lib/kit.mjs";

/** Caches over one store and one bus, with a clock that the test moves. */
function fleet(size, { l1Ttl = 10, bus = true, cache: cacheOptions = {}, wrap = (store) => store, ...options } = {}) {
  const clock = { time: 1_000_000, now: () => clock.time };
  const store = memoryStore({ now: clock.now });
  const line = localBus();
  const nodes = Array.from({ length: size }, (_, at) => {
    const cache = new CacheService({ clock, ...cacheOptions });
    const tier = tiered(cache, { store: wrap(store), bus: bus ? line.end() : undefined, l1Ttl, node: `n${at}`, deadline: "200ms", ...options });
    return { cache, tier };
  });
  return { clock, store, nodes, line };
}

const read = (cache, handler, more = {}) =>
  routeRequest(cache, { endpoint: "storycore.prompt.list", params: { project_name: "demo" }, userId: "u1", ...more }, handler);

test("what one process loaded answers the other", async () => {
  const { nodes: [a, b] } = fleet(2);
  let loads = 0;
  const handler = () => ({ prompts: [++loads] });
  const first = await read(a.cache, handler);
  await a.tier.settled();
  const second = await read(b.cache, handler);
  assert.deepEqual(second.data, first.data);
  assert.equal(second.metadata.cache, "hit");
  assert.equal(loads, 1);
  assert.equal((await read(b.cache, handler)).metadata.cache, "hit");
  assert.equal(b.tier.stats().hits, 1);
});

test("D6: a hit's ttl is the answer's life, not for how long memory is trusted", async () => {
  const { clock, nodes: [a, b] } = fleet(2, { l1Ttl: 3 });
  const handler = () => 1;
  const ttl = async (cache, options) => (await read(cache, handler, options)).metadata.ttl;
  assert.equal(await ttl(a.cache), 180);
  await a.tier.settled();
  clock.time += 1_000;
  assert.deepEqual([await ttl(a.cache), await ttl(a.cache), await ttl(b.cache), await ttl(b.cache)], [179, 179, 179, 179]);
  clock.time += 10_000;
  assert.deepEqual([await ttl(a.cache), await ttl(a.cache)], [169, 169]);
  const { key } = (await read(a.cache, handler)).metadata;
  a.cache.set(key, { status: "success", data: 2 }, 60);
  assert.equal(await ttl(a.cache), 60);
  a.cache.clear();
  assert.equal(await ttl(a.cache, { params: { other: 1 } }), 180);
});

test("D4: a load behind a stale answer of the store runs where the cache was made, where asked for", async () => {
  const { AsyncLocalStorage } = await import("node:async_hooks");
  const als = new AsyncLocalStorage();
  for (const [background, expected] of [["detached", "made"], ["inherit", "request"]]) {
    const { clock, nodes: [a, b] } = als.run("made", () => fleet(2, { cache: { background, staleWhileRevalidate: 3600, rules: { "*.list": { ttl: 10 } } } }));
    await read(a.cache, () => 1);
    await a.tier.settled();
    clock.time += 20_000;
    let seen;
    await als.run("request", () => read(b.cache, () => (seen = als.getStore())));
    await b.tier.settled();
    assert.equal(seen, expected);
  }
});

test("getOrSet goes through the tier, bytes and all", async () => {
  const { nodes: [a, b] } = fleet(2);
  await a.cache.getOrSet("blob:1", () => Uint8Array.of(1, 2, 3));
  await a.tier.settled();
  const bytes = await b.cache.getOrSet("blob:1", () => assert.fail("loaded again"));
  assert.deepEqual([...bytes], [1, 2, 3]);
});

test("a value that JSON would change stays in its process", async () => {
  const { nodes: [a, b] } = fleet(2);
  const when = new Date(0);
  await a.cache.getOrSet("k:1", () => ({ when }));
  await a.tier.settled();
  assert.equal(a.tier.stats().unencodable, 1);
  assert.deepEqual(await b.cache.getOrSet("k:1", () => ({ when })), { when });
});

for (const bus of [true, false]) {
  test(`hazard/H32_several_processes: a mutation on one ends the answer on the other, ${bus ? "at once by a hint" : "within l1Ttl without one"}`, async () => {
    const { clock, nodes: [a, b] } = fleet(2, { bus });
    let version = 1;
    const handler = () => ({ version });
    await read(a.cache, handler);
    await a.tier.settled();
    await read(b.cache, handler);
    await routeRequest(a.cache, { endpoint: "storycore.prompt.update", method: "POST", params: {} }, () => (version = 2));
    await b.tier.settled();
    assert.equal((await read(a.cache, handler)).data.version, 2, "the mutating process itself");
    if (!bus) {
      assert.equal((await read(b.cache, handler)).data.version, 1, "not yet");
      clock.time += 10_000;
    }
    assert.equal((await read(b.cache, handler)).data.version, 2);
  });
}

test("a load that an invalidation elsewhere overtakes is not shared", async () => {
  const { nodes: [a, b], clock } = fleet(2, { bus: false });
  let version = 1;
  let finish;
  const slow = read(a.cache, async () => {
    const seen = version;
    await new Promise((resolve) => (finish = resolve));
    return { version: seen };
  });
  while (finish === undefined) await sleep(1);
  await routeRequest(b.cache, { endpoint: "storycore.prompt.update", params: {} }, () => (version = 2));
  finish();
  await slow;
  await a.tier.settled();
  clock.time += 10_000;
  for (const { cache } of [a, b]) assert.equal((await read(cache, () => ({ version }))).data.version, 2);
});

test("invalidations by tag, user, key, glob, prefix, expression and clear reach the other process", async () => {
  const patterns = [
    { tag: "red" }, { userId: "u:1" }, { endpoint: "a.b.*" }, { prefix: "a.b.list:" }, { glob: "a.b.*:user:*" }, "^a\\.b\\..*", /list/, "",
    { endpoint: "a.*", userId: "u:1" },
  ];
  for (const pattern of patterns) {
    const { nodes: [a, b] } = fleet(2);
    const key = CacheService.generateCacheKey("a.b.list", {}, "u:1");
    const load = (cache, value) => cache.getOrSet(key, () => value, { tags: ["red"] });
    await load(a.cache, 1);
    await a.tier.settled();
    assert.equal(await load(b.cache, 2), 1);
    await b.tier.invalidate(pattern);
    await sleep(1);
    assert.equal(await load(a.cache, 3), 3, JSON.stringify(pattern));
  }
  const { nodes: [a, b] } = fleet(2);
  await a.cache.getOrSet("x:1", () => 1);
  await a.tier.settled();
  assert.equal(await b.cache.getOrSet("x:1", () => 2), 1);
  b.cache.delete("x:1");
  await b.tier.settled();
  assert.equal(await a.cache.getOrSet("x:1", () => 3), 3);
  a.cache.clear();
  assert.equal(await a.cache.getOrSet("x:1", () => 4), 4, "before the store has heard of it");
});

test("a value set by hand replaces the shared one everywhere", async () => {
  const { nodes: [a, b], clock } = fleet(2);
  await a.cache.getOrSet("x:1", () => "old");
  await a.tier.settled();
  b.cache.set("x:1", "by hand", 60);
  await b.tier.settled();
  assert.equal(b.cache.get("x:1"), "by hand");
  clock.time += 10_000;
  assert.equal(b.cache.get("x:1"), undefined, "memory holds it for l1Ttl");
  const now = await a.cache.getOrSet("x:1", () => "new");
  assert.ok(now === "by hand" || now === "new");
  b.cache.set("x:1", "again");
  await b.tier.settled();
  clock.time += 10_000;
  assert.notEqual(await a.cache.getOrSet("x:1", () => "newer"), now);
});

test("tags that a load adds are honoured by every process", async () => {
  const { nodes: [a, b, c] } = fleet(3);
  const load = (cache, value) => cache.getOrSet("x:1", ({ addTags }) => (addTags("late"), value));
  await load(a.cache, 1);
  await a.tier.settled();
  assert.equal(await load(b.cache, 2), 1);
  await c.tier.invalidate({ tag: "late" });
  assert.equal(await load(b.cache, 3), 3);
  let finish;
  const slow = a.cache.getOrSet("y:1", async ({ addTags }) => {
    await new Promise((resolve) => (finish = resolve));
    addTags("slow");
    return "before";
  });
  while (finish === undefined) await sleep(1);
  await c.tier.invalidate({ tag: "slow" });
  finish();
  await slow;
  await a.tier.settled();
  assert.equal(await b.cache.getOrSet("y:1", () => "after"), "after");
});

test("past its time: served while another is fetched, or where the handler fails", async () => {
  const { nodes: [a, b], clock } = fleet(2, { cache: { staleWhileRevalidate: 60, staleIfError: 600 } });
  const load = (cache, loader) => cache.getOrSet("x:1", loader, { ttl: 20 });
  await load(a.cache, () => 1);
  await a.tier.settled();
  clock.time += 30_000;
  assert.equal(await load(b.cache, () => 2), 1);
  await b.tier.settled();
  clock.time += 10_000;
  assert.equal(await load(b.cache, () => assert.fail("there is a fresh one")), 2);
  clock.time += 200_000;
  assert.equal(await load(a.cache, () => Promise.reject(new Error("down"))), 2);
  await a.tier.invalidate("");
  await assert.rejects(load(a.cache, () => Promise.reject(new Error("down"))), /down/);
});

test("one load in all processes, where the store can lock; a lost holder delays and does not hang", async () => {
  const { nodes } = fleet(3, { lease: "300ms" });
  let loads = 0;
  const values = await Promise.all(nodes.map(({ cache }) => cache.getOrSet("x:1", async () => {
    await sleep(30);
    return ++loads;
  })));
  assert.deepEqual(values, [1, 1, 1]);
  const { nodes: [a], store } = fleet(1, { lease: "50ms" });
  await store.add("ec!x:1", Uint8Array.of(1), {});
  setTimeout(() => {}, 100);
  const { clock } = fleet(1);
  clock.time += 1;
  const waited = a.cache.getOrSet("x:1", () => "mine");
  // This cache's clock stands still, so the wait is ended by hand.
  await sleep(20);
  await store.delete(["ec!x:1"]);
  await a.tier.close();
  assert.equal(await waited, "mine");
});

test("requests of one key and different params do not share an entry", async () => {
  const { nodes: [a], store } = fleet(1);
  const response = await read(a.cache, () => ({ mine: true }));
  await a.tier.settled();
  const other = new CacheService();
  const tier = tiered(other, { store, l1Ttl: 10 });
  // The same key by another way is another request, as far as anybody can tell.
  const bytes = await store.get(`ec:${response.metadata.key}`);
  const text = Buffer.from(bytes).toString("latin1");
  assert.match(text, /"i":"[0-9a-f]{64}"/);
  await tier.close();
});

test("the store is away: handlers answer, invalidations wait and are handed over", async () => {
  let chaos;
  const { nodes: [a], store } = fleet(1, { wrap: (inner) => (chaos = chaosStore(inner)) });
  const b = new CacheService();
  const other = tiered(b, { store, l1Ttl: 10 });
  await a.cache.getOrSet("x:1", () => "old");
  await a.tier.settled();
  chaos.cut();
  for (let call = 0; call < 10; call += 1) assert.equal(await a.cache.getOrSet(`y:${call}`, () => call), call);
  await a.tier.invalidate({ endpoint: "x" });
  const { circuit, waiting, queued } = a.tier.stats();
  assert.deepEqual({ circuit, waiting, queued }, { circuit: "open", waiting: 1, queued: 1 });
  assert.equal(await a.cache.getOrSet("x:1", () => "mine"), "mine");
  chaos.cut(false);
  for (let wait = 0; a.tier.stats().waiting > 0 && wait < 300; wait += 1) await sleep(10);
  assert.equal(a.tier.stats().flushed, 1);
  assert.equal(await b.getOrSet("x:1", () => "new"), "new");
  await other.close();
});

test("a store that hangs costs the deadline and no more", async () => {
  const hung = { get: () => new Promise(() => {}), set: () => new Promise(() => {}), delete: () => new Promise(() => {}) };
  const cache = new CacheService();
  const tier = tiered(cache, { store: hung, deadline: "20ms" });
  const began = performance.now();
  assert.equal(await cache.getOrSet("x:1", () => 1), 1);
  await routeRequest(cache, { endpoint: "a.update" }, () => 1);
  assert.ok(performance.now() - began < 500);
  await tier.close();
});

test("garbage in the store is a miss and counted", async () => {
  const { nodes: [a], store, clock } = fleet(1);
  await a.cache.getOrSet("x:1", () => "good");
  await a.tier.settled();
  const good = await store.get("ec:x:1");
  const flip = (at) => Object.assign(good.slice(), { [at]: good[at] ^ 4 });
  const bad = [flip(good.length - 1), flip(5), good.slice(0, 20), flip(2), Uint8Array.of(1, 2, 3), new Uint8Array(0)];
  for (const bytes of bad) {
    await store.set("ec:x:1", bytes, {});
    a.cache.cleanupExpired();
    clock.time += 10_000;
    assert.equal(await a.cache.getOrSet("x:1", () => "loaded"), "loaded");
    await a.tier.settled();
  }
  const { corrupt, foreign, outdated } = a.tier.stats();
  assert.deepEqual({ corrupt, foreign, outdated }, { corrupt: 3, foreign: 2, outdated: 1 });
});

test("plain JSON under the cache's own keys, for readers in other languages", async () => {
  const { nodes: [a, b], store } = fleet(2, { namespace: "", format: "json" });
  const { metadata } = await read(a.cache, () => ({ prompts: ["é"] }));
  await a.tier.settled();
  assert.deepEqual(JSON.parse(Buffer.from(await store.get(metadata.key)).toString()), { status: "success", data: { prompts: ["é"] } });
  assert.equal((await read(b.cache, () => assert.fail("loaded again"))).metadata.cache, "hit");
});

test("a chain's invalidation reaches the other process", async () => {
  const { nodes: [a, b] } = fleet(2);
  await read(a.cache, () => 1);
  await a.tier.settled();
  assert.equal((await read(b.cache, () => 2)).data, 1);
  createCacheInvalidationMiddleware(a.cache)({ endpoint: "storycore.prompt.create", method: "POST" }, {});
  await a.tier.settled();
  await sleep(1);
  assert.equal((await read(b.cache, () => 3)).data, 3);
});

test("a missing message is noticed by the next, and what it meant found in the store", async () => {
  const { nodes: [a, b], line } = fleet(2);
  await a.cache.getOrSet("x:1", () => 1);
  await a.tier.settled();
  assert.equal(await b.cache.getOrSet("x:1", () => 2), 1);
  await a.tier.invalidate({ endpoint: "w" });
  line.cut = true;
  await a.tier.invalidate({ endpoint: "x" });
  line.cut = false;
  assert.equal(b.cache.get("x:1"), 1, "within l1Ttl");
  await a.tier.invalidate({ endpoint: "z" });
  await b.tier.refresh();
  assert.equal(b.tier.stats().gaps, 1);
  assert.equal(b.cache.get("x:1"), undefined);
});

test("wrong options are named", () => {
  const cache = new CacheService();
  const store = memoryStore();
  for (const [options, name] of [[{}, /store/], [{ store, l1ttl: 1 }, /l1ttl/], [{ store, namespace: "a:b" }, /namespace/], [{ store, bus: {} }, /bus/]]) {
    assert.throws(() => tiered(cache, options), (error) => error.code === "ERR_OPTION" && name.test(error.message));
  }
  tiered(cache, { store });
  assert.throws(() => tiered(cache, { store }), /second tier already/);
  cache.dispose();
});
