// A broken instance of the module: what callers see when a call into it traps. The trap is put in by replacing a member
// of the compiled class, so it leaves that class as any trap would: not to be used again. The class is a module of its
// own only before the package is bundled.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { afterEach, describe, it } from "node:test";
import { CACHE_TTL_CONFIG, CacheService, createCacheMiddleware, getTtlForEndpoint, routeRequest } from "../../build/modules/pkg-template/src/index.js";
import { CacheService as Core } from "../../build/modules/build/wasm/endpoint_cache.js";
import { deferred } from "./kit.mjs";

/** @type {(() => void)[]} */
const undo = [];
afterEach(() => {
  for (const task of undo.splice(0).reverse()) task();
});

/** Makes the next calls of a member trap. */
function trap(name, times = 1, on = Core.prototype) {
  const own = Object.getOwnPropertyDescriptor(on, name);
  let left = times;
  undo.push(() => Object.defineProperty(on, name, own));
  Object.defineProperty(on, name, {
    ...own,
    value(...args) {
      if (left > 0) {
        left -= 1;
        throw new WebAssembly.RuntimeError("unreachable");
      }
      return own.value.apply(this, args);
    },
  });
}

describe("hazard/H27_broken_instance", () => {
  const calls = {
    get: (cache) => cache.get("expired"),
    set: (cache) => cache.set("k", 1, { ttl: 5 }),
    place: (cache) => cache.set("k", 1),
    has: (cache) => cache.has("k"),
    peek: (cache) => cache.peek("k"),
    delete: (cache) => cache.delete("k"),
    invalidate: (cache) => cache.invalidate("k"),
    expire: (cache) => cache.expire("k"),
    preview: (cache) => cache.preview("k"),
    clear: (cache) => cache.clear(),
    cleanupExpired: (cache) => cache.cleanupExpired(),
    getStats: (cache) => cache.getStats(),
    endpointSizes: (cache) => cache.getStats({ endpoints: true }),
    keys: (cache) => [...cache.keys()],
    entries: (cache) => [...cache],
    explain: (cache) => cache.explain("k"),
    begin: (cache) => cache.getOrSet("l", () => 1),
    profile: (cache) => routeRequest(cache, { endpoint: "a.list" }, () => 1),
    requestKey: (cache) => routeRequest(cache, { endpoint: "a.list" }, () => 1),
    fill: (cache) => routeRequest(cache, { endpoint: "a.list" }, () => 1),
    refuse: (cache) => routeRequest(cache, { endpoint: "a.list" }, () => ({ status: "error" })),
    abandon: (cache) => routeRequest(cache, { endpoint: "a.list" }, () => { throw new Error("mine"); }).catch(({ message }) => assert.equal(message, "mine")),
    settle: (cache) => routeRequest(cache, { endpoint: "a.create" }, () => 1),
  };
  for (const [name, call] of Object.entries(calls)) {
    it(`a trap in ${name} is not seen; the next calls work`, async () => {
      let now = 1e6;
      const cache = new CacheService({ clock: { now: () => now } });
      cache.set("seen", 1);
      cache.set("expired", 1, 1);
      now += 2_000;
      trap(name);
      await call(cache);
      assert.equal(cache.getStats().resets, 1);
      assert.equal(cache.get("seen"), undefined);
      assert.equal(cache.set("seen", 2), true);
      assert.equal(cache.get("seen"), 2);
      const answered = await routeRequest(cache, { endpoint: "b.list" }, () => "b");
      assert.equal(answered.data, "b");
      assert.equal((await routeRequest(cache, { endpoint: "b.list" }, () => "c")).metadata.cache, "hit");
      assert.equal(cache.getStats().resets, 1);
    });
    it(`traps in ${name} again and again are not seen either`, async () => {
      const cache = new CacheService();
      cache.set("seen", 1);
      cache.set("expired", 1, 0.001);
      trap(name, 4);
      await call(cache);
      await call(cache);
      await call(cache);
      assert.equal(cache.set("seen", 2), true);
      assert.equal(cache.get("seen"), 2);
    });
  }

  it("a trap is said, wherever it was", async (t) => {
    for (const [name, call] of Object.entries(calls)) {
      const cache = new CacheService({ clock: { now: () => 1e6 } });
      const { mock } = t.mock.method(console, "warn", () => {});
      trap(name);
      await call(cache);
      if (cache.getStats().resets > 0) assert.match(String(mock.calls[0]?.arguments[0]), /the cache failed inside and started anew/, name);
      mock.restore();
    }
  });

  it("a request is served by its handler and keeps what it returned", async () => {
    const cache = new CacheService();
    trap("requestKey");
    const { data, metadata } = await routeRequest(cache, { endpoint: "a.list" }, () => [1]);
    assert.deepEqual(data, [1]);
    assert.equal(metadata.cache, "miss");
    trap("requestKey", 9);
    const second = await routeRequest(cache, { endpoint: "b.list" }, () => [2]);
    assert.deepEqual([second.data, second.metadata.cache, second.metadata.reason], [[2], "bypass", "failure"]);
  });

  it("every cache of the module loses its entries and keeps its options", () => {
    const [one, other] = [new CacheService({ defaultTtl: 7 }), new CacheService({ maxEntries: 2 })];
    one.set("a", 1);
    other.set("a", 1);
    trap("has");
    assert.equal(one.has("a"), false);
    assert.equal(other.invalidate("a"), 0);
    assert.equal(other.get("a"), undefined);
    for (const key of ["a", "b", "c"]) assert.equal(other.set(key, 1), true);
    assert.equal(other.size, 2);
    one.set("a", 1);
    assert.ok(one.explain("a").ttl <= 7);
    assert.deepEqual([one.getStats().resets, other.getStats().resets], [1, 1]);
  });

  it("options are those of the constructor, whatever became of the object", () => {
    const options = { maxEntries: 2 };
    const cache = new CacheService(options);
    options.maxEntries = 1;
    trap("has");
    cache.has("a");
    for (const key of ["a", "b", "c"]) cache.set(key, 1);
    assert.equal(cache.size, 2);
  });

  it("assigned TTLs are assigned again", () => {
    CACHE_TTL_CONFIG.list = 11;
    undo.push(() => (CACHE_TTL_CONFIG.list = 180));
    trap("has");
    new CacheService().has("a");
    assert.equal(getTtlForEndpoint("a.list"), 11);
    assert.equal(CACHE_TTL_CONFIG.list, 11);
  });

  it("a load of the lost instance is answered and stores nothing, least of all under another's number", async () => {
    const cache = new CacheService();
    const [before, after] = [deferred(), deferred()];
    const first = routeRequest(cache, { endpoint: "a.list" }, () => before.promise);
    await null;
    trap("has");
    cache.has("x");
    const second = routeRequest(cache, { endpoint: "b.list" }, () => after.promise);
    before.resolve("a");
    const { data, metadata } = await first;
    assert.deepEqual([data, metadata.reason], ["a", "unknown-load"]);
    after.resolve("b");
    assert.equal((await second).data, "b");
    assert.equal((await routeRequest(cache, { endpoint: "b.list" }, () => "no")).data, "b");
    assert.equal((await routeRequest(cache, { endpoint: "a.list" }, () => "new")).data, "new");
  });

  it("a mutation of the lost instance still ends what was read meanwhile", async () => {
    const cache = new CacheService();
    const commit = deferred();
    const mutation = routeRequest(cache, { endpoint: "a.create" }, () => commit.promise);
    await null;
    trap("has");
    cache.has("x");
    await routeRequest(cache, { endpoint: "a.list" }, () => "old");
    const overlapping = deferred();
    const late = routeRequest(cache, { endpoint: "a.get" }, () => overlapping.promise);
    await null;
    commit.resolve("done");
    assert.equal((await mutation).data, "done");
    overlapping.resolve("old");
    await late;
    assert.equal((await routeRequest(cache, { endpoint: "a.list" }, () => "new")).data, "new");
    assert.equal((await routeRequest(cache, { endpoint: "a.get" }, () => "new")).data, "new");
  });

  it("a middleware's answer to a question of the lost instance is not stored", async () => {
    const { cacheResponse } = await import("../../build/modules/pkg-template/src/index.js");
    const cache = new CacheService();
    const context = { endpoint: "a.list" };
    assert.equal(createCacheMiddleware(cache)(context, {}), undefined);
    trap("has");
    cache.has("x");
    cacheResponse(cache, { status: "success", data: "old" }, context);
    assert.equal(cache.has(context.cacheKey), false);
  });

  it("a listener is told, and may call the cache", () => {
    const events = [];
    const cache = new CacheService({ onEvent: (event) => { events.push(event.type); cache.has("x"); } });
    trap("get");
    assert.equal(cache.get("a"), undefined);
    assert.ok(events.includes("failure"));
  });

  it("a trap under a user's clock waits for the call around it", () => {
    let nested = false;
    const cache = new CacheService({ clock: { now: () => { if (nested) { nested = false; inner.has("x"); } return 5; } } });
    const inner = new CacheService();
    cache.set("a", 1);
    trap("has");
    nested = true;
    cache.get("absent", 1);
    cache.set("b", 1, { ttl: 5 });
    assert.equal(cache.set("a", 2), true);
    assert.equal(cache.get("a"), 2);
  });

  it("a disposed cache stays disposed", () => {
    const [cache, other] = [new CacheService(), new CacheService()];
    cache.dispose();
    trap("has");
    other.has("x");
    assert.throws(() => cache.get("a"), { code: "ERR_DISPOSED" });
  });

  it("errors of one's own are no breakage", () => {
    const cache = new CacheService();
    cache.set("a", 1);
    assert.throws(() => cache.set("a", 1, -1), { code: "ERR_TTL" });
    assert.equal(cache.get("a"), 1);
    assert.equal(cache.getStats().resets, 0);
  });
});

