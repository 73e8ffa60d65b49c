// The hazards of a cache, each by its name, on the built package: races, clocks, odd values, odd keys, re-entrance, life
// and death of a cache. What only native code can force (a short digest, a failing allocator) is tested there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CacheService, cacheResponse, createCacheInvalidationMiddleware, createCacheMiddleware, routeRequest } from "../../pkg/index.js";
import { bench, complaint, deferred, generator, many, turns } from "./kit.mjs";

const keyOf = CacheService.generateCacheKey;
const read = (cache, endpoint, more = {}, handler = () => endpoint) => routeRequest(cache, { endpoint, ...more }, handler);

// -- races ------------------------------------------------------------------------------------------------------------

/** Every way an invalidation may cover the key of `a.list` for ann. */
const INVALIDATIONS = {
  "a mutation": (cache) => read(cache, "a.create"), "an endpoint": (cache) => cache.invalidate({ endpoint: "a.*" }), "a user": (cache) => cache.invalidate({ userId: "ann" }),
  "a tag": (cache) => cache.invalidate({ tag: "t" }), "a glob": (cache) => cache.invalidate({ glob: "a.list:*" }), "a prefix": (cache) => cache.invalidate({ prefix: "a." }),
  "a regular expression": (cache) => cache.invalidate("^a\\.list"), "everything": (cache) => cache.invalidate(""), clear: (cache) => cache.clear(),
  "delete": (cache) => cache.delete(keyOf("a.list", {}, "ann")), "expire": (cache) => cache.expire({ endpoint: "a.*" }), "a set by hand": (cache) => cache.set(keyOf("a.list", {}, "ann"), "by hand"),
};
for (const [name, invalidate] of Object.entries(INVALIDATIONS)) {
  test(`hazard/H01_stale_fill: a load that ${name} overtook reaches those who waited and nobody else`, async () => {
    const { cache } = bench({ rules: { "a.*": { tags: ["t"] } } });
    const gate = deferred();
    const ask = (handler) => read(cache, "a.list", { userId: "ann" }, handler);
    const [leader, follower] = [ask(() => gate.promise), ask(assert.fail)];
    await invalidate(cache);
    const later = await ask(() => "new");
    gate.resolve("old");
    assert.deepEqual([(await leader).data, (await follower).data], ["old", "old"]);
    assert.notEqual((await leader).metadata.reason, undefined);
    assert.equal((await leader).metadata.ttl, null);
    const expected = name === "a set by hand" ? "by hand" : "new";
    assert.deepEqual([later.data, (await ask(() => "newer")).data], [expected, expected]);
  });
}

test("hazard/H01_stale_fill: a tag that the load itself assigned is covered too", async () => {
  const { cache } = bench();
  const gate = deferred();
  const load = cache.getOrSet("k", async ({ addTags }) => { await gate.promise; addTags("mine"); return "old"; });
  cache.invalidate({ tag: "mine" });
  gate.resolve();
  assert.deepEqual([await load, cache.get("k"), cache.getStats().refusedBy], ["old", undefined, { invalidated: 1 }]);
});

test("hazard/H01_stale_fill: what does not cover the key does not keep it out", async () => {
  const { cache } = bench({ rules: { "a.*": { tags: ["t"] } } });
  const gate = deferred();
  const load = read(cache, "a.list", { userId: "ann" }, () => gate.promise);
  cache.invalidate({ endpoint: "b.*" });
  cache.invalidate({ userId: "bob" });
  cache.invalidate({ tag: "u" });
  cache.invalidate({ prefix: "b" });
  await read(cache, "ab.create");
  gate.resolve("v");
  await load;
  assert.equal((await read(cache, "a.list", { userId: "ann" }, assert.fail)).data, "v");
});

test("hazard/H02_before_and_after: while a mutation runs reads are served and not stored; when it settles what is there goes", async () => {
  const { cache } = bench();
  const gate = deferred();
  let version = 1;
  const list = () => read(cache, "a.list", {}, () => version);
  await list();
  const mutation = read(cache, "a.update", {}, async () => { await gate.promise; version = 2; });
  const during = await list();
  assert.deepEqual([during.data, during.metadata.cache, during.metadata.reason], [1, "miss", "mutation-active"]);
  cache.set(keyOf("a.list"), { status: "success", data: "by hand" });
  gate.resolve();
  assert.equal((await mutation).metadata.invalidated, 2);
  assert.deepEqual([(await list()).data, (await list()).metadata.cache], [2, "hit"]);
});

test("hazard/H03_mutation_fails: after the commit or before it, synchronously or not", async () => {
  for (const fail of [() => { throw 1; }, async () => { throw 1; }, () => Promise.reject(1)]) {
    const { cache } = bench();
    await read(cache, "a.list");
    await read(cache, "a.update", {}, fail).then(assert.fail, (error) => assert.equal(error, 1));
    assert.equal((await read(cache, "a.list")).metadata.cache, "miss");
    assert.equal(cache.getStats().mutating, 0);
    assert.equal((await read(cache, "a.list")).metadata.cache, "hit");
  }
});

