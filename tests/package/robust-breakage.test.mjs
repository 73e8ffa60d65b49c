// What is a breakage of the instance and what is a user's own error, and what caches do while one is broken. Breakages are put
// in by replacing a member of the compiled class, as in broken.test.mjs.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CACHE_TTL_CONFIG, CacheService, cacheResponse, createCacheInvalidationMiddleware, createCacheMiddleware, getTtlForEndpoint, routeRequest,
} from "../../build/modules/pkg-template/src/index.js";
import { deferred, turns } from "./kit.mjs";
import { kind, mended, read, trap } from "./robust-kit.mjs";

const keyOf = CacheService.generateCacheKey;

describe("A4: a user's own error passes through unchanged, and no cache loses anything", () => {
  const ERRORS = [
    new RangeError("mine"), new TypeError("mine"), Object.assign(new Error("mine"), { name: "RuntimeError" }), Object.assign(new Error("mine"), { name: "InternalError" }),
    new WebAssembly.RuntimeError("mine"), new RangeError("Maximum call stack size exceeded"), "no error at all", undefined, Object.assign(new RangeError("mine"), { code: "MINE" }),
  ];
  const thrower = (error) => ({ get() { throw error; }, enumerable: true });
  const having = (name, error) => Object.defineProperty({}, name, thrower(error));
  const list = (error) => Object.defineProperty(["a"], 0, thrower(error));
  const doors = {
    "set: ttl": (cache, error) => cache.set("c", 3, having("ttl", error)),
    "set: tags": (cache, error) => cache.set("c", 3, having("tags", error)),
    "set: a tag": (cache, error) => cache.set("c", 3, { tags: list(error) }),
    "set: a Proxy": (cache, error) => cache.set("c", 3, new Proxy({}, { ownKeys() { throw error; } })),
    "setMany: options": (cache, error) => cache.setMany([["c", 3]], having("ttl", error)),
    "getOrSet: ttl": (cache, error) => cache.getOrSet("c", () => 1, having("ttl", error)),
    "getOrSet: signal": (cache, error) => cache.getOrSet("seen", () => 1, having("signal", error)),
    "getOrSet: isolation": (cache, error) => cache.getOrSet("seen", () => 1, having("isolation", error)),
    ...Object.fromEntries(
      ["invalidate", "expire", "preview"].flatMap((name) => [
        ...["regex", "glob", "prefix", "endpoint", "userId", "tag"].map((member) => [`${name}: ${member}`, (cache, error) => cache[name](having(member, error))]),
        [`${name}: a Proxy`, (cache, error) => cache[name](new Proxy({}, { ownKeys() { throw error; } }))],
        [`${name}: a RegExp's source`, (cache, error) => cache[name](Object.defineProperty(/a/, "source", thrower(error)))],
        [`${name}: a RegExp's flags`, (cache, error) => cache[name](Object.defineProperty(/a/, "flags", thrower(error)))],
        [`${name}: a tag of Symbol.toStringTag`, (cache, error) => cache[name](having(Symbol.toStringTag, error))],
      ]),
    ),
    "options: maxEntries": (_, error) => new CacheService(having("maxEntries", error)),
    "options: rules": (_, error) => new CacheService(having("rules", error)),
    "options: a rule": (_, error) => new CacheService({ rules: having("a.*", error) }),
    "options: a rule's ttl": (_, error) => new CacheService({ rules: { "a.*": having("ttl", error) } }),
    "options: a rule's tags": (_, error) => new CacheService({ rules: { "a.*": { tags: list(error) } } }),
    "options: a rule's vary": (_, error) => new CacheService({ rules: { "a.*": having("vary", error) } }),
    "options: a clock's now": (_, error) => new CacheService({ clock: having("now", error) }),
    "options: a Proxy": (_, error) => new CacheService(new Proxy({}, { ownKeys() { throw error; } })),
    "forUser's pattern": (cache, error) => cache.forUser("u").invalidate(having("glob", error)),
    "a request's endpoint": (cache, error) => routeRequest(cache, having("endpoint", error), () => 1),
    "a request's user": (cache, error) => routeRequest(cache, Object.defineProperty({ endpoint: "a.list" }, "userId", thrower(error)), () => 1),
    "a request's id": (cache, error) => routeRequest(cache, Object.defineProperty({ endpoint: "a.list" }, "requestId", thrower(error)), () => 1),
    "a request of a user's handle": (cache, error) => cache.forUser("u").routeRequest(having("endpoint", error), () => 1),
    authorize: (cache, error) => routeRequest(cache, { endpoint: "a.list" }, () => 1, { authorize() { throw error; } }),
    "a handler": (cache, error) => routeRequest(cache, { endpoint: "a.list" }, () => { throw error; }),
    "a change's handler": (cache, error) => routeRequest(cache, { endpoint: "z.create" }, () => { throw error; }),
    "a loader": (cache, error) => cache.getOrSet("c", () => { throw error; }),
  };
  // What a user's code throws here must not fail what the cache does; nothing is lost either.
  const deep = () => deep() + 1;
  const quiet = {
    "a listener": (error) => ({ onEvent() { throw error; } }),
    "a logger": (error) => ({ logger: { debug() { throw error; }, info() { throw error; }, warn() { throw error; }, error() { throw error; } } }),
    "a size": (error) => ({ sizeOf() { throw error; } }),
    "a function for tags": (error) => ({ rules: { "a.*": { tags() { throw error; } } } }),
    "a function for tags that never ends": () => ({ rules: { "a.*": { tags: deep } } }),
    "a listener that never ends": () => ({ onEvent: deep }),
    "a size that never ends": () => ({ sizeOf: deep }),
    "a function for tags that answers with a Proxy": (error) => ({ rules: { "a.*": { tags: () => new Proxy([], { get() { throw error; } }) } } }),
  };
  const fine = async (other) => {
    assert.deepEqual([other.peek("b"), other.size, other.getStats().resets], [1, 1, 0]);
    assert.equal((await other.getOrSet("b", () => 2)), 1);
  };
  for (const error of ERRORS) {
    it(`${typeof error === "object" ? `${error.constructor.name} named ${error.name}: ${error.message}` : error}`, async () => {
      const other = new CacheService();
      other.set("b", 1);
      for (const [door, call] of Object.entries(doors)) {
        const cache = new CacheService();
        cache.set("seen", 1);
        let thrown = "nothing was thrown";
        try {
          await call(cache, error);
        } catch (caught) {
          thrown = caught;
        }
        assert.ok(Object.is(thrown, error), `${door}: ${thrown}`);
        assert.deepEqual([cache.get("seen"), cache.getStats().resets], [1, 0], door);
        await fine(other);
      }
      for (const [door, options] of Object.entries(quiet)) {
        const cache = new CacheService(options(error));
        assert.equal(cache.set("seen", { a: 1 }), true, door);
        assert.equal((await routeRequest(cache, { endpoint: "a.list", params: { a: 1 } }, () => 5)).data, 5, door);
        assert.equal(cache.invalidate("no such key"), 0);
        assert.deepEqual([cache.get("seen"), cache.getStats().resets], [{ a: 1 }, 0], door);
        await fine(other);
      }
      // A key is asked for by a program: it is told what is wrong, with what was thrown as the cause.
      for (const params of [having("a", error), { toJSON() { throw error; } }, { a: { toJSON() { throw error; } } }]) {
        for (const endpoint of [`fresh.n${ERRORS.indexOf(error)}`, "a.list"]) {
          assert.throws(() => keyOf(endpoint, params), (found) => found.code === "ERR_PARAMS" && Object.is(found.cause, error));
        }
        assert.equal((await routeRequest(other, { endpoint: "a.list", params }, () => 1)).metadata.reason, "params");
      }
      await fine(other);
    });
  }

  it("options of a call that cannot be read bypass a read and do not keep a change from being one", async () => {
    const cache = new CacheService();
    await read(cache, "a.list");
    const options = having("tags", new RangeError("mine"));
    assert.equal((await routeRequest(cache, { endpoint: "a.get" }, () => 1, options)).metadata.reason, "options");
    assert.equal((await routeRequest(cache, { endpoint: "a.update" }, () => 1, options)).metadata.cache, "mutation");
    assert.deepEqual([cache.size, cache.getStats().resets], [0, 0]);
  });

  it("values that a rule names and that cannot be read bypass", async () => {
    const cache = new CacheService({ rules: { "a.list": { vary: ["language"] } } });
    cache.set("b", 1);
    const { metadata } = await routeRequest(cache, { endpoint: "a.list", vary: having("language", new RangeError("mine")) }, () => 1);
    assert.deepEqual([metadata.cache, cache.get("b"), cache.getStats().resets], ["bypass", 1, 0]);
  });

  it("each option is read once, and not again by a cache that starts anew", () => {
    let reads = 0;
    const counted = (name, value) => ({ get [name]() { reads += 1; return value; } });
    const cache = new CacheService({ ...{}, rules: { "a.*": counted("ttl", 5) }, __proto__: null });
    trap("has");
    cache.has("x");
    assert.deepEqual([reads, cache.getStats().resets], [1, 1]);
  });

  it("no user's code runs within a compiled call that its errors could come out of: listeners are told after it", () => {
    const seen = [];
    const other = new CacheService();
    other.set("k", 1);
    const cache = new CacheService({
      onEvent({ type }) {
        if (type !== "set") return;
        trap("invalidate");
        seen.push(other.invalidate("k"), other.get("k"), other.set("k", 2), other.get("k"));
      },
    });
    cache.set("a", 1);
    assert.deepEqual(seen, [0, undefined, true, 2]);
  });
});

