// Staleness, waiting and isolation, each option by call, by rule and by service. Time is the injected clock; timers are mocked.
import assert from "node:assert/strict";
import { test } from "node:test";
import { routeRequest } from "../../pkg/index.js";
import { bench, deferred, turns } from "./kit.mjs";

/** The same options given to the service, to the rule and to each call. */
const GIVEN = {
  // A request's TTL goes by its endpoint; the service's default is for keys.
  service: ({ ttl, ...options }) => [{ ...options, rules: { "a.*": { ttl } } }, undefined],
  rule: (options) => [{ rules: { "a.*": options } }, undefined],
  call: (options) => [{}, options],
};
function everywhere(name, options, body) {
  for (const [where, split] of Object.entries(GIVEN)) {
    test(`${name}, by ${where}`, async (t) => {
      const [service, call] = split(options);
      const made = bench(service);
      const ask = (handler = () => assert.fail("no load was expected"), more = {}) =>
        routeRequest(made.cache, { endpoint: "a.list", ...more }, handler, call === undefined ? undefined : { ...call });
      await body({ ...made, ask, t });
    });
  }
}
const brief = ({ data, metadata }) => [data, metadata.cache];
const fail = () => { throw new Error("load"); };

everywhere("staleWhileRevalidate serves the old one while one load replaces it", { ttl: 10, staleWhileRevalidate: 5 }, async ({ cache, clock, ask }) => {
  await ask(() => 1);
  clock.advance(15);
  const gate = deferred();
  const stale = await ask(() => gate.promise);
  assert.deepEqual([...brief(stale), stale.metadata.fromCache, stale.metadata.age, stale.metadata.ttl], [1, "stale", true, 15, -5]);
  assert.deepEqual(brief(await ask()), [1, "stale"]);
  gate.resolve(2);
  await turns();
  assert.deepEqual(brief(await ask()), [2, "hit"]);
  clock.ms += 15_001;
  assert.deepEqual(brief(await ask(() => 3)), [3, "miss"]);
  assert.equal(cache.getStats().staleHits, 2);
});

everywhere("staleIfError stands in for a load that fails, and not for long", { ttl: 10, staleIfError: 5, retryBackoff: 2 }, async ({ clock, ask }) => {
  await ask(() => 1);
  clock.advance(12);
  assert.deepEqual(brief(await ask(fail)), [1, "stale"]);
  clock.advance(1);
  assert.deepEqual(brief(await ask()), [1, "stale"], "no load before the backoff is over");
  clock.advance(1.5);
  assert.deepEqual(brief(await ask(() => 2)), [2, "miss"]);
  clock.advance(16);
  await assert.rejects(ask(fail), { message: "load" });
});

everywhere("softTimeout serves the old one where the load takes longer, and the load goes on", { ttl: 10, staleIfError: 60, softTimeout: 1 }, async ({ clock, ask, t }) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  await ask(() => 1);
  clock.advance(11);
  const gate = deferred();
  const asked = ask(() => gate.promise);
  await turns();
  t.mock.timers.tick(1001);
  assert.deepEqual(brief(await asked), [1, "stale"]);
  gate.resolve(2);
  await turns();
  assert.deepEqual(brief(await ask()), [2, "hit"]);
});

everywhere("hardTimeout ends the wait with an error, and the load with it where nobody else waits", { hardTimeout: 1 }, async ({ cache, ask, t }) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let signal;
  const asked = ask((_, context) => { signal = context.signal; return new Promise(() => {}); });
  await turns();
  t.mock.timers.tick(1001);
  await assert.rejects(asked, { code: "ERR_TIMEOUT", name: "TimeoutError", message: "the load took longer than its hardTimeout of 1 s" });
  assert.deepEqual([signal.aborted, cache.getStats().loading], [true, 0]);
  assert.deepEqual(brief(await ask(() => 2)), [2, "miss"]);
});

everywhere("jitter shortens the TTL by a share from the seeded generator", { ttl: 100, jitter: 0.2 }, async ({ cache, ask }) => {
  const ttls = [];
  for (let n = 0; n < 30; n += 1) {
    const { metadata } = await ask(() => n, { params: { n } });
    ttls.push(cache.explain(metadata.key).ttl);
  }
  assert.ok(ttls.every((ttl) => ttl >= 80 && ttl <= 100), String(ttls));
  assert.ok(new Set(ttls).size > 20);
});

