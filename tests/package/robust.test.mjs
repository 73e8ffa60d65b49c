// What a request must not be able to do by what it names: keep a change from invalidating, or fail. This runs on the package
// before it is bundled, where the compiled class can be made to trap.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CacheService, cacheResponse, createCacheInvalidationMiddleware, routeRequest } from "../../build/modules/pkg-template/src/index.js";
import { answerBatch } from "../../build/modules/pkg-template/src/http/batch.js";
import { tiered } from "../../build/modules/pkg-template/src/tier/tiered.js";
import { deferred, turns } from "./kit.mjs";
import { kind, mended, read, trap } from "./robust-kit.mjs";

const keyOf = CacheService.generateCacheKey;

/** Params that no key can be made of, each made anew. */
const HOSTILE = {
  "20 MB": () => ({ id: 1, text: "x".repeat(2e7) }),
  "20 MB in rows": () => ({ id: 1, rows: Array.from({ length: 2e5 }, (_, at) => ({ at, text: "y".repeat(80) })) }),
  "a getter that throws": () => ({ get id() { throw new RangeError("mine"); } }),
  "a toJSON that throws": () => ({ toJSON() { throw new RangeError("mine"); } }),
  "a Proxy that throws": () => new Proxy({}, { ownKeys() { throw new RangeError("mine"); }, get() { throw new Error("mine"); } }),
  "a revoked Proxy": () => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; },
  "a cycle": () => { const params = { id: 1 }; params.self = params; return params; },
  "a BigInt": () => ({ id: 5n }),
  "a function": () => () => 1,
  "a symbol": () => Symbol("s"),
  "names of 70,000 characters": () => ({ ["n".repeat(70_000)]: 1 }),
  "escapes": () => ({ text: "\0".repeat(20_000) }),
  "another class": () => new Map([["id", 1]]),
};

const rules = { "*.get": { resourceId: "id" }, "*.update": { resourceId: "id" }, "*.list": { resourceId: "id" } };

