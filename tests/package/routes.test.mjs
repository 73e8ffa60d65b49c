// Requests that the fast path knows again: each gets what was loaded for it, and nothing that was loaded for one like it.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CacheService, routeRequest } from "../../pkg/index.js";
import { bench, manualClock } from "./kit.mjs";

const seed = Number(process.env.ROUTES_SEED ?? Date.now() % 2 ** 31);
const keyOf = CacheService.generateCacheKey;

/** Few values, so that many requests differ in one place only. */
const leaf = fc.constantFrom(0, -0, 1, "0", "1", "", "a", null, true, "true", 0.5, undefined);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie("tree").map((value) => value ?? null), { maxLength: 2 }), tie("object")),
  object: fc.dictionary(fc.constantFrom("a", "b", "__proto__", "1"), tie("tree"), { maxKeys: 2 }),
}));
const request = fc.record({
  endpoint: fc.constantFrom("a.list", "a.get"), userId: fc.constantFrom(undefined, "ann", "bob"),
  params: fc.dictionary(fc.constantFrom("a", "b", "__proto__"), tree, { maxKeys: 2 }), act: fc.constantFrom("read", "read", "read", "read", "invalidate", "advance"),
});

test(`routes: requests that are alike get their own answers; ROUTES_SEED=${seed} repeats them`, async () => {
  let hits = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 12 }), async (requests) => {
      const { cache, clock } = bench({ maxEntries: 8 });
      let version = 0;
      for (let round = 0; round < 4; round += 1) {
        for (const { endpoint, userId, params, act } of requests) {
          if (act === "invalidate") version += 1, cache.invalidate({ endpoint });
          if (act === "advance") clock.advance(40);
          const since = version;
          const response = await routeRequest(cache, { endpoint, userId, params: structuredClone(params) }, () => [keyOf(endpoint, params, userId), version]);
          assert.equal(response.metadata.key, keyOf(endpoint, params, userId));
          assert.equal(response.data[0], response.metadata.key);
          if (act === "invalidate") assert.equal(response.data[1], since);
          if (response.metadata.cache === "hit") hits += 1;
        }
      }
    }),
    { seed, numRuns: 400 },
  );
  assert.ok(hits > 1000, `${hits} hits`);
});

test("hazard/H10_reentrancy: a clock that makes requests of its own changes nothing of the one it was read for", async () => {
  const clock = manualClock();
  let busy = false;
  const answer = (n) => () => ({ n });
  const ask = (n) => routeRequest(cache, { endpoint: "a.list", params: { n } }, answer(n));
  /** @type {CacheService | undefined} */
  let cache;
  cache = new CacheService({
    clock: () => {
      // A5: it is read when the cache is made, and there is no cache to ask then.
      if (busy || cache === undefined) return clock.ms;
      busy = true;
      for (let n = 0; n < 4; n += 1) void ask(n);
      keyOf("a.list", { n: 3 });
      busy = false;
      return clock.ms;
    },
  });
  for (let round = 0; round < 5; round += 1) {
    for (let n = 0; n < 4; n += 1) assert.deepEqual((await ask(n)).data, { n });
  }
});

test("params that answer differently each time get the answer to one of their answers", async () => {
  const { cache } = bench();
  let reads = 0;
  const fickle = { get page() { return (reads += 1) % 3; }, size: 10 };
  const handler = (params) => keyOf("a.list", params);
  for (let round = 0; round < 50; round += 1) {
    const { data, metadata } = await routeRequest(cache, { endpoint: "a.list", params: fickle }, handler);
    assert.equal(data, metadata.key);
    for (const page of [0, 1, 2]) {
      const { data } = await routeRequest(cache, { endpoint: "a.list", params: { page, size: 10 } }, handler);
      assert.equal(data, keyOf("a.list", { page, size: 10 }));
    }
  }
});

test("a route that is recalled leads to the newest value, and to none that is gone", async () => {
  const { cache, clock } = bench({ defaultTtl: 60 });
  let version = 0;
  const read = async () => (await routeRequest(cache, { endpoint: "a.list", params: { page: 1 } }, () => ({ version }))).data.version;
  for (const change of [() => clock.advance(400), () => cache.invalidate({ endpoint: "a.*" }), () => cache.clear(), () => cache.delete(keyOf("a.list", { page: 1 }))]) {
    for (let time = 0; time < 4; time += 1) assert.equal(await read(), version);
    version += 1;
    change();
    for (let time = 0; time < 4; time += 1) assert.equal(await read(), version);
  }
  cache.set(keyOf("a.list", { page: 1 }), { status: "success", data: { version: 77 } });
  for (let time = 0; time < 4; time += 1) assert.equal(await read(), 77);
});

test("a response that is recalled is as any other: plain, complete and its caller's own", async () => {
  const { cache } = bench();
  const read = () => routeRequest(cache, { endpoint: "a.list", params: { page: 1 } }, () => ({ items: [1] }));
  await read();
  const [second, third, fourth] = [await read(), await read(), await read()];
  assert.deepEqual(Object.keys(fourth), ["status", "data", "metadata"]);
  assert.deepEqual(Object.keys(fourth.metadata), Object.keys(second.metadata));
  assert.deepEqual(structuredClone(fourth), JSON.parse(JSON.stringify(fourth)));
  assert.notEqual(third.metadata, fourth.metadata);
  assert.notEqual(third.metadata.requestId, fourth.metadata.requestId);
  assert.equal(Object.getPrototypeOf(fourth.metadata), Object.prototype);
});

test("an endpoint that is no string is no reason to throw", async () => {
  const { cache } = bench();
  for (const endpoint of [undefined, null, 5, {}, ["a.list"], new String("a.list"), Symbol("a.list")]) {
    for (let time = 0; time < 3; time += 1) {
      const { data, metadata } = await routeRequest(cache, { endpoint, params: { page: 1 } }, () => time);
      assert.deepEqual([data, metadata.cache], [time, "bypass"]);
    }
  }
});
