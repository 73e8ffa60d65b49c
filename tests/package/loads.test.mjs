// Loads and mutations under way: where they end, what they hold on to, who may wait for whom, and what becomes of late answers.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { cacheResponse, CacheService, createCacheMiddleware, routeRequest } from "../../pkg/index.js";
import { bench, deferred, turns } from "./kit.mjs";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
/** Whatever nobody holds on to is gone afterwards. A turn of the loop for each round: WeakRefs hold until one ends. */
async function gone() {
  for (let round = 0; round < 4; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
}
const alive = (refs) => refs.filter((ref) => ref.deref() !== undefined).length;
const fail = (message = "load") => { throw new Error(message); };
/** A logger that keeps what it is warned of. */
function listener() {
  const said = [];
  const quiet = () => {};
  return { said, logger: { debug: quiet, info: quiet, error: quiet, warn: (fields, text) => said.push({ ...fields, text }) } };
}
/** For the time of a test, the host says that it is workerd. */
function inWorkerd(t) {
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: { userAgent: "Cloudflare-Workers" }, configurable: true });
  t.after(() => (before === undefined ? delete globalThis.navigator : Object.defineProperty(globalThis, "navigator", before)));
}
const brief = ({ data, metadata }) => [data, metadata.cache];

describe("B2: what hangs is let go of", () => {
  /** Handlers that never end: what they and their requests hold on to. */
  function hang(cache, count = 40, options = undefined) {
    const refs = [];
    for (let i = 0; i < count; i += 1) {
      const request = { endpoint: "a.b.get", params: { i }, ...options };
      const held = { i };
      refs.push(new WeakRef(request), new WeakRef(request.params), new WeakRef(held));
      void routeRequest(cache, request, () => new Promise(() => held)).catch(() => {});
      const key = {};
      refs.push(new WeakRef(key));
      void cache.getOrSet(`k${i}`, () => new Promise(() => key), options).catch(() => {});
    }
    return refs;
  }
  const ends = {
    clear: (cache) => cache.clear(),
    dispose: (cache) => cache.dispose(),
    "an invalidation by endpoint and key": (cache) => (cache.invalidate({ endpoint: "a.b.*" }), cache.invalidate("^k")),
    "expire": (cache) => cache.expire(""),
    "a mutation": (cache) => (cache.invalidate("^k"), routeRequest(cache, { endpoint: "a.b.update" }, () => 1)),
    "values set by hand": (cache) => { for (const key of cache.loading) cache.set(key, 1); },
    "deleted keys": (cache) => { for (const key of cache.loading) cache.delete(key); },
    "maxWait, at the next load": (cache, clock) => (clock.advance(30.001), cache.getOrSet("other", () => 1)),
  };
  for (const [name, end] of Object.entries(ends)) {
    test(`by ${name}`, async () => {
      const { cache, clock } = bench();
      cache.loading = [];
      for (let i = 0; i < 40; i += 1) cache.loading.push(`k${i}`, CacheService.generateCacheKey("a.b.get", { i }));
      const refs = hang(cache);
      await gone();
      assert.equal(alive(refs), refs.length, "they may be joined");
      await end(cache, clock);
      await gone();
      assert.equal(alive(refs), 0);
    });
  }

  test("by the end of those who wait", async () => {
    const { cache } = bench();
    const stop = new AbortController();
    const refs = hang(cache, 40, { signal: stop.signal });
    stop.abort();
    await gone();
    assert.equal(alive(refs), 0);
  });

  test("a handler that hangs in the background is let go of as well", async () => {
    const { cache, clock } = bench({ staleWhileRevalidate: "1d" });
    const refs = [];
    for (let i = 0; i < 20; i += 1) await cache.getOrSet(`k${i}`, () => 1, 1);
    clock.advance(5);
    for (let i = 0; i < 20; i += 1) {
      const held = { i };
      refs.push(new WeakRef(held));
      await cache.getOrSet(`k${i}`, () => new Promise(() => held), 1);
    }
    cache.set("k0", "by hand");
    cache.clear();
    await gone();
    assert.equal(alive(refs), 0);
  });

  test("loads that go on may still be joined after others were let go of", async () => {
    const { cache } = bench();
    const gate = deferred();
    const first = cache.getOrSet("stays", () => gate.promise);
    hang(cache, 5);
    cache.invalidate({ endpoint: "a.b.*" });
    const second = cache.getOrSet("stays", () => fail("a second handler"));
    gate.resolve("one");
    assert.deepEqual(await Promise.all([first, second]), ["one", "one"]);
    assert.equal(cache.get("stays"), "one");
  });

  test("a mutation whose time ran out still ends what was read meanwhile", async () => {
    for (const [params, other] of [[{ id: 7 }, "hit"], [undefined, "miss"]]) {
      const { cache, clock } = bench({ mutationTimeout: 10, rules: { "a.item.*": { resourceId: "id" } } });
      const read = (id, value) => routeRequest(cache, { endpoint: "a.item.get", params: { id } }, () => value);
      const commit = deferred();
      const mutation = routeRequest(cache, { endpoint: "a.item.update", params }, () => commit.promise);
      await turns();
      clock.advance(11);
      assert.deepEqual(brief(await read(7, "old")), ["old", "miss"]);
      assert.equal(cache.getStats().mutating, 0);
      await read(8, "other");
      assert.deepEqual(brief(await read(7, "no")), ["old", "hit"], "its time has run out");
      commit.resolve(1);
      const { metadata } = await mutation;
      assert.equal(metadata.invalidated, params === undefined ? 2 : 1);
      assert.deepEqual(brief(await read(7, "new")), ["new", "miss"]);
      assert.equal((await read(8, "new")).metadata.cache, other, "params narrow, and widen where they say nothing");
    }
  });

  test("mutations that never end take no memory after their time", async () => {
    const { cache, clock } = bench({ mutationTimeout: 1 });
    const memory = () => cache.getStats().mutating;
    for (let i = 0; i < 500; i += 1) void routeRequest(cache, { endpoint: "a.item.update", params: { i } }, () => new Promise(() => {}));
    await turns();
    assert.equal(memory(), 500);
    clock.advance(2);
    cache.get("x");
    cache.cleanupExpired();
    assert.equal(memory(), 0);
    assert.equal(cache.getStats().expiredMutations, 500);
  });
});