describe("A3: a change ends by removing at least what it may touch", () => {
  for (const [what, make] of Object.entries(HOSTILE)) {
    it(`params only narrow: ${what}`, async () => {
      const cache = new CacheService({ rules });
      const seed = async () => {
        for (const endpoint of ["a.b.get", "a.b.list", "a.b.c.get", "a.x.get", "a.get"]) await read(cache, endpoint, { params: { id: 2 } });
      };
      await seed();
      const { data, metadata } = await routeRequest(cache, { endpoint: "a.b.update", params: make() }, async () => {
        await read(cache, "a.b.get", { params: { id: 2 } });
        return "done";
      });
      assert.deepEqual([data, metadata.cache, metadata.reason], ["done", "mutation", undefined]);
      assert.equal(await kind(read(cache, "a.b.get", { params: { id: 2 } })), "miss", "what was loaded meanwhile is not served");
      assert.deepEqual(["a.b.list", "a.b.c.get", "a.x.get", "a.get"].map((endpoint) => cache.has(keyOf(endpoint, { id: 2 }))), [false, false, true, true]);
      await seed();
      const mine = new Error("mine");
      await assert.rejects(routeRequest(cache, { endpoint: "a.b.update", params: make() }, () => { throw mine; }), mine);
      assert.deepEqual(["a.b.get", "a.b.list", "a.x.get"].map((endpoint) => cache.has(keyOf(endpoint, { id: 2 }))), [false, false, true]);
      assert.equal(cache.getStats().resets, 0);
    });

    it(`the same in a chain, before the handler and after it: ${what}`, async () => {
      const cache = new CacheService({ rules });
      const seed = () => read(cache, "a.b.get", { params: { id: 2 } }).then(() => read(cache, "a.x.get", { params: { id: 2 } }));
      await seed();
      const context = { endpoint: "a.b.update" };
      createCacheInvalidationMiddleware(cache)(context, make());
      assert.deepEqual(["a.b.get", "a.x.get"].map((endpoint) => cache.has(keyOf(endpoint, { id: 2 }))), [false, true]);
      await seed();
      cacheResponse(cache, { status: "success", data: 1 }, context);
      assert.deepEqual(["a.b.get", "a.x.get"].map((endpoint) => cache.has(keyOf(endpoint, { id: 2 }))), [false, true]);
    });
  }

  it("an id that the handler changed, or a getter that answers differently each time, spares nothing in the end", async () => {
    const changing = () => { let id = 1; return { get id() { return id++; } }; };
    for (const params of [{ id: "1 " }, changing()]) {
      const cache = new CacheService({ rules });
      await read(cache, "a.b.get", { params: { id: 1 } });
      await routeRequest(cache, { endpoint: "a.b.update", params }, (own) => { if ("id" in own && typeof own.id === "string") own.id = 1; });
      assert.equal(cache.has(keyOf("a.b.get", { id: 1 })), false);
      await read(cache, "a.b.get", { params: { id: 7 } });
      const context = { endpoint: "a.b.update" };
      const own = { id: 9 };
      createCacheInvalidationMiddleware(cache)(context, own);
      assert.equal(cache.has(keyOf("a.b.get", { id: 7 })), true, "another id is spared");
      own.id = 7;
      cacheResponse(cache, 1, context);
      assert.equal(cache.has(keyOf("a.b.get", { id: 7 })), false);
    }
    const cache = new CacheService({ rules });
    await read(cache, "a.b.get", { params: { id: 7 } });
    await read(cache, "a.b.update", { params: { id: 9 } });
    assert.equal(cache.has(keyOf("a.b.get", { id: 7 })), true, "and stays so where params stay what they are");
  });

  const BAD = [
    ["a.b.update ", ["a.b"]], ["a.b.update\n", ["a.b"]], [" a.b.update", ["a.b"]], ["a.b..update", ["a.b"]], ["a.b.update.", ["a.b"]], ["a.b:update", ["a.b", "a.x"]],
    ["a.b\ud800.update", ["a.b", "a.x"]], [`a.b.${"x".repeat(2000)}.update`, ["a.b"]], [`a.${"y.".repeat(2000)}update`, []], [`${"z".repeat(3e6)}.update`, []],
    [new String("a.b.update"), ["a.b"]], [{ toString: () => "a.b.update" }, ["a.b"]], ["a.b.list ", []], [":update", []], ["update ", []], ["update:", []],
    [undefined, []], [null, []], [5, []], [Symbol("a.b.update"), []], [{ toString() { throw new Error("mine"); } }, []], [Object.create(null), []],
  ];
  for (const [endpoint, touched] of BAD) {
    const shown = typeof endpoint === "string" ? JSON.stringify(endpoint.slice(0, 20)) : typeof endpoint;
    it(`an endpoint that is no name is never cached, touches what it may and not all: ${shown}`, async () => {
      const cache = new CacheService();
      const all = ["a.b", "a.x", "c"];
      const left = async () => {
        const gone = all.filter((resource) => !cache.has(keyOf(`${resource}.list`)));
        for (const resource of all) await read(cache, `${resource}.list`);
        return gone;
      };
      await left();
      const { data, metadata } = await routeRequest(cache, { endpoint }, (_, context) => Object.is(context.endpoint, endpoint));
      assert.equal(data, true);
      assert.deepEqual(await left(), touched);
      assert.deepEqual([metadata.cache, metadata.reason], touched.length > 0 || String(shown).includes("y.") || String(shown).includes("zzz") ? ["mutation", undefined] : ["bypass", "endpoint"]);
      const size = cache.size;
      await routeRequest(cache, { endpoint }, () => 1);
      assert.ok(cache.size <= size);
      await left();
      createCacheInvalidationMiddleware(cache)({ endpoint }, {});
      assert.deepEqual(await left(), touched, "in a chain");
      await cache.forUser("ann").routeRequest({ endpoint }, () => 1);
      assert.deepEqual(await left(), touched, "of a user");
      if (typeof endpoint !== "string") return;
      const incoming = { isEmpty: () => false, header: (name) => (name === "content-type" ? "application/json" : undefined), parsed: async () => [{ endpoint, params: "no params" }], host: "" };
      await answerBatch(cache, { batch: { path: "/", handler: () => 1 }, identity: "anonymous" }, incoming);
      assert.deepEqual(await left(), touched, "in a batch");
    });
  }

  it("a request of a class whose members are getters is a change for a user's handle too", async () => {
    class Request { get endpoint() { return "a.update"; } get params() { return {}; } }
    const cache = new CacheService();
    const ann = cache.forUser("ann");
    await ann.routeRequest({ endpoint: "a.list" }, () => 1);
    assert.equal((await ann.routeRequest(new Request(), () => 2)).metadata.cache, "mutation");
    assert.equal(ann.has("a.list"), false);
  });

  it("a context whose identity cannot be read is a change all the same", async () => {
    const cache = new CacheService();
    await read(cache, "a.list");
    createCacheInvalidationMiddleware(cache)({ endpoint: "a.create", get user() { throw new Error("mine"); } }, {});
    assert.equal(cache.size, 0);
  });

  for (const times of [2, 4, 9]) {
    it(`planning breaks ${times} times: the handler runs, and what it may touch is gone when it settles`, async () => {
      for (const outcome of ["success", "failure"]) {
        const cache = new CacheService();
        const [commit, late] = [deferred(), deferred()];
        trap("beginMutation", times);
        const change = routeRequest(cache, { endpoint: "a.update" }, () => commit.promise);
        await turns();
        mended();
        cache.set("unrelated", 1);
        await read(cache, "a.list", {}, () => "old");
        const reading = read(cache, "a.get", {}, () => late.promise);
        await turns();
        if (outcome === "success") commit.resolve("done");
        else commit.reject(new Error("mine"));
        const [{ status, value, reason }] = await Promise.allSettled([change]);
        assert.deepEqual([status, value?.data ?? reason.message], outcome === "success" ? ["fulfilled", "done"] : ["rejected", "mine"]);
        late.resolve("old");
        await reading;
        assert.deepEqual([await kind(read(cache, "a.list")), await kind(read(cache, "a.get"))], ["miss", "miss"], "nothing that was loaded meanwhile is kept");
      }
    });
  }

  it("nothing can be planned, not even whether it is a change: everything goes in the end; a read by its name loses nothing", async () => {
    const cache = new CacheService();
    const commit = deferred();
    trap("profile", 6);
    const change = routeRequest(cache, { endpoint: "a.update" }, () => commit.promise);
    await turns();
    mended();
    await read(cache, "a.list");
    commit.resolve(1);
    const { metadata } = await change;
    assert.deepEqual([metadata.cache, metadata.reason, cache.size], ["mutation", "failure", 0]);
    trap("requestKey", 2);
    const answered = await routeRequest(cache, { endpoint: "b.list" }, async () => { await read(cache, "c.list"); return 1; });
    assert.deepEqual([answered.metadata.cache, answered.metadata.reason, cache.has(keyOf("c.list"))], ["bypass", "failure", true]);
  });

  it("a chain's change that cannot be planned removes everything", async () => {
    const cache = new CacheService();
    trap("beginMutation", 4);
    createCacheInvalidationMiddleware(cache)({ endpoint: "a.update" }, {});
    assert.equal(cache.size, 0);
    assert.equal(cache.getStats().resets > 0, true);
  });

  it("other processes are told: of the endpoint where it is known, of everything where the engine failed", async () => {
    for (const [members, scope] of [[[], "e:a"], [["profile", 6], "all"], [["mutationScopes", 2], "all"]]) {
      const cache = new CacheService();
      const entries = new Map();
      const store = { get: async (key) => entries.get(key), set: async (key, bytes) => void entries.set(key, bytes), delete: async (keys) => keys.forEach((key) => entries.delete(key)) };
      const tier = tiered(cache, { store, namespace: "n" });
      for (let at = 0; at < members.length; at += 2) trap(members[at], members[at + 1]);
      await routeRequest(cache, { endpoint: "a.update", params: { text: "x".repeat(70_000) } }, () => 1);
      mended();
      await tier.settled();
      assert.ok([...entries.keys()].some((key) => key.endsWith(scope)), `${scope} of ${[...entries.keys()]}`);
      await tier.close();
    }
  });
});