test("hazard/H04_mutation_hangs: its time ends with an invalidation, and its late end is one more", async () => {
  const { cache, clock } = bench({ mutationTimeout: 10 });
  const gate = deferred();
  const mutation = read(cache, "a.update", {}, () => gate.promise);
  assert.equal((await read(cache, "a.list")).metadata.reason, "mutation-active");
  clock.advance(11);
  assert.equal((await read(cache, "a.list")).metadata.reason, undefined);
  assert.deepEqual([cache.getStats().expiredMutations, cache.getStats().mutating], [1, 0]);
  assert.equal((await read(cache, "a.list")).metadata.cache, "hit");
  gate.resolve("done");
  assert.deepEqual([(await mutation).data, (await mutation).metadata.invalidated], ["done", 1]);
  assert.equal((await read(cache, "a.list")).metadata.cache, "miss");
});

test("hazard/H05_read_throws: shared once, not stored, not retried, and the next caller loads", async () => {
  for (const fail of [(n) => { throw n; }, async (n) => { throw n; }, async (n) => { await null; throw n; }]) {
    const { cache } = bench();
    let calls = 0;
    const ask = () => read(cache, "a.list", {}, () => fail((calls += 1)));
    const ends = await Promise.allSettled(Array.from({ length: 50 }, ask));
    assert.deepEqual([new Set(ends.map(({ reason }) => reason)).size, cache.size, cache.getStats().loading], [calls, 0, 0]);
    const before = calls;
    await ask().catch(() => {});
    assert.equal(calls, before + 1);
    assert.equal((await read(cache, "a.list", {}, () => "well")).data, "well");
  }
});

test("hazard/H06_read_hangs: followers run their own handler, and the late answer is dropped once another load began", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { cache, clock } = bench({ maxWait: 5 });
  const gate = deferred();
  const leader = read(cache, "a.list", {}, () => gate.promise);
  const follower = read(cache, "a.list", {}, () => "own");
  await turns();
  clock.advance(6);
  t.mock.timers.tick(6000);
  const { data, metadata } = await follower;
  assert.deepEqual([data, metadata.cache, metadata.reason], ["own", "bypass", "wait-exceeded"]);
  assert.deepEqual([(await read(cache, "a.list", {}, () => "fresh")).metadata.cache], ["miss"]);
  gate.resolve("late");
  assert.deepEqual([(await leader).data, (await leader).metadata.reason], ["late", "too-late"]);
  assert.equal((await read(cache, "a.list", {}, assert.fail)).data, "fresh");
});

test("hazard/H07_stampede: ten thousand callers, one load, and all have its value", async () => {
  const { cache } = bench();
  const gate = deferred();
  let calls = 0;
  const asked = Array.from({ length: 10_000 }, () => read(cache, "a.list", {}, () => { calls += 1; return gate.promise; }));
  gate.resolve({ n: 1 });
  const answers = await Promise.all(asked);
  assert.deepEqual([calls, answers.filter(({ metadata }) => metadata.cache === "joined").length, cache.getStats().joined], [1, 9999, 9999]);
  assert.ok(answers.every(({ data }) => data.n === 1));
  assert.equal(new Set(answers.map(({ metadata }) => metadata.requestId)).size, 10_000);
});

test("hazard/H08_abort: a leader's abort ends its wait alone; when nobody waits the load is told and stores nothing", async () => {
  const { cache } = bench();
  for (const who of ["leader", "follower", "both"]) {
    cache.clear();
    const gate = deferred();
    const [first, second] = [new AbortController(), new AbortController()];
    let signal;
    const leader = read(cache, "a.list", { signal: first.signal }, (_, context) => { signal = context.signal; return gate.promise; });
    const follower = read(cache, "a.list", { signal: second.signal }, assert.fail);
    const reason = new Error("gone");
    if (who !== "follower") { first.abort(reason); await assert.rejects(leader, (error) => error === reason); }
    if (who !== "leader") { second.abort(reason); await assert.rejects(follower, (error) => error === reason); }
    assert.equal(signal.aborted, who === "both", who);
    gate.resolve("v");
    if (who === "leader") assert.equal((await follower).data, "v");
    if (who === "follower") assert.equal((await leader).data, "v");
    await turns();
    assert.equal((await read(cache, "a.list", {}, () => "new")).data, who === "both" ? "new" : "v");
    assert.equal(cache.getStats().loading, 0);
  }
  await assert.rejects(read(cache, "a.list", { signal: AbortSignal.abort("early") }, assert.fail), (error) => error === "early");
});

test("hazard/H09_other_requests: with singleFlight request nobody waits for a load of another execution", async () => {
  const { cache } = bench({ singleFlight: "request" });
  const [one, two] = [{}, {}];
  const gates = [deferred(), deferred()];
  const first = read(cache, "a.list", { execution: one }, () => gates[0].promise);
  const foreign = read(cache, "b.list", { execution: two }, () => gates[1].promise);
  // This execution has a load of its own under way, and this key is loaded by the other.
  const third = await read(cache, "b.list", { execution: one }, () => "own");
  assert.deepEqual([third.data, third.metadata.cache, third.metadata.reason], ["own", "bypass", "not-joinable"]);
  const fourth = await read(cache, "b.list", {}, () => "own");
  assert.equal(fourth.metadata.reason, "not-joinable");
  const joined = read(cache, "a.list", { execution: one }, assert.fail);
  gates[0].resolve("v");
  gates[1].resolve("w");
  assert.deepEqual([(await first).data, (await joined).data, (await joined).metadata.cache, (await foreign).data], ["v", "v", "joined", "w"]);
});

// -- re-entrance ------------------------------------------------------------------------------------------------------