describe("B4: a load that waits for itself runs alone, at once", () => {
  const chain = {
    synchronously: (next) => next,
    "after an await": (next) => async () => (await null, next()),
    "after a timer": (next) => async () => (await new Promise((resolve) => setImmediate(resolve)), next()),
  };
  for (const [how, then] of Object.entries(chain)) {
    test(`getOrSet, ${how}`, async () => {
      const { cache } = bench();
      let loads = 0;
      const load = then(() => ((loads += 1) > 3 ? "end" : cache.getOrSet("k", load)));
      assert.equal(await cache.getOrSet("k", load), "end");
      assert.equal(loads, 4);
    });

    test(`routeRequest, ${how}`, async () => {
      const { cache } = bench();
      let loads = 0;
      const ask = () => routeRequest(cache, { endpoint: "a.b.get", params: { n: 1 } }, then(() => ((loads += 1) > 3 ? "end" : ask().then(({ data }) => data))));
      const { data } = await ask();
      assert.equal(data, "end");
      assert.equal(loads, 4);
    });

    test(`through another load, ${how}`, async () => {
      const { cache } = bench();
      let deep = 0;
      const a = then(() => ((deep += 1) > 4 ? "end" : cache.getOrSet("b", b)));
      const b = then(() => cache.getOrSet("c", c));
      const c = then(() => cache.getOrSet("a", a));
      assert.equal(await cache.getOrSet("a", a), "end");
      assert.ok(deep <= 5);
    });

    test(`through a load that somebody else began, ${how}`, async () => {
      const { cache } = bench();
      const gate = deferred();
      // Begun before "a", and from outside of it: it comes to wait for "a" later.
      const b = cache.getOrSet("b", async () => (await gate.promise, cache.getOrSet("a", () => "alone")));
      const a = cache.getOrSet("a", then(() => cache.getOrSet("b", () => "alone")));
      await turns();
      gate.resolve();
      assert.deepEqual(await Promise.all([a, b]), ["alone", "alone"]);
    });
  }

  test("with a second cache between, and from the handlers of several callers", async () => {
    const [one, two] = [bench().cache, bench().cache];
    let n = 0;
    const load = async () => (await null, (n += 1) > 6 ? "end" : two.getOrSet("k", async () => (await null, one.getOrSet("k", load))));
    assert.deepEqual(await Promise.all([one.getOrSet("k", load), one.getOrSet("k", load)]), ["end", "end"]);
  });

  test("what is called beside the load is not taken for a part of it", async () => {
    const { cache } = bench();
    const gate = deferred();
    const a = cache.getOrSet("a", () => gate.promise);
    // Another load waits for "a", and so does a plain caller: both join.
    const b = cache.getOrSet("b", async () => (await null, cache.getOrSet("a", () => fail("joined"))));
    const c = cache.getOrSet("a", () => fail("joined"));
    await turns();
    gate.resolve(1);
    assert.deepEqual(await Promise.all([a, b, c]), [1, 1, 1]);
    assert.equal(cache.getStats().joined, 2);
  });
});