describe("B8: what a request names and cannot be read", () => {
  const revoked = () => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; };
  for (const [what, make] of Object.entries({
    "no prototype": () => Object.create(null), "a toString that throws": () => ({ toString() { throw new RangeError("mine"); } }), "a symbol": () => Symbol("s"),
    "a revoked Proxy": revoked, "a function": () => () => 1, "an object": () => ({}), "a BigInt": () => 5n, NaN: () => NaN, true: () => true,
  })) {
    it(`a user id that is ${what} bypasses, with the reason, and a change stays one`, async () => {
      const cache = new CacheService();
      for (const identity of [{ userId: make() }, { user: { userId: make() } }]) {
        for (const options of [undefined, { authorize() {} }]) {
          const { data, metadata } = await read(cache, "a.list", identity, (_, context) => typeof context.userId, options);
          assert.deepEqual([data, metadata.cache, metadata.reason], ["string", "bypass", "user-id"]);
        }
        await read(cache, "a.list");
        assert.equal((await read(cache, "a.create", identity)).metadata.cache, "mutation");
        assert.equal(cache.size, 0);
      }
    });
  }

  it("such an id is nobody's: authorize sees an empty one, and not none", async () => {
    const seen = [];
    const options = { authorize: ({ userId }) => void seen.push(userId) };
    await routeRequest(new CacheService(), { endpoint: "a.list", userId: Object.create(null) }, (_, { userId }) => void seen.push(userId), options);
    await routeRequest(new CacheService(), { endpoint: "a.list" }, (_, { userId }) => void seen.push(userId), options);
    assert.deepEqual(seen, ["", "", undefined, undefined]);
  });

  it("params that are refused are walked once, and no further than the longest text goes", async () => {
    let looks = 0;
    const rows = Array.from({ length: 100_000 }, (_, at) => ({ get id() { looks += 1; return at; } }));
    const { metadata } = await routeRequest(new CacheService(), { endpoint: "a.list", params: { rows } }, () => 1);
    assert.equal(metadata.reason, "params");
    assert.ok(looks < 20_000, `${looks} of 100,000`);
  });

  it("params that are a text, a number or a list name a request of their own; a request's members are read once", async () => {
    const cache = new CacheService();
    for (const params of ["text", 5, true, [1, 2], "{}", {}, '""', ""]) assert.equal(await kind(read(cache, "a.list", { params })), "miss", JSON.stringify(params));
    for (const params of ["text", 5, true, [1, 2], "{}", {}, '""', "", undefined, null]) assert.equal(await kind(read(cache, "a.list", { params })), "hit", JSON.stringify(params));
  });

  it("what is no request is refused with a code", async () => {
    for (const request of [null, undefined, 5, "a.list", () => 1]) await assert.rejects(routeRequest(new CacheService(), request, () => 1), { code: "ERR_OPTION" });
  });
});