const METHODS = {
  get: (cache) => cache.get("a.list:x"), set: (cache) => cache.set("a.list:x", 1), "set with tags": (cache) => cache.set("a.list:y", 1, { tags: ["t"] }), has: (cache) => cache.has("a.list:x"),
  peek: (cache) => cache.peek("a.list:x"), delete: (cache) => cache.delete(keyOf("a.list")), invalidate: (cache) => cache.invalidate({ endpoint: "a.*" }),
  "invalidate by text": (cache) => cache.invalidate("^a"), expire: (cache) => cache.expire({ prefix: "a" }), clear: (cache) => cache.clear(), getStats: (cache) => cache.getStats({ endpoints: true }),
  cleanupExpired: (cache) => cache.cleanupExpired(), entries: (cache) => [...cache.entries()], explain: (cache) => cache.explain(keyOf("a.list")), getOrSet: (cache) => cache.getOrSet("a.get:z", () => 1),
  routeRequest: (cache) => read(cache, "a.get"), mutation: (cache) => read(cache, "a.update"), setMany: (cache) => cache.setMany([["m", 1], ["n", 2]]),
};
/** Places where the cache runs somebody else's code. */
const HOOKS = {
  clock: (act) => ({ options: { clock: { now: () => { act(); return 5; } } } }),
  logger: (act) => ({ options: { logger: { debug: act, info: act, warn: act, error: act } } }),
  onEvent: (act) => ({ options: { onEvent: act } }),
  sizeOf: (act) => ({ options: { sizeOf: () => { act(); return 1; } } }),
  handler: (act) => ({ handler: () => { act(); return { a: 1 }; } }),
  loader: (act) => ({ loader: () => { act(); return { a: 1 }; } }),
  "a value's getter": (act) => ({ handler: () => ({ get a() { act(); return 1; } }) }),
  "params' toJSON": (act) => ({ params: { toJSON() { act(); return {}; } } }),
  "params' getter": (act) => ({ params: { get a() { act(); return undefined; } } }),
  "a tags function": (act) => ({ options: { rules: { "a.list": { tags: () => { act(); return ["t"]; } } } } }),
  authorize: (act) => ({ request: { authorize: act } }),
};
let cells = 0;
for (const [hook, make] of Object.entries(HOOKS)) {
  test(`hazard/H10_reentrancy: ${hook} may call all of ${Object.keys(METHODS).length} methods`, async () => {
    for (const [method, call] of Object.entries(METHODS)) {
      let cache, inside = false, ran = 0;
      const failures = [];
      const act = () => {
        if (inside || cache === undefined || ran >= 40) return; // What it calls would call it for ever.
        inside = true;
        ran += 1;
        try {
          Promise.resolve(call(cache)).catch((error) => failures.push(error));
        } catch (error) {
          failures.push(error);
        } finally {
          inside = false;
        }
      };
      const { options, handler = () => ({ a: 1 }), loader = () => ({ a: 1 }), params, request } = make(act);
      cache = new CacheService({ clock: { now: () => 5 }, ...options });
      for (let round = 0; round < 3; round += 1) {
        cache.set(keyOf("a.list", { n: 1 }), "value", { tags: ["t"] });
        cache.set("a.list:x", "x");
        assert.deepEqual((await routeRequest(cache, { endpoint: "a.list", params }, handler, request)).data, { a: 1 }, `${hook} × ${method}`);
        assert.deepEqual(await cache.getOrSet("a.loaded:1", loader), { a: 1 }, `${hook} × ${method}`);
        const got = cache.get("a.list:x");
        assert.ok(got === "x" || got === 1 || got === undefined, `${hook} × ${method}: ${got}`);
        await read(cache, "a.create");
        cache.invalidate({ tag: "t" });
      }
      await turns(30);
      assert.deepEqual(failures, [], `${hook} × ${method}`);
      assert.ok(ran > 0, `${hook} × ${method} never ran`);
      cells += 1;
    }
  });
}
test("hazard/H10_reentrancy: the matrix has at least sixty cells", () => assert.ok(cells >= 60, String(cells)));

test("hazard/H10_reentrancy: a listener that empties the slot and fills it anew does not change what is served", async () => {
  for (const where of ["onEvent", "clock", "sizeOf"]) {
    let act;
    const hooks = { onEvent: { onEvent: () => act?.() }, clock: { clock: { now: () => { act?.(); return 5; } } }, sizeOf: { sizeOf: () => { act?.(); return 1; } } };
    const cache = new CacheService(hooks[where]);
    const mine = keyOf("a.list", {}, "mine");
    const others = (n) => keyOf("a.list", { n }, "other");
    for (const warm of [1, 2]) await read(cache, "a.list", { userId: "mine" }, () => "mine");
    let n = 0;
    const takeOver = () => { act = undefined; cache.delete(mine); cache.set(others(n += 1), "other's"); };
    for (let round = 0; round < 4; round += 1) {
      act = takeOver;
      assert.equal((await read(cache, "a.list", { userId: "mine" }, () => "mine")).data, "mine", where);
      act = takeOver;
      assert.notEqual(cache.get(mine), "other's", where);
      act = takeOver;
      assert.notEqual(await cache.getOrSet(mine, () => "mine"), "other's", where);
      act = takeOver;
      cache.set(mine, { status: "success", data: "mine" });
      for (let at = 1; at <= n; at += 1) assert.notEqual(cache.peek(others(at))?.data, "mine", where);
    }
  }
});