describe("C2: a dead origin is left in peace", () => {
  test("a refresh that failed is tried again at once, then once a second, and said once", async () => {
    for (const options of [{ ttl: 10, staleWhileRevalidate: 1000 }, { ttl: 1000, eagerRefresh: 0.001 }, { ttl: 10, staleIfError: 1000 }]) {
      const { said, logger } = listener();
      const { cache, clock } = bench({ logger });
      let loads = 0;
      const ask = (handler) => routeRequest(cache, { endpoint: "a.b.get" }, handler, options);
      await ask(() => "old");
      clock.advance(11);
      const dead = () => { loads += 1; fail("dead"); };
      for (let i = 0; i < 50; i += 1) {
        assert.equal((await ask(dead)).data, "old");
        clock.advance(0.1);
      }
      assert.ok(loads >= 5 && loads <= 7, `${loads} loads in five seconds`);
      const [warning, ...more] = said;
      assert.deepEqual([warning.endpoint, warning.reason, warning.err.message, more], ["a.b.get", "refresh-failed", "dead", []]);
      assert.match(warning.text, /\bbackground\b/);
    }
  });

  test("an error answer, and one that is not to be stored, are no better", async () => {
    for (const answer of [() => ({ status: "error", error: "dead" }), (_, context) => (context.noStore(), 1), (_, context) => (context.setTtl(0), 1), () => undefined]) {
      const { cache, clock } = bench({ logger: listener().logger });
      let loads = 0;
      const ask = (handler) => routeRequest(cache, { endpoint: "a.b.get" }, handler, { ttl: 10, staleWhileRevalidate: 1000 });
      await ask(() => "old");
      clock.advance(11);
      for (let i = 0; i < 20; i += 1) await ask((params, context) => ((loads += 1), answer(params, context)));
      assert.equal(loads, 2);
    }
  });

  test("retryBackoff: 0 tries at each request, as said", async () => {
    const { cache, clock } = bench({ logger: listener().logger, retryBackoff: 0, staleWhileRevalidate: 1000 });
    let loads = 0;
    await cache.getOrSet("k", () => 1, 10);
    clock.advance(11);
    for (let i = 0; i < 5; i += 1) await cache.getOrSet("k", () => { loads += 1; fail(); }, 10);
    assert.equal(loads, 5);
  });
});

