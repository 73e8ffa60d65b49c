// Two copies of the package in one program: a bundler's, another version's, or `import` and `require` mixed. A cache of one works
// with the functions of the other.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as own from "../../pkg/index.js";
import { cached as ownCached } from "../../pkg/adapters/fetch.js";
import { deferred, turns } from "./kit.mjs";

const PKG = fileURLToPath(new URL("../../pkg", import.meta.url));
const dir = mkdtempSync(join(tmpdir(), "endpoint-cache-copy-"));
after(() => rmSync(dir, { recursive: true, force: true }));
cpSync(PKG, dir, { recursive: true });
const url = (path) => pathToFileURL(join(dir, path)).href;
const copy = await import(url("index.js"));
const { cached: copyCached } = await import(url("adapters/fetch.js"));
const { tiered } = await import(url("tier/tiered.js"));
const { memoryStore } = await import(url("tier/stores/memory.js"));
const required = createRequire(import.meta.url)(join(dir, "cjs", "index.js"));

const GET = { endpoint: "a.b.get" };
const PAIRS = { "of another copy": copy, "of a copy by require": required };
for (const [name, other] of Object.entries(PAIRS)) {
  test(`A7: routeRequest works with a cache ${name}, both ways`, async () => {
    assert.notEqual(other.CacheService, own.CacheService);
    for (const [maker, user] of [[other, own], [own, other]]) {
      const cache = new maker.CacheService();
      assert.equal((await user.routeRequest(cache, GET, () => ({ at: new Date(1) }))).metadata.cache, "miss");
      const hit = await maker.routeRequest(cache, GET, assert.fail);
      assert.deepEqual([hit.metadata.cache, hit.data.at.getTime(), cache.size], ["hit", 1, 1]);
      assert.equal((await user.routeRequest(cache, { endpoint: "a.b.update" }, () => 1)).metadata.invalidated, 1);
      assert.equal((await maker.routeRequest(cache, GET, () => 2)).data, 2);
    }
  });

  test(`A7: loads are joined, and mutations hold back loads, across copies with a cache ${name}`, async () => {
    const cache = new other.CacheService();
    const gate = deferred();
    const load = own.routeRequest(cache, GET, () => gate.promise);
    const joined = other.routeRequest(cache, GET, assert.fail);
    await turns();
    await own.routeRequest(cache, { endpoint: "a.b.update" }, () => 1);
    gate.resolve("old");
    assert.deepEqual([(await load).data, (await joined).metadata.cache, (await load).metadata.reason], ["old", "joined", "invalidated"]);
    assert.equal((await other.routeRequest(cache, GET, () => "new")).data, "new");
  });

  test(`A7: a chain may be made of middlewares and helpers of two copies, with a cache ${name}`, () => {
    for (const [first, second] of [[own, other], [other, own]]) {
      const cache = new other.CacheService();
      const chain = (endpoint, data) => {
        const context = { endpoint };
        first.createCacheInvalidationMiddleware(cache)(context, {});
        const found = second.createCacheMiddleware(cache)(context, {});
        return found?.data ?? first.cacheResponse(cache, { status: "success", data }, context).data;
      };
      assert.deepEqual([chain("a.b.list", 1), chain("a.b.list", 2), chain("a.b.create", 0), chain("a.b.list", 3)], [1, 1, 0, 3]);
      // A helper of the other copy stores by the moment of the miss, and not by hand.
      const context = { endpoint: "a.b.search" };
      second.createCacheMiddleware(cache)(context, {});
      cache.invalidate({ endpoint: "a.b.search" });
      first.cacheResponse(cache, { status: "success", data: "old" }, context);
      assert.equal(cache.has(context.cacheKey), false);
    }
  });
}

test("A7: adapters and second tiers take caches of another copy", async () => {
  const request = () => new Request("http://h.example/items/1");
  for (const [maker, cached] of [[own, copyCached], [copy, ownCached]]) {
    for (const isolation of ["snapshot", "json", "copy"]) {
      const cache = new maker.CacheService({ isolation });
      const handler = cached(cache, { identity: "anonymous" }, () => new Response("x"));
      await handler(request());
      const hit = await handler(request());
      assert.match(hit.headers.get("cache-status"), /; hit/, isolation);
      assert.equal(await hit.text(), "x");
    }
  }
  const store = memoryStore();
  const caches = [new own.CacheService(), new own.CacheService()];
  const tiers = caches.map((cache) => tiered(cache, { store }));
  await own.routeRequest(caches[0], GET, () => 1);
  await tiers[0].settled();
  assert.equal((await own.routeRequest(caches[1], GET, assert.fail)).data, 1);
  assert.throws(() => tiered(caches[0], { store }), { code: "ERR_OPTION" });
  for (const tier of tiers) await tier.close();
});

test("A7: routeRequest is a method as well", async () => {
  const cache = new own.CacheService();
  await cache.routeRequest(GET, () => 1);
  assert.deepEqual([(await cache.routeRequest(GET, assert.fail)).data, (await own.routeRequest(cache, GET, assert.fail)).data], [1, 1]);
  assert.equal((await cache.forUser("ann").routeRequest(GET, () => 2)).data, 2);
});

test("A7: a cache that speaks another protocol is refused, with both versions", async () => {
  const stranger = Object.create({ get [Symbol.for("endpoint-cache/7")]() { return { version: "9.1.0" }; } });
  await assert.rejects(own.routeRequest(stranger, GET, assert.fail), (error) => {
    assert.equal(error.code, "ERR_COPY");
    assert.match(error.message, /9\.1\.0 \(protocol 7\).*\d+\.\d+\.\d+ \(protocol 1\)/);
    return true;
  });
  assert.throws(() => own.createCacheMiddleware(stranger), { code: "ERR_COPY" });
});

test("A7: what is no cache rejects with a code, and is refused where it is handed over", async () => {
  for (const nothing of [undefined, null, {}, 5, "cache", () => {}, new Map(), Symbol("x")]) {
    await assert.rejects(own.routeRequest(nothing, GET, assert.fail), { name: "TypeError", code: "ERR_OPTION" });
    assert.throws(() => own.createCacheMiddleware(nothing), { code: "ERR_OPTION" });
    assert.throws(() => own.createCacheInvalidationMiddleware(nothing), { code: "ERR_OPTION" });
    assert.throws(() => ownCached(nothing, { identity: "anonymous" }, assert.fail), { code: "ERR_OPTION" });
  }
});