test("hazard/H10_reentrancy: a set inside another set's sizeOf keeps both under their own keys", () => {
  let act;
  const cache = new CacheService({ clock: { now: () => 5 }, sizeOf: () => { act?.(); return 1; } });
  cache.set("k", "old");
  act = () => { act = undefined; cache.delete("k"); cache.set("other", "other's"); };
  cache.set("k", "new");
  assert.deepEqual([cache.get("k"), cache.get("other"), cache.size], ["new", "other's", 2]);
});

// -- clocks -----------------------------------------------------------------------------------------------------------

test("hazard/H11_clock_backwards: nothing is resurrected, no age is negative", async () => {
  const { cache, clock } = bench();
  const random = generator(11);
  cache.set("short", 1, 1);
  clock.advance(2);
  assert.equal(cache.has("short"), false);
  clock.ms -= 1e9;
  assert.equal(cache.has("short"), false);
  for (let step = 0; step < 2000; step += 1) {
    clock.ms += (random() - 0.5) * 2e9;
    cache.set(`k${step % 7}`, step, 1 + random() * 1000);
    const { age } = cache.explain(`k${Math.floor(random() * 7)}`);
    assert.ok(age === undefined || age >= 0);
    const { metadata } = await read(cache, "a.list", { params: { n: step % 5 } });
    assert.ok(metadata.age >= 0 && metadata.durationMs >= 0);
  }
});

test("hazard/H12_odd_clocks: jumps, NaN, infinities, other types and throws", async () => {
  for (const odd of [NaN, Infinity, -Infinity, "5", undefined, null, {}, 5n, () => { throw new Error("no"); }]) {
    for (const from of ["the first lookup", 1e6]) {
      let reading = odd;
      const events = [];
      const clock = { now: () => (typeof reading === "function" ? reading() : reading) };
      for (const options of [{ clock }, { clock: clock.now }, { clock, onEvent: (event) => events.push(event) }]) {
        // A5: a clock that tells no time when a cache is made of it is an error.
        reading = odd;
        assert.deepEqual(complaint(() => new CacheService(options)).slice(0, 2), ["TypeError", "ERR_OPTION"], String(odd));
        reading = 1e6;
        const cache = new CacheService(options);
        if (from !== 1e6) reading = odd;
        cache.set("k", 1, 5);
        await read(cache, "a.list");
        reading = odd;
        cache.set("l", 2, 5);
        assert.deepEqual([cache.get("k"), cache.get("l"), cache.has("k"), cache.delete("l"), cache.invalidate("z"), cache.cleanupExpired()], [1, 2, true, true, 0, 0]);
        for (const round of [1, 2]) {
          const { metadata } = await read(cache, "a.list");
          assert.deepEqual([metadata.cache, metadata.age, metadata.ttl, metadata.durationMs], ["hit", 0, 180, 0], `${String(odd)} from ${from}`);
          assert.match(metadata.timestamp, /^\d{4}-\d\d-\d\dT/);
        }
        assert.ok(cache.getStats().clockErrors > 0);
        assert.ok(events.every(({ at }) => Number.isFinite(at) && at >= 0), `${String(odd)} from ${from}`);
        reading = 9e15;
        assert.equal(cache.get("k"), undefined);
      }
    }
  }
});

test("hazard/H13_frozen_clock: a clock that stands at 0, or at any one time, changes nothing", async () => {
  for (const at of [0, -1, 1e15]) {
    const cache = new CacheService({ clock: { now: () => at } });
    for (let n = 0; n < 5000; n += 1) cache.set(`k${n % 100}`, n, 1);
    assert.deepEqual([cache.size, cache.get("k99"), cache.getStats().expiredEntries], [100, 4999, 0]);
    const gate = deferred();
    const load = cache.getOrSet("k0", () => assert.fail());
    const other = cache.getOrSet("z", () => gate.promise);
    cache.invalidate({ prefix: "z" });
    gate.resolve(1);
    assert.deepEqual([await load, await other, cache.has("z")], [4900, 1, false]);
  }
});

// -- tables -----------------------------------------------------------------------------------------------------------

test("hazard/H14_ttl: every sort of TTL", () => {
  const { cache, clock } = bench();
  for (const [ttl, lives] of [[undefined, 300], [0, Infinity], [-0, Infinity], [Infinity, Infinity], [0.0004, 0.001], [1e-300, 0.001], [0.0014, 0.001], [2 ** 53, 2 ** 53], [1e300, 1e300], [Number.MAX_VALUE, Infinity], ["0ms", Infinity], ["0.5s", 0.5]]) {
    cache.set("k", 1, ttl);
    assert.equal(cache.explain("k").ttl, lives, String(ttl));
  }
  for (const [ttl, type] of [[-1, "RangeError"], [NaN, "RangeError"], [-Infinity, "RangeError"], ["-1s", "RangeError"], ["5", "TypeError"], ["", "TypeError"], ["1e3s", "TypeError"], [5n, "TypeError"], [true, "TypeError"], [null, "TypeError"], [[], "TypeError"], [Symbol("s"), "TypeError"], [() => 1, "TypeError"]]) {
    cache.set("k", "before", 60);
    const [thrown, code] = complaint(() => cache.set("k", "after", ttl));
    assert.deepEqual([thrown, cache.get("k")], [type, "before"], String(ttl));
    assert.ok(code === "ERR_TTL" || code === "ERR_OPTION", code);
  }
  const random = generator(14);
  for (let n = 0; n < 300; n += 1) {
    const [a, b] = [random() * 10, random() * 10].sort((one, two) => one - two);
    cache.set("a", 1, a);
    cache.set("b", 1, b);
    assert.ok(cache.explain("a").ttl <= cache.explain("b").ttl);
  }
});