describe("D4: where loads in the background run", () => {
  const als = new AsyncLocalStorage();
  /** What a handler in the background finds in its context, called from the context "request". */
  async function found(service, call = {}) {
    const { cache, clock } = als.run("made", () => bench({ staleWhileRevalidate: 1000, logger: listener().logger, ...service }));
    await cache.getOrSet("k", () => 1, { ttl: 1 });
    clock.advance(2);
    let seen = "never run";
    await als.run("request", () => cache.getOrSet("k", () => (seen = als.getStore()), { ttl: 1, ...call }));
    await turns();
    return seen;
  }

  test("in the request's context by default, in the cache's where asked for", async () => {
    assert.equal(await found({}), "request");
    assert.equal(await found({ background: "inherit" }), "request");
    assert.equal(await found({ background: "detached" }), "made");
    assert.equal(await found({}, { background: "detached" }), "made");
    assert.equal(await found({ background: "detached" }, { background: "inherit" }), "request");
  });

  test("or where a function of the caller's runs them, at once or later", async () => {
    assert.equal(await found({ background: (run) => als.run("mine", run) }), "mine");
    assert.equal(await found({ background: (run) => void Promise.resolve().then(() => als.run("later", run)) }), "later");
    assert.equal(await found({ background: () => {} }), "never run");
    for (const broken of [() => fail("mine"), async () => fail("mine")]) assert.equal(await found({ background: broken }), "never run");
  });

  test("a load that its caller waits for runs where that is", async () => {
    const { cache } = bench({ background: "detached" });
    assert.equal(await als.run("request", () => cache.getOrSet("k", () => als.getStore())), "request");
  });

  test("a function that fails is a load that failed, and said", async () => {
    const { said, logger } = listener();
    const { cache, clock } = bench({ staleWhileRevalidate: 1000, logger, background: () => fail("no place") });
    await cache.getOrSet("k", () => 1, 1);
    clock.advance(2);
    assert.equal(await cache.getOrSet("k", () => 2, 1), 1);
    await turns();
    assert.equal(said[0].err.message, "no place");
    assert.equal(cache.getStats().loading, 0);
  });

  test("anything else is an error at once", async () => {
    for (const background of ["detatched", null, 1, {}]) {
      assert.throws(() => new CacheService({ background }), { code: "ERR_OPTION", message: /background is "inherit", "detached" or a function/ });
      await assert.rejects(new CacheService().getOrSet("k", () => 1, { background }), { code: "ERR_OPTION" });
    }
  });
});

