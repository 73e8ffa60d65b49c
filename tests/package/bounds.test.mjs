// What is bounded: tags, places of loads, keys of a map, and what a cache costs that holds little.
import assert from "node:assert/strict";
import test from "node:test";
import { CacheService, createCacheMiddleware, cacheResponse, routeRequest } from "../../pkg/index.js";
import { bench, complaint, deferred, manualClock, turns } from "./kit.mjs";

const names = (count, prefix = "tag-") => Array.from({ length: count }, (_, at) => `${prefix}${at}`);
const linear = () => process.memoryUsage().external;

// -- A11 --------------------------------------------------------------------------------------------------------------

test("A11: clearing before the first value leaves the right age, however often", async () => {
  for (let clears = 0; clears < 6; clears += 1) {
    for (const between of [false, true]) {
      const { cache, clock } = bench();
      for (let at = 0; at < clears; at += 1) cache.clear();
      if (between) cache.set("other", 1), cache.clear(), cache.clear();
      const ask = () => routeRequest(cache, { endpoint: "a.b.get" }, () => "x");
      await ask();
      clock.advance(7);
      const { metadata } = await ask();
      assert.deepEqual([metadata.cache, metadata.age, metadata.ttl], ["hit", 7, 113], `${clears} clears`);
      cache.set("k", 1);
      assert.equal(cache.get("k"), 1);
    }
  }
});

// -- B3 ---------------------------------------------------------------------------------------------------------------

test("B3: hung loads give their places up after maxWait, for values that are held too", async () => {
  const { cache, clock } = bench({ maxLoads: 2, maxWait: 30, rules: { "*.get": { ttl: 1, staleWhileRevalidate: "1d" } } });
  let hang = false;
  const ask = (endpoint) => routeRequest(cache, { endpoint }, () => (hang ? new Promise(() => {}) : "new"));
  await ask("a.get");
  await ask("b.get");
  hang = true;
  clock.advance(5);
  assert.equal((await ask("a.get")).metadata.cache, "stale");
  assert.equal((await ask("b.get")).metadata.cache, "stale");
  assert.equal(cache.getStats().loading, 2);
  hang = false;
  clock.advance(3_600);
  assert.equal((await ask("a.get")).metadata.cache, "stale");
  await turns(30);
  assert.equal((await ask("a.get")).metadata.cache, "hit");
});

test("B3: every way to need a place finds one", async () => {
  const ways = {
    "a stand-in": { ttl: 1, staleIfError: "1d" },
    "an expired value": { ttl: 1 },
    "an eager refresh": { ttl: 10_000, eagerRefresh: 0.1 },
  };
  for (const [name, options] of Object.entries(ways)) {
    const { cache, clock } = bench({ maxLoads: 2, maxWait: 30 });
    await cache.getOrSet("held", () => "old", options);
    for (const key of ["x", "y"]) void cache.getOrSet(key, () => new Promise(() => {}));
    clock.advance(3_600);
    await cache.getOrSet("held", () => "new", options);
    await turns(30);
    assert.equal(cache.peek("held"), "new", name);
  }
});

// -- B5 ---------------------------------------------------------------------------------------------------------------

test("B5: tags count into bytes, and what they counted for is given back", () => {
  const { cache } = bench();
  cache.set("k", 1);
  const bare = cache.getStats().bytes;
  cache.set("k", 1, { tags: names(1_000, "item:") });
  const tagged = cache.getStats().bytes;
  assert.ok(tagged > bare + 100_000 && tagged < bare + 200_000, `${tagged} B`);
  cache.set("k", 1, { tags: ["item:1"] });
  assert.equal(cache.getStats().bytes, bare + "item:1".length + 128);
  cache.set("k", 1);
  assert.equal(cache.getStats().bytes, bare);
  cache.set("k", 1, { tags: names(1_000, "item:") });
  assert.equal(cache.invalidate({ tag: "item:7" }), 1);
  cache.set("l", 1);
  cache.delete("l");
  assert.equal(cache.getStats().bytes, 0);
});

test("B5: maxBytes and maxEntryBytes hold for tags", () => {
  const { cache } = bench({ maxBytes: 1_000_000, maxEntryBytes: 100_000 });
  assert.equal(cache.set("k", 1, { tags: names(1_000) }), false);
  for (let at = 0; at < 100; at += 1) assert.equal(cache.set(`k${at}`, 1, { tags: names(500, `t${at}-`) }), true);
  const { bytes, size, evictions } = cache.getStats();
  assert.ok(bytes <= 1_000_000 && size < 20 && evictions > 80, `${bytes} B of ${size}`);
});