test("hazard/H15_falsy: null, false, 0 and the empty string are values, undefined is none", async () => {
  const { cache } = bench();
  for (const value of [null, false, 0, -0, "", NaN, 0n]) {
    cache.set("k", value);
    assert.ok(Object.is(cache.get("k"), value) && cache.has("k") && Object.is(cache.peek("k"), value));
    assert.ok(Object.is(await cache.getOrSet("k", assert.fail), value));
    cache.delete("k");
    assert.ok(Object.is(await cache.getOrSet("k", () => value), value));
    assert.ok(Object.is(await cache.getOrSet("k", assert.fail), value));
  }
  assert.equal(cache.getStats().hits, 21);
  assert.deepEqual(complaint(() => cache.set("k", undefined)).slice(0, 2), ["TypeError", "ERR_VALUE"]);
  assert.equal(await cache.getOrSet("u", () => undefined), undefined);
  assert.equal(cache.has("u"), false);
});

test("hazard/H16_aliasing: what one caller does to a response reaches no other, nor the handler's own objects", async () => {
  for (const make of [() => ({ deep: [{ a: 1 }] }), () => ({ when: new Date(0), map: new Map([["k", { a: 1 }]]), set: new Set([1]), bytes: new Uint8Array([1]) })]) {
    const { cache } = bench();
    const own = make();
    const gate = deferred();
    const asked = Array.from({ length: 3 }, () => read(cache, "a.get", {}, () => gate.promise));
    gate.resolve(own);
    const answers = [...(await Promise.all(asked)), await read(cache, "a.get"), await read(cache, "a.get")];
    const vandalise = (data) => {
      for (const act of [() => { data.deep[0].a = 2; }, () => data.deep.push(1), () => { data.x = 1; }, () => data.when.setTime(5), () => data.map.clear(), () => data.set.add(2), () => { data.bytes[0] = 9; }]) {
        try { act(); } catch { /* frozen, or not there */ }
      }
    };
    vandalise(own);
    for (const answer of answers) {
      vandalise(answer.data);
      answer.metadata.fromCache = "vandal";
      answer.more = 1;
      assert.notEqual(answer.data, own);
    }
    const { data, metadata, more } = await read(cache, "a.get");
    assert.deepEqual([data, metadata.fromCache, more], [make(), true, undefined]);
    assert.equal(new Set(answers).size, answers.length);
    assert.equal(new Set(answers.map(({ metadata: m }) => m)).size, answers.length);
  }
});

const PLAIN = [
  null, true, false, 0, 1, -1, 1.5, 1e21, 1e-7, 2 ** 53, 2 ** 53 + 2, "", "0", "1", "true", "null", "a", "A", "é", "e\u0301", "\u0000", "\ud800", "\udc00", "\ufffd", "\\ud800", "😀",
  [], [null], [[]], [0], ["0"], [1, 2], [2, 1], {}, { a: null }, { a: 1 }, { a: "1" }, { A: 1 }, { a: { b: 1 } }, { "a.b": 1 }, { a: [1] }, { 0: 1 }, { "": 1 },
  JSON.parse('{"__proto__":1}'), { constructor: 1 }, { toString: 1 }, { a: 1, b: 2 }, { length: 0 }, { toJSON: 1 }, new Date(0), new Date(1),
];
/** Which of the values above are one request: by number of the one that comes first. */
const ALIKE = new Map();
test("hazard/H17_params: equal keys exactly where values are equal", () => {
  const seen = new Map();
  for (const [at, value] of PLAIN.entries()) {
    const key = keyOf("a.list", { value });
    assert.equal(seen.get(key), ALIKE.get(at), `${at}: ${JSON.stringify(value)} has the key of ${seen.get(key)}`);
    seen.set(key, at);
  }
  assert.equal(keyOf("a.list", { value: -0 }), keyOf("a.list", { value: 0 }));
  assert.equal(keyOf("a.list", { value: undefined }), keyOf("a.list", {}));
  assert.equal(keyOf("a.list", { value: new Date(0) }), keyOf("a.list", { value: "1970-01-01T00:00:00.000Z" }));
  assert.equal(keyOf("a.list", Object.assign(Object.create(null), { a: 1 })), keyOf("a.list", { a: 1 }));
});

const cycle = {};
cycle.self = cycle;
let deep = {};
for (let level = 0; level < 200; level += 1) deep = { deep };
let abyss = [];
for (let level = 0; level < 20_000; level += 1) abyss = [abyss];
const UNFIT = [
  NaN, Infinity, -Infinity, 5n, Symbol("s"), () => 1, new Map([[1, 2]]), new Set([1]), /a/, new Error("e"), new Uint8Array(2), new ArrayBuffer(2), new (class Thing {})(), Object(1n), cycle, deep, abyss,
  new Date(NaN), [, 1], [undefined], new Proxy({}, { ownKeys() { throw new Error("no"); } }), { get a() { throw new Error("no"); } }, { toJSON() { throw new Error("no"); } }, { toJSON: () => 5n }, "x".repeat(70_000), new WeakMap(), Promise.resolve(1),
];
test(`hazard/H17_params: ${UNFIT.length} values that name no request: refused by name, bypassed in a request`, async () => {
  const { cache } = bench();
  for (const [at, value] of UNFIT.entries()) {
    const [type, code] = complaint(() => keyOf("a.list", { value }));
    assert.deepEqual([type, code], ["TypeError", "ERR_PARAMS"], `number ${at}`);
    const { data, metadata } = await read(cache, "a.list", { params: { value } }, (params) => Object.is(params.value, value));
    assert.deepEqual([data, metadata.cache, metadata.reason], [true, "bypass", "params"], `number ${at}`);
  }
  assert.deepEqual([cache.size, cache.getStats().bypasses], [0, UNFIT.length]);
});