describe("D7: executions that may not wait for each other", () => {
  test("calls of each execution share one load, whoever came first", async () => {
    const { cache } = bench({ singleFlight: "request" });
    const gate = deferred();
    const counts = [0, 0, 0];
    const executions = [{}, {}, {}];
    const ask = (at) => routeRequest(cache, { endpoint: "a.b.get", execution: executions[at] }, async () => (counts[at] += 1, await gate.promise, `of ${at}`));
    const asked = [0, 1, 2, 2, 1, 0, 1, 2, 0].map((at) => ask(at));
    await turns();
    assert.deepEqual(counts, [1, 1, 1]);
    gate.resolve();
    const answers = await Promise.all(asked);
    assert.deepEqual(answers.map(({ data }) => data), [0, 1, 2, 2, 1, 0, 1, 2, 0].map((at) => `of ${at}`));
    assert.equal(answers[1].metadata.reason, "not-joinable");
    assert.equal((await ask(1)).metadata.cache, "hit");
  });

  test("without an execution nobody waits, and null is none", async () => {
    for (const execution of [undefined, null]) {
      const { cache } = bench({ singleFlight: "request" });
      let loads = 0;
      await Promise.all([1, 2, 3].map(() => cache.getOrSet("k", async () => (await null, loads += 1), { execution })));
      assert.equal(loads, 3);
    }
  });

  test("an invalidation ends what an execution shares, too", async () => {
    const { cache } = bench({ singleFlight: "request" });
    const [x, y] = [{}, {}];
    let version = 1;
    const gate = deferred();
    const ask = (execution, wait) => cache.getOrSet("k", async () => { const read = version; await wait; return read; }, { execution });
    const before = [ask(x, gate.promise), ask(y, gate.promise)];
    await turns();
    version = 2;
    cache.invalidate("k");
    const after = [ask(y), ask(x), ask(y)];
    gate.resolve();
    assert.deepEqual(await Promise.all(before), [1, 1]);
    assert.deepEqual(await Promise.all(after), [2, 2, 2]);
  });

  test("a failed load of an execution is shared once and not kept", async () => {
    const { cache } = bench({ singleFlight: "request" });
    const y = {};
    void cache.getOrSet("k", () => new Promise(() => {}), { execution: {} });
    let loads = 0;
    const ask = () => cache.getOrSet("k", async () => { loads += 1; await null; fail(); }, { execution: y });
    const settled = await Promise.allSettled([ask(), ask()]);
    assert.deepEqual(settled.map(({ status }) => status), ["rejected", "rejected"]);
    assert.equal(loads, 1);
    await assert.rejects(ask());
    assert.equal(loads, 2);
  });

  test("a miss is handed to waitUntil, or to that of the execution", async () => {
    for (const give of [(works) => ({ waitUntil: (work) => works.push(work) }), (works) => ({ execution: { works, waitUntil(work) { this.works.push(work); } } })]) {
      const { cache } = bench();
      const works = [];
      const gate = deferred();
      const asked = [routeRequest(cache, { endpoint: "a.b.get", ...give(works) }, () => gate.promise), cache.getOrSet("k", () => gate.promise, give(works))];
      assert.equal(works.length, 2);
      gate.reject(new Error("not unhandled"));
      await Promise.all(works);
      await Promise.allSettled(asked);
    }
  });

  test("in workerd a refresh that nothing keeps alive is waited for, and a failing one leaves the stale answer", async (t) => {
    inWorkerd(t);
    const { cache, clock } = bench({ staleWhileRevalidate: 1000, logger: listener().logger });
    const ask = (load, more) => cache.getOrSet("k", load, { ttl: 1, ...more });
    await ask(() => 1);
    clock.advance(2);
    assert.equal(await ask(async () => (await null, fail())), 1);
    clock.advance(2);
    assert.equal(await ask(async () => (await null, 2)), 2);
    clock.advance(2);
    const works = [];
    assert.equal(await ask(async () => (await null, 3), { waitUntil: (work) => works.push(work) }), 2);
    await Promise.all(works);
    assert.equal(await ask(() => fail()), 3);
    clock.advance(2);
    assert.equal(await ask(() => 4), 3, "one that answers at once needs nobody to wait");
    await turns();
    assert.equal(await ask(() => fail()), 4);
  });

  test("in workerd a load that may have died with its request is taken over by one of those who wait", async (t) => {
    inWorkerd(t);
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const { cache } = bench();
    let loads = 0;
    const gate = deferred();
    const first = cache.getOrSet("k", () => gate.promise);
    const asked = [1, 2, 3, 4].map(() => cache.getOrSet("k", async () => (await null, loads += 1)));
    t.mock.timers.tick(999);
    await turns();
    assert.equal(loads, 0);
    t.mock.timers.tick(1);
    await turns();
    assert.deepEqual(await Promise.all(asked), [1, 1, 1, 1]);
    assert.equal(cache.getStats().loading, 0);
    gate.resolve("alive");
    assert.equal(await first, "alive");
    assert.equal(cache.get("k"), 1);
  });

  test("in workerd what handlers return is shared where it is a copy, and not where it is the very object", async (t) => {
    inWorkerd(t);
    for (const [isolation, expected] of [["snapshot", 1], ["json", 1], ["copy", 1], ["reference", 3]]) {
      const { cache } = bench({ isolation });
      let loads = 0;
      await Promise.all([1, 2, 3].map(() => cache.getOrSet("k", async () => (await null, { n: loads += 1 }))));
      assert.equal(loads, expected, isolation);
    }
  });
});