describe("A4: while an instance is broken and cannot be replaced yet", () => {
  /** Runs a task in the middle of a compiled call, in which the instance broke before. */
  function withinBroken(task) {
    let armed = false;
    const outer = new CacheService({
      clock: {
        now() {
          if (armed) {
            armed = false;
            trap("has");
            outer2.has("x");
            task();
          }
          return 5;
        },
      },
    });
    const outer2 = new CacheService();
    outer.set("outer", 1);
    armed = true;
    const found = outer.has("outer");
    mended();
    assert.equal(armed, false);
    return { outer, found };
  }

  const seeded = async () => {
    const cache = new CacheService();
    cache.set("k", 1);
    await cache.getOrSet("loaded", () => 2);
    await read(cache, "a.list", { params: { a: 1 } });
    await read(cache, "a.list", { params: { a: 1 } });
    return cache;
  };

  it("no cache serves from its fast path", async () => {
    const cache = await seeded();
    const answers = {};
    const { outer, found } = withinBroken(() => {
      answers.get = cache.get("k");
      answers.has = cache.has("k");
      answers.peek = cache.peek("k");
      answers.loaded = cache.getOrSet("loaded", () => "new");
      answers.routed = read(cache, "a.list", { params: { a: 1 } }, () => "new");
      answers.size = cache.size;
      answers.keys = [...cache.keys()];
      answers.stats = cache.getStats().size;
      answers.state = cache.explain("k").state;
    });
    assert.equal(found, false, "the call around it says nothing of the broken instance either");
    const { data, metadata } = await answers.routed;
    assert.deepEqual([data, metadata.cache, metadata.reason], ["new", "bypass", "failure"]);
    assert.deepEqual({ ...answers, loaded: await answers.loaded, routed: undefined }, { get: undefined, has: false, peek: undefined, loaded: "new", routed: undefined, size: 0, keys: [], stats: 0, state: "absent" });
    assert.equal(outer.set("outer", 2), true);
    assert.equal(outer.get("outer"), 2);
  });

  const ends = {
    invalidate: (cache) => cache.invalidate("^k"), expire: (cache) => cache.expire("^k"), delete: (cache) => cache.delete("k"), clear: (cache) => cache.clear(),
    set: (cache) => assert.equal(cache.set("k", "newer"), false), "set with options": (cache) => assert.equal(cache.set("k", "newer", { tags: ["t"] }), false),
    "a change in a chain": (cache) => createCacheInvalidationMiddleware(cache)({ endpoint: "k.update" }, {}),
    "a change": (cache) => void routeRequest(cache, { endpoint: "a.update" }, () => 1), "a load by hand": (cache) => cache.setMany([["k", "newer"]]), cleanupExpired: (cache) => cache.cleanupExpired(),
  };
  for (const [what, end] of Object.entries(ends)) {
    it(`${what} meanwhile is done: nothing from before is served after`, async () => {
      const cache = await seeded();
      const slow = deferred();
      const loading = read(cache, "b.list", {}, () => slow.promise);
      const ticket = { endpoint: "c.list" };
      createCacheMiddleware(cache)(ticket, {});
      await turns();
      withinBroken(() => end(cache));
      assert.equal(cache.get("k"), undefined);
      slow.resolve("old");
      await loading;
      cacheResponse(cache, { status: "success", data: "old" }, ticket);
      assert.deepEqual([await kind(read(cache, "a.list", { params: { a: 1 } })), await kind(read(cache, "b.list")), cache.has(keyOf("c.list"))], ["miss", "miss", false]);
      assert.equal(await cache.getOrSet("loaded", () => 3), 3);
      assert.equal(cache.set("k", 4), true);
      assert.equal(cache.get("k"), 4);
    });
  }

  it("what belongs to no cache fails with a code, and works afterwards", () => {
    const codes = [];
    const failing = [() => getTtlForEndpoint("a.list"), () => keyOf("never.seen.list", { a: "b" }), () => new CacheService(), () => CacheService.getInvalidationPattern("a.b"), () => (CACHE_TTL_CONFIG.list = 180)];
    withinBroken(() => {
      for (const call of failing) {
        try {
          call();
        } catch ({ code }) {
          codes.push(code);
        }
      }
    });
    assert.deepEqual(codes, failing.map(() => "ERR_FAILURE"));
    for (const call of failing) call();
  });

  it("a function for tags in whose call the instance breaks: the request is answered, and what it broke is replaced", async () => {
    const other = new CacheService();
    let once = true;
    const cache = new CacheService({ rules: { "a.*": { tags() { if (once) { once = false; trap("has"); other.has("x"); } return ["t"]; } } } });
    assert.equal((await read(cache, "a.list")).data, "a.list");
    assert.equal(await kind(read(cache, "a.list")), "hit");
    assert.deepEqual([cache.getStats().resets, cache.invalidate({ tag: "t" })], [1, 1]);
  });
});

describe("A4: a breakage is what interrupts the module, whatever it is called", () => {
  class Foreign extends Error { get name() { return "RuntimeError"; } }
  for (const error of [new WebAssembly.RuntimeError("unreachable"), new RangeError("Maximum call stack size exceeded"), new Foreign("unreachable"), new Error("recursive use of an object detected")]) {
    it(`${error.constructor.name}: ${error.message}`, () => {
      const cache = new CacheService();
      cache.set("k", 1);
      trap("has", 1, error);
      assert.equal(cache.has("k"), false);
      assert.equal(cache.getStats().resets, 1);
      assert.equal(cache.set("k", 2), true);
      assert.equal(cache.get("k"), 2);
    });
  }

  it("a stack that overflows in a user's own code between calls breaks nothing", () => {
    const cache = new CacheService();
    cache.set("k", 1);
    let depth = 0;
    const deep = () => { depth += 1; return deep() + 1; };
    assert.throws(() => cache.set("c", 1, { get ttl() { return deep(); } }), RangeError);
    assert.deepEqual([depth > 100, cache.get("k"), cache.getStats().resets], [true, 1, 0]);
  });
});