test("hazard/H18_order: members in any order are one request, sorted by code point", () => {
  assert.equal(keyOf("a", { "\u{10000}": 1, "\uff5e": 2 }), keyOf("a", { "\uff5e": 2, "\u{10000}": 1 }));
  assert.equal(keyOf("a", { b: 1, a: { d: 1, c: 2 }, 10: 1, 9: 2 }), keyOf("a", { 9: 2, 10: 1, a: { c: 2, d: 1 }, b: 1 }));
  assert.notEqual(keyOf("a", { a: [1, 2] }), keyOf("a", { a: [2, 1] }));
});

test("hazard/H19_numbers: 1 and 1.0 are one, neighbours are not", () => {
  assert.equal(keyOf("a", { n: 1 }), keyOf("a", { n: 1.0 }));
  assert.notEqual(keyOf("a", { n: 2 ** 53 }), keyOf("a", { n: 2 ** 53 + 2 }));
  assert.notEqual(keyOf("a", { n: 0.1 + 0.2 }), keyOf("a", { n: 0.3 }));
  assert.notEqual(keyOf("a", { n: 1 }), keyOf("a", { n: "1" }));
});

test("hazard/H20_surrogates: kept apart in params, refused in keys, users, endpoints and tags", async () => {
  const { cache } = bench();
  assert.notEqual(keyOf("a", { s: "\ud800" }), keyOf("a", { s: "\ud801" }));
  assert.notEqual(keyOf("a", { "\ud800": 1 }), keyOf("a", { "\ufffd": 1 }));
  for (const call of [() => cache.get("\ud800"), () => cache.set("\udc00", 1), () => keyOf("\ud800"), () => keyOf("a", {}, "\ud800"), () => cache.forUser("\ud800"), () => cache.set("k", 1, { tags: ["\ud800"] }), () => cache.invalidate({ tag: "\ud800" }), () => cache.invalidate("\ud800")]) {
    assert.equal(complaint(call)[0], "TypeError", String(call));
  }
  for (const [more, reason] of [[{ userId: "\ud800" }, "user-id"], [{ endpoint: "\ud800.list" }, "endpoint"]]) {
    assert.equal((await routeRequest(cache, { endpoint: "a.list", ...more }, () => 1)).metadata.reason, reason);
  }
  await assert.rejects(cache.getOrSet("k", ({ addTags }) => addTags("\ud800")), { code: "ERR_OPTION" });
});

test("hazard/H21_huge: keys, params and values beyond their bounds", async () => {
  const { cache } = bench({ maxBytes: 1e6, maxEntryBytes: 1e5 });
  assert.equal(cache.set("k".repeat(1024), 1), true);
  assert.equal(complaint(() => cache.set("k".repeat(1025), 1))[1], "ERR_KEY_LENGTH");
  assert.equal((await read(cache, "a.list", { userId: "u".repeat(2000) }, () => 1)).metadata.reason, "key-length");
  assert.equal((await read(cache, "a.list", { params: { text: "x".repeat(2 ** 20) } }, () => 1)).metadata.reason, "params");
  cache.set("big", "before");
  assert.equal(cache.set("big", "x".repeat(1e5)), false);
  assert.equal(cache.get("big"), undefined, "the older value does not outlive the write that would have replaced it");
  const { data, metadata } = await read(cache, "a.get", {}, () => "y".repeat(1e5));
  assert.deepEqual([data.length, metadata.reason, cache.getStats().rejected >= 1], [1e5, "too-large", true]);
  for (let n = 0; n < 500; n += 1) cache.set(`v${n}`, "z".repeat(20_000));
  assert.ok(cache.getStats().bytes <= 1e6 && cache.size > 10);
});

test("hazard/H22_empty_patterns: the empty expression matches all, every other empty member is refused", () => {
  const { cache } = bench();
  for (const pattern of ["", /(?:)/, ".*", { regex: "" }, { glob: "*" }]) {
    cache.set("a.b:1", 1);
    cache.set("c", 1);
    assert.equal(cache.invalidate(pattern), 2, String(pattern));
  }
  for (const name of ["glob", "prefix", "endpoint", "userId", "tag"]) assert.equal(complaint(() => cache.invalidate({ [name]: "" }))[1], "ERR_PATTERN_EMPTY");
});

test("hazard/H23_regexp: flags and syntax of JavaScript, translated or refused", () => {
  const { cache } = bench();
  const fits = (pattern, key) => { cache.clear(); cache.set(key, 1); return cache.invalidate(pattern) === 1; };
  for (const [pattern, key, expected] of [[/ABC/i, "xabcx", true], [/ABC/, "xabcx", false], [/^b/m, "a\nb", true], [/^b/, "a\nb", false], [/a.b/s, "a\nb", true], [/a.b/, "a\nb", false], [/\d+$/, "k12", true], [/a\/b/, "a/b", true], [/[^:]+:user:/, "a:user:b:c", true], [/(?<n>a)b/, "ab", true], [/a/g, "a", true], [/😀/u, "x😀", true]]) {
    assert.equal(fits(pattern, key), expected, String(pattern));
  }
  for (const pattern of [/(?=a)/, /(?!a)/, /(?<=a)b/, /(a)\1/, /\k<n>(?<n>a)/, /a/y]) {
    cache.clear();
    cache.set("aab", 1);
    assert.ok(["ERR_PATTERN_SYNTAX", "ERR_PATTERN"].includes(complaint(() => cache.invalidate(pattern))[1]), String(pattern));
    assert.equal(cache.size, 1);
  }
});