describe("D6: what loads are given and say", () => {
  test("signal: null is no signal, and what is none is an error or a bypass", async () => {
    const { cache } = bench({ logger: listener().logger });
    assert.equal((await routeRequest(cache, { endpoint: "a.b.get", signal: null }, () => 1)).data, 1);
    assert.equal((await routeRequest(cache, { endpoint: "a.c.get" }, () => 1, { signal: null })).data, 1);
    assert.equal(await cache.getOrSet("k", () => 1, { signal: null }), 1);
    assert.equal(await cache.getOrSet("k", () => 2, { signal: null }), 1);
    for (const signal of [1, "x", {}, () => {}, { aborted: true }]) {
      await assert.rejects(cache.getOrSet("l", () => 1, { signal }), { code: "ERR_OPTION", message: /signal is an AbortSignal/ });
      const read = await routeRequest(cache, { endpoint: "a.d.get", signal }, () => 1);
      assert.deepEqual([read.data, read.metadata.cache, read.metadata.reason], [1, "bypass", "options"]);
      await routeRequest(cache, { endpoint: "a.e.get" }, () => "old");
      const change = await routeRequest(cache, { endpoint: "a.e.update", signal }, () => 1);
      assert.deepEqual([change.metadata.cache, change.metadata.invalidated], ["mutation", 1]);
    }
  });

  test("a lifetime of an answer's own that is none is not stored, and never fails the request", async () => {
    for (const [ttl, warned] of [[0, false], [-0, false], [-5, false], ["0s", false], ["-5s", false], [-Infinity, false], [NaN, true], ["soon", true], [null, true], [{}, true], [undefined, true], [5n, true]]) {
      const { said, logger } = listener();
      const { cache } = bench({ logger });
      assert.equal(await cache.getOrSet("k", (context) => (context.setTtl(ttl), "token")), "token");
      const answer = await routeRequest(cache, { endpoint: "a.b.get" }, (_, context) => (context.setTtl(ttl), "token"));
      assert.deepEqual([answer.data, answer.metadata.reason, answer.metadata.ttl], ["token", "no-lifetime", null]);
      const middleware = createCacheMiddleware(cache);
      const context = { endpoint: "c.d.get" };
      middleware(context, {});
      if (ttl !== undefined) {
        context.cacheTtl = ttl;
        cacheResponse(cache, { status: "success", data: 1 }, context);
        cacheResponse(cache, { status: "success", data: 1 }, { endpoint: "e.f.get", cacheKey: "by hand", cacheTtl: ttl });
      }
      assert.equal(cache.size, 0, `${String(ttl)} is stored`);
      assert.equal(cache.getStats().refusedBy["no-lifetime"], ttl === undefined ? 2 : 3);
      assert.equal(said.length > 0, warned, `${String(ttl)} is warned of`);
      assert.ok(said.every(({ reason }) => reason === "no-lifetime"));
    }
  });

  test("an option of 0, and a lifetime without end, are for ever", async () => {
    const { cache, clock } = bench();
    await cache.getOrSet("a", () => 1, { ttl: 0 });
    await cache.getOrSet("b", ({ setTtl }) => (setTtl(Infinity), 1));
    await cache.getOrSet("c", ({ setTtl }) => (setTtl(0), setTtl(60), 1));
    clock.advance(59);
    assert.equal(cache.size, 3);
    clock.advance(1e9);
    assert.deepEqual([...cache.keys()], ["a", "b"]);
  });

  test("what a load brings after hardTimeout is stored, unless something was invalidated since it began", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const cases = { nothing: [() => {}, true], "an invalidation": [(cache) => cache.invalidate("nothing like it"), false],
      "a mutation": [(cache) => routeRequest(cache, { endpoint: "a.b.update" }, () => 1), false], clear: [(cache) => cache.clear(), false],
      "a value set by hand": [(cache, key) => cache.set(key, { status: "success", data: "by hand" }), false], dispose: [(cache) => cache.dispose(), false] };
    for (const [name, [between, stored]] of Object.entries(cases)) {
      for (const first of [true, false]) {
        const { cache } = bench({ maxLoads: 1, hardTimeout: 1 });
        const gate = deferred();
        let signal;
        const asked = routeRequest(cache, { endpoint: "a.b.get", params: { n: 1 } }, (_, context) => ((signal = context.signal), gate.promise));
        const key = CacheService.generateCacheKey("a.b.get", { n: 1 });
        if (!first) between(cache, key);
        t.mock.timers.tick(1_001);
        await assert.rejects(asked, { code: "ERR_TIMEOUT" });
        assert.equal(signal.aborted, true);
        if (name !== "dispose") assert.equal(cache.getStats().loading, 0, "its place is free");
        if (first) between(cache, key);
        gate.resolve("late");
        await turns();
        const again = await routeRequest(cache, { endpoint: "a.b.get", params: { n: 1 } }, () => "new");
        assert.equal(again.data, stored ? "late" : name === "a value set by hand" ? "by hand" : "new", `${name}, ${first}`);
      }
    }
  });

  test("a late answer has the TTL, tags and window of its load, and is verified like any", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const { cache, clock } = bench();
    const gate = deferred();
    const ask = (handler) => routeRequest(cache, { endpoint: "a.b.get" }, handler, { ttl: 10, hardTimeout: 1, tags: ["t"], staleIfError: 60 });
    const asked = ask((_, context) => (context.addTags("own"), gate.promise));
    t.mock.timers.tick(1_001);
    await assert.rejects(asked, { code: "ERR_TIMEOUT" });
    gate.resolve("late");
    await turns();
    clock.advance(11);
    assert.deepEqual(brief(await ask(() => fail())), ["late", "stale"]);
    assert.equal(cache.invalidate({ tag: "own" }), 1);
  });

  test("a load whose callers went away by themselves stores nothing", async () => {
    const { cache } = bench();
    const stop = new AbortController();
    const gate = deferred();
    const asked = cache.getOrSet("k", () => gate.promise, { signal: stop.signal, hardTimeout: 60 });
    stop.abort();
    await assert.rejects(asked, { name: "AbortError" });
    gate.resolve(1);
    await turns();
    assert.equal(cache.has("k"), false);
  });

  test("a thousand waits on one signal are one listener", async () => {
    const { cache } = bench();
    const stop = new AbortController();
    let [added, removed] = [0, 0];
    const { addEventListener, removeEventListener } = stop.signal;
    stop.signal.addEventListener = function (...args) { added += 1; return addEventListener.apply(this, args); };
    stop.signal.removeEventListener = function (...args) { removed += 1; return removeEventListener.apply(this, args); };
    const gate = deferred();
    const first = Array.from({ length: 500 }, (_, i) => cache.getOrSet(`k${i}`, () => gate.promise, { signal: stop.signal }));
    assert.deepEqual([added, removed], [1, 0]);
    gate.resolve(1);
    await Promise.all(first);
    assert.deepEqual([added, removed], [1, 1]);
    const second = Array.from({ length: 500 }, (_, i) => cache.getOrSet(`l${i % 5}`, () => new Promise(() => {}), { signal: stop.signal }));
    stop.abort(new Error("enough"));
    const settled = await Promise.allSettled(second);
    assert.ok(settled.every(({ reason }) => reason?.message === "enough"));
    assert.equal(cache.getStats().loading, 0);
    await assert.rejects(cache.getOrSet("m", () => 1, { signal: stop.signal }), { message: "enough" });
  });

  test("20,000 callers of one key run one handler", async () => {
    const { cache } = bench();
    const gate = deferred();
    let loads = 0;
    const asked = Array.from({ length: 20_000 }, () => routeRequest(cache, { endpoint: "a.b.get" }, () => ((loads += 1), gate.promise)));
    await turns();
    gate.resolve(1);
    await Promise.all(asked);
    assert.equal(loads, 1);
  });

  test("a load sees the value that it replaces, as a copy of its own, and when it began", async () => {
    const { cache, clock } = bench({ staleIfError: 1000 });
    const seen = [];
    const load = (context) => (seen.push(context.stale, context.began), { at: new Date(5) });
    const first = await cache.getOrSet("k", load, 1);
    first.at.setTime(9);
    clock.advance(2);
    await cache.getOrSet("k", load, 1);
    assert.deepEqual(seen, [undefined, 1_000_000, { at: new Date(5) }, 1_002_000]);
    const answers = [];
    const handler = (_, context) => (answers.push(context.stale, context.began), { n: answers.length });
    await routeRequest(cache, { endpoint: "a.b.get" }, handler, { ttl: 1 });
    clock.advance(2);
    await routeRequest(cache, { endpoint: "a.b.get" }, handler, { ttl: 1 });
    await routeRequest(cache, { endpoint: "a.b.run" }, handler);
    assert.deepEqual(answers, [undefined, 1_002_000, { n: 2 }, 1_004_000, undefined, 1_004_000]);
  });
});