test("the same seed gives the same jitter", () => {
  const ttls = (seed) => {
    const { cache } = bench({ seed, jitter: 0.5 });
    return Array.from({ length: 10 }, (_, n) => { cache.set(`k${n}`, 1, "100s"); return cache.explain(`k${n}`).ttl; });
  };
  assert.deepEqual(ttls(7), ttls(7));
  assert.notDeepEqual(ttls(7), ttls(8));
});

everywhere("eagerRefresh loads ahead of time, in the background and once", { ttl: 100, eagerRefresh: 0.8 }, async ({ clock, ask }) => {
  await ask(() => 1);
  clock.advance(80);
  assert.deepEqual(brief(await ask()), [1, "hit"]);
  clock.advance(1);
  const gate = deferred();
  assert.deepEqual(brief(await ask(() => gate.promise)), [1, "hit"]);
  assert.deepEqual(brief(await ask()), [1, "hit"]);
  gate.resolve(2);
  await turns();
  assert.deepEqual(brief(await ask()), [2, "hit"]);
});

everywhere("negativeTtl is the TTL of null", { ttl: 100, negativeTtl: 5 }, async ({ ask }) => {
  assert.equal((await ask(() => null)).metadata.ttl, 5);
  assert.equal((await ask(() => 0, { params: { n: 1 } })).metadata.ttl, 100);
});

test("waitUntil is given the work in the background, which never rejects", async () => {
  const { cache, clock } = bench({ staleWhileRevalidate: 60 });
  const work = [];
  const ask = (handler) => routeRequest(cache, { endpoint: "a.list", waitUntil: (promise) => work.push(promise) }, handler);
  await ask(() => 1);
  assert.equal(work.length, 0);
  clock.advance(181);
  await ask(fail);
  assert.equal(work.length, 1);
  assert.equal(await work[0], undefined);
  const odd = { endpoint: "a.list", waitUntil() { throw new Error("no"); } };
  assert.deepEqual(brief(await routeRequest(cache, odd, () => 2)), [1, "stale"]);
  await turns();
  assert.deepEqual(brief(await ask(assert.fail)), [2, "hit"]);
});

test("getOrSet takes the same options", async () => {
  const { cache, clock } = bench();
  await cache.getOrSet("k", () => 1, { ttl: 10, staleWhileRevalidate: 5, tags: ["t"] });
  clock.advance(12);
  assert.equal(await cache.getOrSet("k", () => 2, { ttl: 10, staleWhileRevalidate: 5, tags: ["t"] }), 1);
  await turns();
  assert.deepEqual([await cache.getOrSet("k", assert.fail), cache.invalidate({ tag: "t" })], [2, 1]);
  await assert.rejects(cache.getOrSet("k", () => 1, { ttls: 5 }), { code: "ERR_OPTION" });
  await assert.rejects(cache.getOrSet("k", () => 1, -1), { code: "ERR_TTL" });
  await assert.rejects(cache.getOrSet("", () => 1), { code: "ERR_KEY" });
  await assert.rejects(cache.getOrSet("x", 5), { code: "ERR_OPTION" });
});

test("a load may set its TTL, add tags, or keep its answer from being stored", async () => {
  const { cache } = bench();
  const ask = (endpoint, act) => routeRequest(cache, { endpoint }, (_, context) => { act(context); return 1; });
  assert.equal((await ask("a.list", ({ setTtl }) => setTtl("7s"))).metadata.ttl, 7);
  await ask("b.list", ({ addTags }) => { addTags("x", "y"); addTags("z"); });
  assert.deepEqual([cache.invalidate({ tag: "q" }), cache.invalidate({ tag: "z" })], [0, 1]);
  const { metadata } = await ask("c.list", ({ noStore }) => noStore());
  assert.deepEqual([metadata.reason, metadata.ttl, (await ask("c.list", () => {})).metadata.cache], ["not-storable", null, "miss"]);
  // D6: an answer's own lifetime of 0 or less is not stored, and never fails the request.
  const none = await ask("d.list", ({ setTtl }) => setTtl(-1));
  assert.deepEqual([none.data, none.metadata.reason, none.metadata.ttl, cache.has(none.metadata.key)], [1, "no-lifetime", null, false]);
  for (const bad of ["", 5, "\n", undefined]) await assert.rejects(ask("d.list", ({ addTags }) => addTags(bad)), { code: "ERR_OPTION" });
});