test("hazard/H24_costly_patterns: a bounded time, or an error and nothing removed", () => {
  const { cache } = bench({ maxEntries: Infinity });
  const fill = () => { for (let n = 0; n < 20_000; n += 1) cache.set(`${"a".repeat(56)}${String(n).padStart(8, "0")}`, n); };
  // All but one match nothing; that one matches every key, where the time suffices to find that out.
  const everything = "(.*a){20}";
  for (const pattern of ["(?:a?){60}a{60}$", "(a+)+$", "(a|a)*b", ".*.*.*.*.*x", everything, "a{1000}", { glob: `${"*a".repeat(200)}*b` }, { glob: "*".repeat(4000) + "b" }]) {
    fill();
    let removed = 0;
    const start = performance.now();
    try {
      removed = cache.invalidate(pattern);
    } catch (error) {
      assert.match(error.code ?? String(error), /^ERR_PATTERN/);
      assert.equal(removed, 0);
    }
    assert.ok(performance.now() - start < 2000, `${JSON.stringify(pattern).slice(0, 40)} took ${performance.now() - start} ms`);
    assert.ok(removed === 0 || (pattern === everything && removed === 20_000), `${JSON.stringify(pattern).slice(0, 40)} removed ${removed}`);
    assert.equal(cache.size, 20_000 - removed);
  }
});

test("hazard/H25_segments: names that share a beginning do not share invalidations", async () => {
  const { cache } = bench();
  const names = ["prompt", "prompts", "Xprompt", "promp", "prompt_x", "prompt-x"];
  for (const name of names) await read(cache, `s.${name}.list`);
  for (const name of names) {
    assert.equal((await read(cache, `s.${name}.update`)).metadata.invalidated, 1, name);
    await read(cache, `s.${name}.list`);
  }
});

test("hazard/H26_growth: unique keys, loads and requests leave nothing behind", async () => {
  const { cache, clock } = bench({ maxEntries: 100 });
  for (let n = 0; n < 3000; n += 1) {
    cache.set(`a${n}.list:${n}`, n, { tags: [`t${n}`] });
    await read(cache, `b${n}.list`, { userId: `u${n}`, params: { n } }, () => n);
    if (n % 100 === 0) clock.advance(400);
    if (n % 7 === 0) await read(cache, `b${n}.update`);
    await cache.getOrSet(`c${n}`, () => { throw new Error("no"); }).catch(() => {});
  }
  const { size, loading, mutating, bytes } = cache.getStats();
  assert.ok(size <= 100 && bytes < 1e5, `${size} entries of ${bytes} bytes`);
  assert.deepEqual([loading, mutating], [0, 0]);
});

test("hazard/H30_memory_stays: what clear gives back is filled again before memory grows", () => {
  const { cache } = bench({ maxEntries: Infinity, maxBytes: Infinity });
  const fill = (round) => {
    for (let n = 0; n < 20_000; n += 1) cache.set(`a${n % 500}.list:${round}-${n}`, n, { tags: [`t${n % 50}`] });
  };
  fill(0);
  const before = process.memoryUsage().external;
  for (let round = 1; round <= 5; round += 1) {
    cache.clear();
    fill(round);
  }
  assert.equal(cache.size, 20_000);
  const grown = process.memoryUsage().external - before;
  assert.ok(grown < 2e6, `${grown} bytes more`);
});

// -- life and death ---------------------------------------------------------------------------------------------------

const AFTER = {
  get: (c) => c.get("k"), "get of another": (c) => c.get("none"), set: (c) => c.set("k", 1), "set with TTL": (c) => c.set("k", 1, 5), has: (c) => c.has("k"), peek: (c) => c.peek("k"), delete: (c) => c.delete("k"), invalidate: (c) => c.invalidate(""),
  expire: (c) => c.expire(""), preview: (c) => c.preview(""), clear: (c) => c.clear(), cleanupExpired: (c) => c.cleanupExpired(), getStats: (c) => c.getStats(), toPrometheus: (c) => c.toPrometheus(), keys: (c) => c.keys(), entries: (c) => c.entries(),
  iterator: (c) => [...c], explain: (c) => c.explain("k"), getMany: (c) => c.getMany([]), setMany: (c) => c.setMany([]), forUser: (c) => c.forUser("u"),
};
test("hazard/H28_use_after_dispose: every method says so, and requests run their handler", async () => {
  for (const options of [{}, { onEvent() {} }]) {
    const { cache } = bench(options);
    cache.set("k", 1);
    const user = cache.forUser("u");
    const gate = deferred();
    const load = cache.getOrSet("l", () => gate.promise);
    const request = read(cache, "a.list", {}, () => gate.promise);
    const mutation = read(cache, "a.update", {}, () => gate.promise);
    cache.dispose();
    cache.dispose();
    for (const [name, call] of Object.entries(AFTER)) {
      assert.deepEqual(complaint(() => call(cache)), ["Error", "ERR_DISPOSED", "this cache was disposed of and cannot be used any more"], name);
    }
    assert.equal(complaint(() => user.get("a.list"))[1], "ERR_DISPOSED");
    await assert.rejects(cache.getOrSet("k", () => 1), { code: "ERR_DISPOSED" });
    gate.resolve("v");
    assert.deepEqual([await load, (await request).data, (await mutation).data], ["v", "v", "v"]);
    for (const endpoint of ["a.list", "a.update"]) {
      const { data, metadata } = await read(cache, endpoint);
      assert.deepEqual([data, metadata.cache, metadata.reason], [endpoint, "bypass", "disposed"]);
    }
    const context = { endpoint: "a.list" };
    assert.equal(createCacheMiddleware(cache)(context), undefined);
    assert.equal(createCacheInvalidationMiddleware(cache)({ endpoint: "a.create" }), undefined);
    assert.equal(cacheResponse(cache, "r", context), "r");
  }
});