describe("hazard/H29_memory_exhausted", () => {
  // 6 MB for the whole instance, and caches without a bound of their own.
  const program = `
    const { CacheService, routeRequest } = await import(${JSON.stringify(new URL("../../pkg/index.js", import.meta.url).href)});
    const cache = new CacheService({ maxEntries: Infinity, maxBytes: Infinity });
    let refused = 0;
    for (let at = 0; at < 60_000; at += 1) refused += cache.set("e" + at + ".list:user:u" + at + ":k", at) ? 0 : 1;
    const before = cache.getStats().resets;
    const served = cache.get("e59999.list:user:u59999:k");
    const gone = [cache.invalidate({ endpoint: "e59999.list" }), cache.has("e59999.list:user:u59999:k")];
    let wrong = 0;
    for (let at = 0; at < 300; at += 1) {
      const params = { text: "x".repeat(at % 10 === 0 ? 2_500_000 : 30_000), at };
      const { data } = await routeRequest(cache, { endpoint: "r" + at + ".list", params }, () => at);
      wrong += data === at ? 0 : 1;
    }
    const many = [];
    for (let at = 0; at < 3000; at += 1) {
      many.push(new CacheService());
      // Refused where the others hold all memory; never an error, nor another's value.
      many[at].set("k", at);
      wrong += [at, undefined].includes(many[at].get("k")) ? 0 : 1;
    }
    const { resets } = cache.getStats();
    cache.clear();
    console.log(JSON.stringify({ refused, before: before > 0, served, gone, wrong, resets: resets > before, set: cache.set("a", 1), get: cache.get("a") ?? null }));
  `;
  // An instance that finds no memory ends, and the next one begins empty: what was set last is there, what was invalidated is not.
  it("the cache begins anew, every request is served, and the cache works afterwards", () => {
    const out = execFileSync(process.execPath, ["--wasm-max-mem-pages=96", "--input-type=module", "--eval", program], { encoding: "utf8" });
    assert.deepEqual(JSON.parse(out), { refused: 0, before: true, served: 59_999, gone: [1, false], wrong: 0, resets: true, set: true, get: 1 });
  });
});