test("maxFollowers and maxLoads: who is one too many runs its own handler", async () => {
  const { cache } = bench({ maxFollowers: 1, maxLoads: 2 });
  const gate = deferred();
  const ask = (endpoint, handler) => routeRequest(cache, { endpoint }, handler);
  const waiting = [ask("a.list", () => gate.promise), ask("a.list", assert.fail), ask("b.list", () => gate.promise)];
  const third = await ask("a.list", () => "own");
  assert.deepEqual([...brief(third), third.metadata.reason], ["own", "bypass", "too-many-followers"]);
  const fourth = await ask("c.list", () => "own");
  assert.deepEqual([...brief(fourth), fourth.metadata.reason], ["own", "bypass", "too-many-loads"]);
  gate.resolve("v");
  assert.deepEqual((await Promise.all(waiting)).map(brief), [["v", "miss"], ["v", "joined"], ["v", "miss"]]);
  assert.deepEqual(brief(await ask("c.list", () => 1)), [1, "miss"]);
});

for (const [mode, joins] of [["process", true], ["auto", true], ["request", false], ["off", false]]) {
  test(`singleFlight ${mode}: callers without an execution ${joins ? "wait for one load" : "run their own"}`, async () => {
    for (const [service, call] of [[{ singleFlight: mode }, undefined], [{}, { singleFlight: mode }]]) {
      const { cache } = bench(service);
      const gate = deferred();
      let calls = 0;
      const ask = () => routeRequest(cache, { endpoint: "a.list" }, () => { calls += 1; return gate.promise; }, call);
      const asked = [ask(), ask(), ask()];
      gate.resolve(1);
      const kinds = (await Promise.all(asked)).map(({ metadata }) => metadata.cache);
      assert.deepEqual([calls, ...kinds], joins ? [1, "miss", "joined", "joined"] : [3, "miss", "bypass", "bypass"]);
    }
  });
}

test("isolation snapshot: frozen and shared where that is safe, each caller's own where it is not", async () => {
  const { cache } = bench();
  const both = async (make) => {
    const gate = deferred();
    cache.clear();
    const asked = [cache.getOrSet("k", () => gate.promise), cache.getOrSet("k", assert.fail)];
    gate.resolve(make);
    return [...(await Promise.all(asked)), await cache.getOrSet("k", assert.fail)];
  };
  const plain = { a: [1, { b: 2 }] };
  const frozen = await both(plain);
  assert.ok(frozen.every((value) => value !== plain && Object.isFrozen(value) && Object.isFrozen(value.a[1])));
  assert.ok(!Object.isFrozen(plain));
  const odd = { when: new Date(5), map: new Map([["k", 1]]) };
  const own = await both(odd);
  assert.equal(new Set([odd, ...own].map(({ when }) => when)).size, 4);
  for (const value of own) assert.deepEqual(value, odd);
});

test("isolation: what cannot be copied is its first caller's, is not stored, and others make their own", async () => {
  const { cache } = bench();
  const made = [];
  const gate = deferred();
  const ask = () => routeRequest(cache, { endpoint: "a.list" }, async () => { await gate.promise; made.push({ call() {} }); return made.at(-1); });
  const asked = [ask(), ask()];
  gate.resolve();
  const [first, second] = await Promise.all(asked);
  assert.deepEqual([first.metadata.cache, first.metadata.reason, second.metadata.cache, second.metadata.reason], ["miss", "not-cloneable", "bypass", "not-joinable"]);
  assert.deepEqual([first.data, second.data], made);
  assert.notEqual(first.data, second.data);
  assert.equal(cache.size, 0);
});

test("isolation reference: the very object, by service and by call", async () => {
  for (const [service, call] of [[{ isolation: "reference" }, undefined], [{}, { isolation: "reference" }]]) {
    const { cache } = bench(service);
    const value = { call() {} };
    assert.equal(await cache.getOrSet("k", () => value, call), value);
    assert.equal(await cache.getOrSet("k", assert.fail, call), value);
    assert.equal(cache.get("k"), value);
  }
});