test("B5: too many tags are not stored, with a reason, and never cut, by every door", async () => {
  const tooMany = [names(1_025), names(200_000), names(17, "x".repeat(1_000)), names(9, "é".repeat(1_000))];
  const justEnough = [names(1_024), names(16, "x".repeat(1_000)), ["y".repeat(1_024)], [...names(1_024), ...names(1_024)]];
  const refused = (cache) => cache.getStats().refusedBy["too-many-tags"];
  for (const tags of tooMany) {
    const warned = [];
    const logger = { debug() {}, info() {}, warn: (fields) => warned.push(fields.reason), error() {} };
    const { cache } = bench({ logger });
    cache.set("a.set:1", "old");
    assert.equal(cache.set("a.set:1", "new", { tags }), false);
    // The older value must not outlive a write that would have replaced it.
    assert.deepEqual([cache.get("a.set:1"), refused(cache), cache.getStats().rejected], [undefined, 1, 1]);
    assert.deepEqual(warned, ["too-many-tags"]);
    assert.equal(cache.setMany([["a.set:1", 1], ["a.set:2", 2, { tags }]]), 1);

    assert.equal(await cache.getOrSet("a.load:1", () => "v", { tags }), "v");
    assert.equal(await cache.getOrSet("a.load:2", ({ addTags }) => (addTags(...tags.slice(0, 50_000)), "v")), "v");
    assert.equal(await cache.getOrSet("a.load:3", ({ addTags }) => (tags.slice(0, 2_000).forEach((tag) => addTags(tag)), "v"), { tags: ["one"] }), "v");
    assert.equal(refused(cache), 5);
    const asked = await routeRequest(cache, { endpoint: "a.b.get" }, () => "v", { tags });
    assert.deepEqual([asked.data, asked.metadata.cache, asked.metadata.reason, asked.metadata.ttl], ["v", "miss", "too-many-tags", null]);
    assert.deepEqual([refused(cache), cache.size, cache.getStats().loading], [6, 1, 0]);
  }
  for (const tags of justEnough) {
    const { cache } = bench();
    assert.equal(cache.set("a.set:1", "v", { tags }), true);
    assert.equal(cache.set("a.set:1", "w", { tags }), true);
    await cache.getOrSet("a.load:1", () => "v", { tags });
    const asked = await routeRequest(cache, { endpoint: "a.b.get" }, () => "v", { tags });
    assert.deepEqual([asked.metadata.reason, cache.size, refused(cache)], [undefined, 3, undefined]);
    assert.equal(cache.invalidate({ tag: tags.at(-1) }), 3);
  }
});

test("B5: tags of rules, of functions, of the call and of the load add up", async () => {
  const some = names(400, "rule-");
  const rules = { "a.*.get": { tags: some }, "a.b.get": { tags: () => names(400, "function-") }, "c.d.get": { tags: names(3_000) }, "e.f.get": { tags: () => names(3_000) } };
  const { cache } = bench({ rules });
  const ask = (endpoint, tags, added = []) => routeRequest(cache, { endpoint }, (_, { addTags }) => (addTags(...added), "v"), { tags });
  assert.equal((await ask("a.b.get", names(400))).metadata.reason, "too-many-tags");
  assert.equal((await ask("a.b.get", names(200), names(200, "added-"))).metadata.reason, "too-many-tags");
  assert.equal((await ask("c.d.get")).metadata.reason, "too-many-tags");
  assert.equal((await ask("e.f.get")).metadata.reason, "too-many-tags");
  assert.equal((await ask("a.b.get", names(100), names(100, "added-"))).metadata.reason, undefined);
  assert.equal((await ask("a.b.get")).metadata.cache, "hit");
  assert.equal(cache.invalidate({ tag: "added-99" }), 1);
});

test("B5: a chain's answer with too many tags is not stored", () => {
  const { cache } = bench({ rules: { "reports.get": { tags: names(2_000) } } });
  const middleware = createCacheMiddleware(cache);
  const context = { endpoint: "reports.get" };
  assert.equal(middleware(context, {}), undefined);
  cacheResponse(cache, { status: "success", data: 1 }, context);
  assert.equal(middleware({ endpoint: "reports.get" }, {}), undefined);
  assert.deepEqual([cache.size, cache.getStats().refusedBy], [0, { "too-many-tags": 1 }]);
});

test("B5: who waits for a load with too many tags gets its value, and nobody after an invalidation gets an old one", async () => {
  const { cache } = bench();
  const first = deferred();
  const options = { tags: names(2_000) };
  const one = cache.getOrSet("a.get:1", () => first.promise, options);
  const two = cache.getOrSet("a.get:1", () => "two", options);
  await turns();
  cache.invalidate({ tag: "tag-7" });
  const three = cache.getOrSet("a.get:1", () => "three", options);
  first.resolve("one");
  assert.deepEqual([await one, await two, await three], ["one", "one", "three"]);
  assert.equal(cache.get("a.get:1"), undefined);
});