test("hazard/H28_use_after_dispose: in the middle of its own callback", async () => {
  for (const hook of ["onEvent", "sizeOf", "clock"]) {
    let cache, act;
    const options = { onEvent: () => act?.(), sizeOf: () => { act?.(); return 1; }, clock: { now: () => { act?.(); return 5; } } };
    cache = new CacheService({ [hook]: options[hook] });
    cache.set("k", 1);
    act = () => { act = undefined; cache.dispose(); };
    const { data } = await read(cache, "a.list", {}, () => "v");
    assert.equal(data, "v", hook);
    cache.dispose();
    assert.equal(complaint(() => cache.get("k"))[1], "ERR_DISPOSED");
  }
});

test("hazard/H31_statistics: hits and misses are the lookups, through fast paths and slow", async () => {
  for (const options of [{}, { onEvent() {} }, { defaultTtl: 1 }]) {
    const { cache, clock } = bench({ maxEntries: 20, ...options });
    const random = generator(31);
    let lookups = 0, hits = 0, bypassed = 0;
    for (let step = 0; step < many(5000); step += 1) {
      const n = Math.floor(random() * 30);
      const dice = random();
      if (dice < 0.3) cache.set(`k${n}`, n, n % 3 === 0 ? { tags: ["t"] } : undefined);
      else if (dice < 0.6) { lookups += 1; if (cache.get(`k${n}`) !== undefined) hits += 1; }
      else if (dice < 0.8) {
        const { metadata } = await read(cache, "a.list", { params: { n }, ...(n === 7 ? { userId: "" } : {}) });
        if (metadata.cache === "bypass") bypassed += 1;
        else { lookups += 1; if (metadata.fromCache) hits += 1; }
      } else if (dice < 0.85) cache.invalidate({ tag: "t" });
      else if (dice < 0.9) cache.delete(`k${n}`);
      else if (dice < 0.95) cache.has(`k${n}`);
      else if (dice < 0.97) clock.advance(random());
      else cache.cleanupExpired();
      if (step % 50 === 0 || step > many(5000) - 20) {
        const stats = cache.getStats();
        assert.deepEqual([stats.hits, stats.hits + stats.misses, stats.bypasses], [hits, lookups, bypassed], `after step ${step}`);
        assert.ok(Math.abs(stats.hitRate + stats.missRate - (lookups === 0 ? 0 : 1)) < 1e-12 && stats.size <= 20);
      }
    }
  }
});

test("hazard/H33_names: sixty endpoints, what each is", async () => {
  const { cache } = bench();
  const READS = ["a.list", "a.get", "a.status", "a.search", "a.analyze", "a.schema", "a.config", "health.check", "a.health.check", "metrics.get", "a.metrics.get", "list", "get", "x.clear.list", "create.get", "a.update.status", "a_b.list", "a-b.list", "é.list", "A.list", "1.list", "a.list.list", "user.getaway.search", "constructor.get", "__proto__.list"];
  const WRITES = ["a.create", "a.update", "a.delete", "a.add", "a.remove", "a.clear", "a.execute", "a.generate", "create", "a.list.create", "a.get.update", "__proto__.delete"];
  const NEITHER = ["a", "a.List", "a.GET", "a.lists", "a.listing", "alist", "a.check", "a.healthcheck", "a.health.checks", "a.creates", "a.Create", "a.get/x.list", "a.get%2elist", "a.frob", "a.list_", "toString", "a.list-all", "a.getx", "list.a", "create.a"];
  const BROKEN = ["", "a..list", ".list", "a.list.", "a.list ", " a.list", "a.list\n", "a:b.list", "a.list\u0000", "a\tb.list"];
  for (const endpoint of READS) for (const expected of ["miss", "hit"]) assert.equal((await read(cache, endpoint)).metadata.cache, expected, endpoint);
  for (const endpoint of WRITES) assert.equal((await read(cache, endpoint)).metadata.cache, "mutation", endpoint);
  for (const endpoint of NEITHER) assert.equal((await read(cache, endpoint)).metadata.reason, "not-cacheable", endpoint);
  for (const endpoint of BROKEN) {
    const { metadata } = await read(cache, endpoint);
    assert.ok(metadata.cache === "bypass" && ["endpoint", "not-cacheable"].includes(metadata.reason), `${JSON.stringify(endpoint)}: ${metadata.cache} ${metadata.reason}`);
  }
  for (const endpoint of [undefined, null, 5, {}, Symbol.iterator]) assert.equal((await read(cache, endpoint, {}, () => 1)).metadata.reason, "endpoint");
  assert.ok(READS.length + WRITES.length + NEITHER.length + BROKEN.length >= 60);
});