test("sec/A07_unkeyed_input: a handler whose answer is kept sees only what is in the key", async () => {
  const { cache } = bench({ rules: { "a.*": { vary: ["language"] } } });
  const request = { endpoint: "a.list", params: { a: 1 }, userId: "u", vary: { language: "de", device: "d" }, headers: { cookie: "c" }, execution: {} };
  const { data } = await routeRequest(cache, request, (params, context) => {
    for (const name of ["request", "headers", "execution", "user", "requestId", "anything"]) {
      assert.throws(() => context[name], { code: "ERR_UNKEYED", name: "TypeError" }, name);
    }
    assert.notEqual(params, request.params);
    assert.throws(() => { context.userId = "other"; }, TypeError);
    return [params, context.endpoint, context.method, context.userId, context.vary, context.cached];
  });
  assert.deepEqual(data, [{ a: 1 }, "a.list", "GET", "u", { language: "de" }, true]);
  const open = await routeRequest(cache, { ...request, endpoint: "a.frob" }, (params, context) => [params === request.params, context.request.headers.cookie, context.cached]);
  assert.deepEqual(open.data, [true, "c", false]);
});

test("a load's context cannot be written to, and a copy of it has all there is", async () => {
  const { cache } = bench();
  await routeRequest(cache, { endpoint: "a.list" }, (_, context) => {
    for (const write of [
      () => { context.data = 1; },
      () => { delete context.endpoint; },
      () => Object.defineProperty(context, "endpoint", { value: "b.list" }),
      () => Object.setPrototypeOf(context, null),
      () => { context.vary.a = "1"; },
      () => { context.signal = undefined; },
    ]) assert.throws(write, TypeError, String(write));
    const copy = { ...context };
    assert.deepEqual(Object.keys(copy).sort(), ["addTags", "cached", "endpoint", "method", "noStore", "setTtl", "signal", "userId", "vary"]);
    assert.equal(copy.signal, context.signal);
    return 1;
  });
  await cache.getOrSet("k", (context) => {
    const { signal, ...rest } = context;
    assert.deepEqual([signal, Object.keys(rest).sort()], [context.signal, ["addTags", "key", "noStore", "setTtl"]]);
    return 1;
  });
});

test("a signal that is asked for when nobody waits any more is aborted already", async () => {
  const { cache } = bench();
  const gate = deferred();
  const seen = deferred();
  const controller = new AbortController();
  const load = cache.getOrSet("k", async (context) => {
    await gate.promise;
    seen.resolve(context.signal);
    return 1;
  }, { signal: controller.signal });
  controller.abort();
  await assert.rejects(load, { name: "AbortError" });
  gate.resolve();
  const { aborted, reason } = await seen.promise;
  assert.deepEqual([aborted, reason.name, cache.get("k")], [true, "AbortError", undefined]);
});

test("a follower of a load whose leader aborted gets the value, which is stored", async () => {
  const { cache } = bench();
  const gate = deferred();
  const controller = new AbortController();
  const leader = cache.getOrSet("k", () => gate.promise, { signal: controller.signal });
  const follower = cache.getOrSet("k", assert.fail);
  controller.abort();
  await assert.rejects(leader, { name: "AbortError" });
  gate.resolve(1);
  assert.deepEqual([await follower, cache.get("k")], [1, 1]);
});

test("authorize is asked first: what it throws is thrown, and nothing was read or invalidated", async () => {
  const { cache } = bench();
  await routeRequest(cache, { endpoint: "a.list" }, () => 1);
  const denied = new Error("denied");
  const authorize = () => { throw denied; };
  for (const endpoint of ["a.list", "a.create"]) {
    await assert.rejects(routeRequest(cache, { endpoint }, assert.fail, { authorize }), (error) => error === denied);
    await assert.rejects(routeRequest(cache, { endpoint }, assert.fail, { authorize: async () => authorize() }), (error) => error === denied);
  }
  assert.deepEqual([cache.size, cache.getStats().hits, cache.getStats().invalidations], [1, 0, 0]);
});