test("B5: requests with thousands of tags do not grow linear memory, nor do tags of what is gone", async () => {
  const { cache } = bench();
  await routeRequest(cache, { endpoint: "a.b.get" }, () => 1);
  const before = linear();
  for (let at = 0; at < 300; at += 1) {
    const tags = names(4_000, `${at}-`);
    await routeRequest(cache, { endpoint: "a.b.get", params: { at } }, () => 1, { tags });
    cache.set(`a.set:${at}`, 1, { tags });
  }
  assert.ok(linear() - before < 4e6, `${linear() - before} B`);
  for (let at = 0; at < 300; at += 1) {
    cache.set(`a.set:${at}`, 1, { tags: names(1_000, `${at}-`) });
    cache.delete(`a.set:${at}`);
  }
  assert.ok(linear() - before < 8e6, `${linear() - before} B`);
  // Held ones are bounded by maxBytes, so within a small multiple of it.
  const small = bench({ maxBytes: 8e6, maxEntryBytes: 8e6 }).cache;
  for (let at = 0; at < 400; at += 1) small.set(`a.set:${at}`, 1, { tags: names(1_000, `${at}-`) });
  assert.ok(linear() - before < 32e6, `${linear() - before} B`);
});

// -- B8 ---------------------------------------------------------------------------------------------------------------

test("B8: a map that takes no more keys means not stored, and sizes agree", async () => {
  const { set } = Map.prototype;
  let most = Infinity;
  let refusals = 0;
  Map.prototype.set = function (key, value) {
    if (typeof key === "string" && typeof value === "number" && !this.has(key) && this.size >= most) {
      refusals += 1;
      throw new RangeError("Map maximum size exceeded");
    }
    return set.call(this, key, value);
  };
  try {
    for (const logger of [undefined, { debug() {}, info() {}, warn() {}, error() {} }]) {
      const { cache } = bench({ maxEntries: Infinity, logger });
      most = Infinity;
      for (let at = 0; at < 100; at += 1) assert.equal(cache.set(`k${at}`, at), true);
      most = 100;
      for (let at = 100; at < 300; at += 1) {
        assert.equal(cache.set(`k${at}`, at), false);
        assert.equal(cache.set(`k${at}`, at, { tags: ["t"] }), false);
        assert.equal(await cache.getOrSet(`k${at}`, () => at), at);
      }
      const asked = await routeRequest(cache, { endpoint: "a.b.get" }, () => "v");
      assert.deepEqual([asked.data, asked.metadata.cache, asked.metadata.reason], ["v", "bypass", "out-of-memory"]);
      const stats = cache.getStats();
      assert.deepEqual([cache.size, stats.size, [...cache.keys()].length, stats.sets, stats.rejected, stats.loading], [100, 100, 100, 100, 400, 0]);
      assert.equal(cache.invalidate({ tag: "t" }), 0);
      // One that is there can be set again, and one that goes makes place for another.
      assert.equal(cache.set("k7", "new"), true);
      assert.equal(cache.delete("k8"), true);
      assert.equal(cache.set("other", 1), true);
      assert.deepEqual([cache.get("k7"), cache.get("other"), cache.get("k9"), cache.size], ["new", 1, 9, 100]);
    }
    const tight = bench({ maxEntries: 50 }).cache;
    most = 20;
    for (let at = 0; at < 1_000; at += 1) tight.set(`k${at}`, at);
    assert.deepEqual([tight.size, [...tight.keys()].length], [20, 20]);
    for (const key of tight.keys()) assert.equal(tight.get(key), Number(key.slice(1)));
    assert.ok(refusals > 1_000);
  } finally {
    Map.prototype.set = set;
  }
});

// -- D6 ---------------------------------------------------------------------------------------------------------------

test("D6: expire() is no invalidation in the statistics", () => {
  const { cache } = bench();
  for (let at = 0; at < 5; at += 1) cache.set(`a.get:${at}`, at);
  assert.equal(cache.expire("a\\.get:[0-2]"), 3);
  assert.equal(cache.expire({ endpoint: "a.get" }), 2);
  assert.equal(cache.invalidate({ prefix: "a.get:4" }), 1);
  const { invalidations, markedStale, expiredEntries } = cache.getStats();
  assert.deepEqual([invalidations, markedStale, expiredEntries], [1, 5, 4]);
});

test("D6: an id is checked by getInvalidationPattern and removes no less", () => {
  const patternOf = CacheService.getInvalidationPattern;
  assert.equal(patternOf("a.b.update", "b", 7), patternOf("a.b.update", "b"));
  assert.deepEqual(complaint(() => patternOf("a.b.update", "b", "")).slice(0, 2), ["TypeError", "ERR_USER_ID"]);
});

// -- D10 --------------------------------------------------------------------------------------------------------------

test("D10: a thousand caches that hold little take little, with loads that hang too", async () => {
  const before = linear();
  const clock = manualClock();
  const caches = Array.from({ length: 1_000 }, () => new CacheService({ clock }));
  for (const cache of caches) {
    void routeRequest(cache, { endpoint: "a.b.get" }, () => new Promise(() => {}));
    await routeRequest(cache, { endpoint: "a.c.get" }, () => 1);
    cache.set("k", 1);
  }
  await turns();
  for (const cache of caches) assert.deepEqual([cache.get("k"), cache.size], [1, 2]);
  const each = (linear() - before) / caches.length;
  assert.ok(each < 20_000, `${each} B each`);
});
