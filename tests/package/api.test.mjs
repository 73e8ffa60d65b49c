// The public API of the built package, line by line: values, TTLs, patterns, mutations, rules, what is said and counted.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CACHE_TTL_CONFIG, CacheService, cacheResponse, createCacheInvalidationMiddleware, createCacheMiddleware, getTtlForEndpoint, routeRequest,
} from "../../pkg/index.js";
import { bench, complaint, deferred, thrownBy } from "./kit.mjs";

const key = CacheService.generateCacheKey;
const read = (cache, endpoint, more = {}, handler = () => endpoint) => routeRequest(cache, { endpoint, ...more }, handler);
const kindOf = async (response) => (await response).metadata.cache;

// -- values and times -------------------------------------------------------------------------------------------------

const TTLS = [[2, 2000], [0.25, 250], [1e-9, 1], ["250ms", 250], ["90s", 90_000], ["2m", 120_000], ["1h", 3_600_000], ["7d", 604_800_000], ["1.5s", 1500], [2 ** 32, 2 ** 32 * 1000]];
for (const [ttl, ms] of TTLS) {
  test(`a TTL of ${JSON.stringify(ttl)} is alive at its deadline and expired after it, by every road`, () => {
    for (const options of [ttl, { ttl }, undefined]) {
      const { cache, clock } = bench(options === undefined ? { defaultTtl: ttl } : {});
      cache.set("k", "v", options);
      clock.ms += ms;
      assert.deepEqual([cache.get("k"), cache.peek("k"), cache.has("k"), [...cache.keys()]], ["v", "v", true, ["k"]]);
      clock.ms += 1;
      assert.deepEqual([cache.peek("k"), cache.has("k"), [...cache.keys()], cache.size], [undefined, false, [], 1]);
      assert.deepEqual([cache.get("k"), cache.size], [undefined, 0], "a get removes what it finds expired");
    }
  });
}

test("a constructor with a number takes the default TTL", () => {
  const cache = new CacheService(300);
  cache.set("k", 1);
  assert.equal(Math.round(cache.explain("k").ttl), 300);
  for (const none of [undefined, {}, null]) {
    const bare = new CacheService(none);
    bare.set("k", 1);
    assert.equal(Math.round(bare.explain("k").ttl), 300, String(none));
  }
});

test("a TTL given as a number does not lose the service's jitter and windows", () => {
  const { cache, clock } = bench({ staleWhileRevalidate: 10, jitter: 0.5 });
  for (let n = 0; n < 20; n += 1) cache.set(`k${n}`, n, 100);
  const ttls = Array.from({ length: 20 }, (_, n) => cache.explain(`k${n}`).ttl);
  assert.ok(ttls.every((ttl) => ttl >= 50 && ttl <= 100) && new Set(ttls).size > 10, String(ttls));
  clock.advance(101);
  assert.equal(cache.explain("k0").state === "absent", false);
});

test("a TTL is kept to the millisecond by every road", () => {
  const { cache, clock } = bench();
  for (const options of [1.1, { ttl: 1.1 }, "1100ms"]) {
    cache.set("k", 1, options);
    assert.equal(cache.explain("k").ttl, 1.1, JSON.stringify(options));
  }
  clock.ms += 1;
});

test("0 and Infinity never expire", () => {
  for (const ttl of [0, Infinity, "0s", { ttl: 0 }]) {
    const { cache, clock } = bench();
    cache.set("k", 1, ttl);
    clock.ms += 1e14;
    assert.equal(cache.get("k"), 1);
    assert.equal(cache.explain("k").ttl, Infinity);
  }
});

test("get gives the very object that was set, by every path", () => {
  const value = { deep: { er: [1] } };
  for (const options of [{}, { onEvent() {} }, { isolation: "snapshot" }]) {
    const { cache } = bench(options);
    cache.set("k", value);
    assert.equal(cache.get("k"), value);
    assert.equal(cache.peek("k"), value);
    assert.equal([...cache.entries()][0][1], value);
    assert.equal(cache.getMany(["k"])[0], value);
    cache.set("t", value, { tags: ["x"] });
    assert.equal(cache.get("t"), value);
  }
});

test("a set on an entry with tags drops them, and one on an expired entry brings it back", () => {
  const { cache, clock } = bench();
  cache.set("a.list:1", 1, { tags: ["t"] });
  cache.set("a.list:1", 2);
  assert.equal(cache.invalidate({ tag: "t" }), 0);
  assert.equal(cache.get("a.list:1"), 2);
  cache.set("a.list:1", 3, { tags: ["t"] });
  assert.equal(cache.invalidate({ tag: "t" }), 1);
  cache.set("k", 1, 1);
  clock.advance(5);
  cache.set("k", 2, 1);
  assert.deepEqual([cache.get("k"), cache.getStats().expiredEntries], [2, 0]);
});

test("delete says whether there was one", () => {
  const { cache } = bench();
  cache.set("k", 1);
  assert.deepEqual([cache.delete("k"), cache.delete("k"), cache.delete("x"), cache.get("k"), cache.size], [true, false, false, undefined, 0]);
});

test("clear empties, and what comes after it is as in a new cache", () => {
  for (const options of [{}, { onEvent() {} }]) {
    const { cache } = bench(options);
    for (let i = 0; i < 100; i += 1) cache.set(`a.list:${i}`, i, i % 2 === 0 ? undefined : { tags: ["odd"] });
    cache.clear();
    assert.deepEqual([cache.size, cache.get("a.list:1"), [...cache.keys()], cache.invalidate("")], [0, undefined, [], 0]);
    for (let i = 0; i < 10; i += 1) cache.set(`a.list:${i}`, -i);
    assert.deepEqual([cache.size, cache.get("a.list:3"), cache.invalidate({ endpoint: "a.list" })], [10, -3, 10]);
  }
});

test("keys and entries are those alive when they were asked for", () => {
  const { cache, clock } = bench();
  cache.set("a", 1, 1);
  cache.set("b", 2);
  cache.set("c", 3, { tags: ["t"] });
  const keys = cache.keys();
  const entries = cache[Symbol.iterator]();
  cache.delete("b");
  assert.deepEqual([...keys].sort(), ["a", "b", "c"]);
  assert.deepEqual([...entries].sort(), [["a", 1], ["b", 2], ["c", 3]]);
  clock.advance(2);
  cache.invalidate({ tag: "t" });
  assert.deepEqual([[...cache.keys()], [...cache], [...cache.entries()]], [[], [], []]);
});

test("getMany and setMany: in order, checked before anything is stored", () => {
  const { cache } = bench();
  assert.equal(cache.setMany([["a", 1], ["b", null, "5s"], ["c", 3, { tags: ["t"] }]], { ttl: 60 }), 3);
  assert.deepEqual(cache.getMany(["c", "x", "a", "b"]), [3, undefined, 1, null]);
  assert.deepEqual(["a", "b", "c"].map((name) => cache.explain(name).ttl), [60, 5, 300]);
  assert.throws(() => cache.setMany([["d", 1], ["e", undefined]]), { code: "ERR_VALUE" });
  assert.throws(() => cache.setMany([["d", 1], ["e", 1, -1]]), { code: "ERR_TTL" });
  assert.throws(() => cache.setMany([["d", 1], ["", 1]]), { code: "ERR_KEY" });
  assert.equal(cache.has("d"), false);
  const { hits, misses } = cache.getStats();
  assert.deepEqual([hits, misses], [3, 1]);
  assert.equal(cache.setMany(new Map([["m", 1]])), 1);
});

test("cache warming", async () => {
  const { cache } = bench();
  for (const name of ["demo", "film"]) cache.set(key("storycore.pipeline.status", { project_name: name }), { running: name }, 60);
  const answer = await read(cache, "storycore.pipeline.status", { params: { project_name: "film" } }, () => assert.fail("it is warm"));
  assert.deepEqual([answer.data, answer.metadata.cache, answer.metadata.ttl], [{ running: "film" }, "hit", 60]);
});

// -- patterns ---------------------------------------------------------------------------------------------------------

const STOCK = {
  "storycore.prompt.list:1": undefined,
  "storycore.prompt.get:user:ann:2": { tags: ["red", "blue"] },
  "storycore.prompt.version.list:3": { tags: ["blue"] },
  "storycore.prompts.list:4": undefined,
  "Xstorycore.prompt.list:5": undefined,
  "storycore.pipeline.status:user:ann:6": undefined,
  "storycore.pipeline.status:user:bob:7": { tags: ["red"] },
  "plain": undefined,
};
const NUMBERED = Object.keys(STOCK);
const PATTERNS = [
  ["", [0, 1, 2, 3, 4, 5, 6, 7]], [".*", [0, 1, 2, 3, 4, 5, 6, 7]], ["storycore\\.pipeline\\..*", [5, 6]], ["^storycore\\.prompt\\.", [0, 1, 2]],
  ["prompt.list", [0, 4]], ["^plain$", [7]], ["[3-5]$", [2, 3, 4]], ["nothing", []], [/PROMPT\./i, [0, 1, 2, 4]], [/user:(ann|bob)/, [1, 5, 6]],
  [{ regex: "user:ann" }, [1, 5]], [{ regex: /list/, endpoint: "storycore.prompt.*" }, [0, 2]],
  [{ glob: "storycore.prompt.list:*" }, [0]], [{ glob: "*" }, [0, 1, 2, 3, 4, 5, 6, 7]], [{ glob: "plai?" }, [7]], [{ glob: "plai" }, []], [{ glob: "*list*" }, [0, 2, 3, 4]],
  [{ prefix: "storycore.prompt" }, [0, 1, 2, 3]], [{ prefix: "storycore.prompt." }, [0, 1, 2]], [{ prefix: "x" }, []],
  [{ endpoint: "storycore.prompt.*" }, [0, 1, 2]], [{ endpoint: "storycore.prompt.list" }, [0]], [{ endpoint: "*.list" }, [0, 2, 3, 4]], [{ endpoint: "*" }, [0, 1, 2, 3, 4, 5, 6]],
  [{ endpoint: "storycore.*.list" }, [0, 3]],
  [{ userId: "ann" }, [1, 5]], [{ userId: "nobody" }, []], [{ tag: "red" }, [1, 6]], [{ tag: "blue" }, [1, 2]], [{ tag: "green" }, []],
  [{ tag: "red", userId: "ann" }, [1]], [{ tag: "blue", endpoint: "*.list" }, [2]], [{ tag: "red", prefix: "storycore.pipeline" }, [6]],
  [{ userId: "ann", glob: "*status*" }, [5]], [{ userId: "ann", tag: "red", endpoint: "storycore.prompt.get", regex: "2$" }, [1]],
];
for (const [pattern, goes] of PATTERNS) {
  const name = pattern instanceof RegExp ? String(pattern) : JSON.stringify(pattern, (_, value) => (value instanceof RegExp ? String(value) : value));
  test(`invalidate(${name}) removes ${goes.length} of ${NUMBERED.length}`, () => {
    const { cache } = bench();
    for (const [name, options] of Object.entries(STOCK)) cache.set(name, name, options);
    const gone = goes.map((at) => NUMBERED[at]);
    assert.deepEqual([...cache.preview(pattern)].sort(), [...gone].sort());
    const stale = cache.expire({ tag: "none such" });
    assert.equal(stale, 0);
    assert.equal(cache.invalidate(pattern), goes.length);
    assert.deepEqual([...cache.keys()].sort(), NUMBERED.filter((name) => !gone.includes(name)).sort());
    for (const name of NUMBERED) assert.equal(cache.get(name), gone.includes(name) ? undefined : name, name);
    assert.deepEqual([cache.invalidate(pattern), cache.size, cache.getStats().invalidations], [0, NUMBERED.length - goes.length, goes.length]);
  });
}

const BAD_PATTERNS = [
  ["(", "SyntaxError", "ERR_PATTERN_SYNTAX"], ["a{2,1}", "SyntaxError", "ERR_PATTERN_SYNTAX"], ["[z-a]", "SyntaxError", "ERR_PATTERN_SYNTAX"], ["*", "SyntaxError", "ERR_PATTERN_SYNTAX"],
  [/(?=a)/, "SyntaxError", "ERR_PATTERN_SYNTAX"], [/(a)\1/, "SyntaxError", "ERR_PATTERN_SYNTAX"], [/(?<!a)b/, "SyntaxError", "ERR_PATTERN_SYNTAX"],
  ["a".repeat(5000), "RangeError", "ERR_PATTERN_TOO_LARGE"], ["a{1000}{1000}", "RangeError", "ERR_PATTERN_TOO_LARGE"],
  [{}, "TypeError", "ERR_PATTERN"], [{ tag: undefined }, "TypeError", "ERR_PATTERN"], [{ tags: "x" }, "TypeError", "ERR_PATTERN"], [[], "TypeError", "ERR_PATTERN"], [null, "TypeError", "ERR_PATTERN"],
  [undefined, "TypeError", "ERR_PATTERN"], [5, "TypeError", "ERR_PATTERN"], [{ userId: null }, "TypeError", "ERR_PATTERN"], [{ tag: 5 }, "TypeError", "ERR_PATTERN"],
  [{ glob: "a", prefix: "b" }, "TypeError", "ERR_PATTERN"], [{ endpoint: "a..b" }, "TypeError", "ERR_ENDPOINT_PATTERN"], [{ endpoint: "a*.b" }, "TypeError", "ERR_ENDPOINT_PATTERN"],
  ...["glob", "prefix", "endpoint", "userId", "tag"].map((name) => [{ [name]: "" }, "TypeError", "ERR_PATTERN_EMPTY"]),
];
test(`${BAD_PATTERNS.length} patterns that cannot be are refused, and nothing goes`, () => {
  const { cache } = bench();
  for (const name of NUMBERED) cache.set(name, 1);
  for (const [pattern, type, code] of BAD_PATTERNS) {
    for (const method of ["invalidate", "expire", "preview"]) {
      const [thrown, given] = complaint(() => cache[method](pattern));
      assert.deepEqual([thrown, given], [type, code], `${method}(${String(JSON.stringify(pattern)).slice(0, 60)} ${String(pattern).slice(0, 20)})`);
    }
  }
  assert.deepEqual([cache.size, cache.getStats().invalidations], [NUMBERED.length, 0]);
  const { message, position } = thrownBy(() => cache.invalidate("ab(c"));
  assert.match(message, /^the regular expression "ab\(c" is malformed at character \d+: /);
  assert.equal(typeof position, "number");
});

test("getInvalidationPattern finds what is under a resource", () => {
  const patternOf = CacheService.getInvalidationPattern;
  for (const [args, goes] of [
    [["storycore.prompt.create"], [0, 1, 2]], [["storycore.pipeline.execute"], [5, 6]], [["storycore.prompt.create", "prompts"], [3]], [["storycore.prompt.create", "version", 7], [2]], [["storycore.create"], [0, 1, 2, 3, 5, 6]], [["x.create"], []],
  ]) {
    const { cache } = bench();
    for (const name of NUMBERED) cache.set(name, 1);
    assert.deepEqual([...cache.preview(patternOf(...args))].sort(), goes.map((at) => NUMBERED[at]).sort(), String(args));
    assert.equal(cache.invalidate(patternOf(...args)), goes.length);
  }
});

// -- mutations --------------------------------------------------------------------------------------------------------

const VIEWS = ["list", "get", "search", "status", "analyze"];
const OTHERS = ["schema", "config"];
const UNDER = ["s.prompt", "s.prompt.version", "s.prompt.version.note"];
const BESIDE = ["s.prompts", "s.promp", "s", "t.prompt", "prompt", "xs.prompt"];
const every = (resources, operations) => resources.flatMap((resource) => operations.map((operation) => `${resource}.${operation}`));
const EFFECTS = {
  update: every(UNDER, [...VIEWS, ...OTHERS]), delete: every(UNDER, [...VIEWS, ...OTHERS]), clear: every(UNDER, [...VIEWS, ...OTHERS]),
  create: every(UNDER, VIEWS), generate: every(UNDER, VIEWS), execute: every(UNDER, VIEWS),
  add: [...every(UNDER, VIEWS), ...every(["s", "s.prompts", "s.promp"], VIEWS)], remove: [...every(UNDER, VIEWS), ...every(["s", "s.prompts", "s.promp"], VIEWS)],
};
for (const [verb, goes] of Object.entries(EFFECTS)) {
  test(`${verb} touches what it says, nested resources and every user's entries with it, and nothing else`, async () => {
    for (const method of ["POST", "delete", undefined]) {
      const { cache } = bench();
      const endpoints = every([...UNDER, ...BESIDE], [...VIEWS, ...OTHERS]);
      const users = [undefined, "ann", 0];
      for (const endpoint of endpoints) for (const userId of users) await read(cache, endpoint, { userId, params: { a: 1 } });
      assert.equal(cache.size, endpoints.length * users.length);
      const { metadata } = await read(cache, `s.prompt.${verb}`, { method, params: { id: 7 } });
      assert.deepEqual([metadata.cache, metadata.invalidated, metadata.key, metadata.fromCache, metadata.ttl], ["mutation", goes.length * users.length, null, false, null]);
      for (const endpoint of endpoints) {
        for (const userId of users) {
          assert.equal(await kindOf(read(cache, endpoint, { userId, params: { a: 1 } })), goes.includes(endpoint) ? "miss" : "hit", `${endpoint} of ${userId}`);
        }
      }
    }
  });
}

test("an operation without a resource acts on all, as far as its verb reaches", async () => {
  const { cache } = bench();
  await read(cache, "a.list");
  await read(cache, "b.schema");
  assert.equal((await read(cache, "create")).metadata.invalidated, 1);
  assert.equal((await read(cache, "clear")).metadata.invalidated, 1);
});

test("a mutation that throws, and one that says error, invalidate all the same; the error is the very one", async () => {
  const { cache } = bench();
  const thrown = new Error("no");
  await read(cache, "a.list");
  await assert.rejects(read(cache, "a.create", {}, () => { throw thrown; }), (error) => error === thrown);
  assert.equal(await kindOf(read(cache, "a.list")), "miss");
  const { status, error, metadata } = await read(cache, "a.create", {}, () => ({ status: "error", error: "E" }));
  assert.deepEqual([status, error, metadata.invalidated], ["error", "E", 1]);
});

// -- requests ---------------------------------------------------------------------------------------------------------

test("a response: its data, status and metadata", async () => {
  const { cache, clock } = bench();
  const first = await read(cache, "a.list", { params: { page: 1 }, userId: "ann", method: "get" }, async (params, context) => {
    clock.advance(0.05);
    return { params, who: context.userId };
  });
  const name = key("a.list", { page: 1 }, "ann");
  const { requestId, ...rest } = first.metadata;
  assert.deepEqual([first.status, first.data], ["success", { params: { page: 1 }, who: "ann" }]);
  assert.deepEqual(rest, { fromCache: false, cache: "miss", age: 0, ttl: 180, key: name, timestamp: new Date(clock.ms).toISOString(), durationMs: 50, apiVersion: "v1" });
  clock.advance(10);
  const again = await read(cache, "a.list", { params: { page: 1 }, userId: "ann" });
  const { requestId: other, ...hit } = again.metadata;
  assert.deepEqual(hit, { fromCache: true, cache: "hit", age: 10, ttl: 170, key: name, timestamp: new Date(clock.ms).toISOString(), durationMs: 0, apiVersion: "v1" });
  assert.notEqual(requestId, other);
  assert.equal(typeof requestId, "string");
  const own = await routeRequest(cache, { endpoint: "a.list", params: { page: 1 }, userId: "ann", requestId: "mine" }, assert.fail, { apiVersion: "v2" });
  assert.deepEqual([own.metadata.requestId, own.metadata.apiVersion, own.metadata.cache], ["mine", "v2", "hit"]);
  const quick = await routeRequest(cache, { endpoint: "a.list", params: { page: 1 }, userId: "ann", requestId: "mine" }, assert.fail);
  assert.equal(quick.metadata.requestId, "mine");
});

test("options undefined, {} and in full serve one entry", async () => {
  const { cache } = bench();
  const ask = (options) => routeRequest(cache, { endpoint: "a.list" }, () => 1, options);
  assert.equal(await kindOf(ask(undefined)), "miss");
  for (const options of [{}, undefined, { ttl: 5 }, undefined, { tags: ["t"] }, undefined]) assert.equal(await kindOf(ask(options)), "hit", JSON.stringify(options));
});

test("methods: GET and POST in any case are reads, others bypass", async () => {
  const { cache } = bench();
  await read(cache, "a.list", { method: "get" });
  for (const method of [undefined, "GET", "Get", "POST", "post"]) assert.equal(await kindOf(read(cache, "a.list", { method })), "hit", method);
  for (const method of ["PUT", "put", "DELETE", "HEAD", "OPTIONS", ""]) {
    const { metadata } = await read(cache, "a.list", { method });
    assert.deepEqual([metadata.cache, metadata.reason, metadata.key, metadata.ttl], ["bypass", "method", null, null], method);
  }
});

test("a handler's answer: plain data, a success, an error", async () => {
  const { cache } = bench();
  for (const [at, [answer, status, data, stored]] of [
    [[1], "success", [1], true], [null, "success", null, true], [false, "success", false, true], [undefined, "success", undefined, false],
    [{ status: "running" }, "success", { status: "running" }, true], [{ status: "success", data: 5 }, "success", 5, true],
    [{ status: "success", data: 5, page: 2, metadata: { fromCache: "no" } }, "success", 5, true], [{ status: "success", data: undefined }, "success", undefined, false],
    [{ status: "error", error: "E" }, "error", undefined, false],
  ].entries()) {
    const ask = () => read(cache, "a.get", { params: { at } }, () => answer);
    const first = await ask();
    assert.deepEqual([first.status, first.data, first.metadata.cache], [status, data, "miss"]);
    assert.equal(first.metadata.reason, stored ? undefined : "not-storable");
    const second = await ask();
    assert.deepEqual([second.status, second.data, second.metadata.cache, second.page, second.error], [status, data, stored ? "hit" : "miss", answer?.page, answer?.error]);
  }
});

test("identity: user.userId before userId, numbers are their digits, none that failed to resolve becomes anonymous", async () => {
  const { cache } = bench();
  const ask = async (more) => {
    const { metadata } = await read(cache, "a.list", more);
    return metadata.key?.replace(/:[0-9a-f]{16}$/, "") ?? metadata.reason;
  };
  for (const [more, expected] of [
    [{}, "a.list"], [{ userId: null }, "a.list"], [{ user: null }, "a.list"], [{ userId: "ann" }, "a.list:user:ann"], [{ user: { userId: "bob" }, userId: "ann" }, "a.list:user:bob"],
    [{ user: {}, userId: "ann" }, "a.list:user:ann"], [{ userId: 0 }, "a.list:user:0"], [{ userId: "0" }, "a.list:user:0"], [{ userId: "a:b%" }, "a.list:user:a%3Ab%25"],
    [{ userId: "" }, "user-id"], [{ user: {} }, "user-id"], [{ user: { userId: "" } }, "user-id"], [{ user: { userId: null } }, "user-id"], [{ userId: NaN }, "user-id"], [{ userId: {} }, "user-id"],
    [{ userId: "\ud800" }, "user-id"], [{ userId: true }, "user-id"],
  ]) {
    for (const round of [1, 2]) assert.equal(await ask(more), expected, `${JSON.stringify(more)} round ${round}`);
  }
});

test("the request is not changed; what is no cache, request or handler is a TypeError", async () => {
  const { cache } = bench();
  const request = Object.freeze({ endpoint: "a.list", params: Object.freeze({ a: 1 }), userId: "u" });
  await routeRequest(cache, request, () => 1);
  await routeRequest(cache, request, () => 1);
  for (const [what, ...args] of [["no cache", undefined, {}, () => 1], ["no request", cache, null, () => 1], ["no handler", cache, { endpoint: "b.list" }], ["no cache of ours", {}, request, () => 1]]) {
    await assert.rejects(async () => routeRequest(...args), TypeError, what);
  }
});

// -- rules ------------------------------------------------------------------------------------------------------------

test("rule scope: auto, user and shared", async () => {
  const { cache } = bench({ rules: { "a.list": { scope: "user" }, "b.list": { scope: "shared" }, "c.list": { scope: "auto" } } });
  const who = async (endpoint, userId) => {
    const { metadata, data } = await read(cache, endpoint, { userId }, (_, context) => String(context.userId));
    return [metadata.cache, metadata.reason ?? "", data];
  };
  assert.deepEqual(await who("a.list"), ["bypass", "no-user", "undefined"]);
  assert.deepEqual([await who("a.list", "ann"), await who("a.list", "bob"), await who("a.list", "ann")], [["miss", "", "ann"], ["miss", "", "bob"], ["hit", "", "ann"]]);
  assert.deepEqual([await who("b.list", "ann"), await who("b.list", "bob"), await who("b.list")], [["miss", "", "undefined"], ["hit", "", "undefined"], ["hit", "", "undefined"]]);
  assert.deepEqual([await who("c.list"), await who("c.list", "ann"), await who("c.list")], [["miss", "", "undefined"], ["miss", "", "ann"], ["hit", "", "undefined"]]);
});

test("rule ttl, cache and mutation; the most specific that says something decides", async () => {
  const { cache } = bench({ rules: { "a.*": { ttl: 5 }, "a.list": { ttl: "7s" }, "*.peculiar": { cache: true }, "b.list": { cache: false }, "b.create": { mutation: false }, "c.publish": { mutation: true } } });
  const ttlOf = async (endpoint) => (await read(cache, endpoint)).metadata.ttl;
  assert.deepEqual([await ttlOf("a.list"), await ttlOf("a.get"), await ttlOf("x.peculiar"), await ttlOf("x.list")], [7, 5, 300, 180]);
  const over = await routeRequest(cache, { endpoint: "a.list", params: { n: 1 } }, () => 1, { ttl: 9 });
  assert.equal(over.metadata.ttl, 9);
  assert.deepEqual([(await read(cache, "b.list")).metadata.reason, (await read(cache, "b.create")).metadata.reason], ["not-cacheable", "not-cacheable"]);
  await read(cache, "c.schema");
  assert.equal((await read(cache, "c.publish")).metadata.invalidated, 1);
});

test("rule vary: part of the key and seen by the handler; what no rule names is neither", async () => {
  const { cache } = bench({ rules: { "a.*": { vary: ["language"] } } });
  const ask = (vary) => read(cache, "a.list", { vary }, (_, context) => context.vary);
  const first = await ask({ language: "de", device: "phone" });
  assert.deepEqual([first.data, first.metadata.cache], [{ language: "de" }, "miss"]);
  assert.equal(await kindOf(ask({ language: "de", device: "desk" })), "hit");
  for (const vary of [{ language: "fr" }, {}, { language: "" }]) assert.equal(await kindOf(ask(vary)), "miss", JSON.stringify(vary));
  assert.equal(await kindOf(ask(undefined)), "hit");
  assert.equal(await kindOf(ask({ language: null })), "hit");
});

test("rule tags: lists add up, a function makes them from params", async () => {
  const seen = [];
  const { cache } = bench({ rules: { "a.*": { tags: ["all"] }, "a.list": { tags: ["lists"] }, "b.get": { tags: (params, request) => { seen.push(request.endpoint, request.userId); return [`project:${params.project}`]; } } } });
  await read(cache, "a.list");
  await read(cache, "a.get");
  await read(cache, "b.get", { params: { project: "x" }, userId: "u" });
  await read(cache, "b.get", { params: { project: "y" } });
  assert.deepEqual(seen, ["b.get", "u", "b.get", undefined]);
  assert.deepEqual([cache.invalidate({ tag: "lists" }), cache.invalidate({ tag: "all" }), cache.invalidate({ tag: "project:x" }), cache.size], [1, 1, 1, 1]);
  await routeRequest(cache, { endpoint: "a.list" }, () => 1, { tags: ["mine"] });
  assert.equal(cache.invalidate({ tag: "mine", endpoint: "a.list" }), 1);
});

test("a tags function that throws or gives nonsense makes the request bypass", async () => {
  for (const tags of [() => { throw new Error("no"); }, () => "x", () => [""], () => [5], () => undefined]) {
    const { cache } = bench({ rules: { "a.list": { tags } } });
    const { data, metadata } = await read(cache, "a.list", {}, () => 1);
    assert.deepEqual([data, metadata.cache, cache.size], [1, "bypass", 0]);
  }
});

test("rule invalidates replaces, alsoInvalidates adds", async () => {
  const { cache } = bench({ rules: { "a.create": { invalidates: ["b.list"] }, "c.create": { alsoInvalidates: ["b.list", "*.config"] } } });
  const fill = async () => { for (const endpoint of ["a.list", "b.list", "c.list", "d.config"]) await read(cache, endpoint); };
  const left = () => [...cache.keys()].map((name) => name.split(":")[0]).sort();
  await fill();
  await read(cache, "a.create");
  assert.deepEqual(left(), ["a.list", "c.list", "d.config"]);
  await fill();
  await read(cache, "c.create");
  assert.deepEqual(left(), ["a.list"]);
});

test("rule resourceId: a mutation of one id leaves the get of another alone", async () => {
  const { cache } = bench({ rules: { "a.*": { resourceId: "id" } } });
  const ask = (endpoint, id) => read(cache, endpoint, { params: id === undefined ? {} : { id } });
  for (const id of [1, 2, undefined]) await ask("a.get", id);
  await ask("a.list");
  await ask("a.update", 1);
  assert.deepEqual([await kindOf(ask("a.get", 2)), await kindOf(ask("a.get", 1)), await kindOf(ask("a.get")), await kindOf(ask("a.list"))], ["hit", "miss", "miss", "miss"]);
  await ask("a.update");
  assert.deepEqual([await kindOf(ask("a.get", 1)), await kindOf(ask("a.get", 2))], ["miss", "miss"]);
  await ask("a.clear", 1);
  assert.equal(await kindOf(ask("a.get", 2)), "miss");
});

test("getTtlForEndpoint and CACHE_TTL_CONFIG: one table, at once and for every cache", async () => {
  for (const [endpoint, ttl] of Object.entries({
    "health.check": 300, "a.health.check": 300, "a.metrics.get": 300, "a.list": 180, "a.status": 60, "a.get": 120, "a.search": 60, "a.analyze": 120,
    "a.schema": 3600, "a.config": 600, "a.create": 300, anything: 300, "user.getaway.search": 60, "a.check": 300, "a.List": 300,
  })) assert.equal(getTtlForEndpoint(endpoint), ttl, endpoint);
  assert.deepEqual({ ...CACHE_TTL_CONFIG }, { metadata: 300, list: 180, status: 60, get: 120, search: 60, analyze: 120, schema: 3600, config: 600, healthCheck: 300, metrics: 300 });
  const { cache } = bench({ rules: { "b.list": { ttl: 7 } } });
  const ttlOf = async (endpoint, n) => (await read(cache, endpoint, { params: { n } })).metadata.ttl;
  try {
    CACHE_TTL_CONFIG.list = 300;
    assert.deepEqual([await ttlOf("a.list", 1), await ttlOf("b.list", 1), getTtlForEndpoint("a.list"), CACHE_TTL_CONFIG.list], [300, 7, 300, 300]);
    CACHE_TTL_CONFIG.list = "2m";
    assert.equal(await ttlOf("a.list", 2), 120);
    CACHE_TTL_CONFIG.list = 0;
    assert.equal(await ttlOf("a.list", 3), Infinity);
    assert.deepEqual(complaint(() => { CACHE_TTL_CONFIG.list = -1; }).slice(0, 2), ["RangeError", "ERR_TTL"]);
    assert.deepEqual(complaint(() => { CACHE_TTL_CONFIG.list = "soon"; }).slice(0, 2), ["TypeError", "ERR_TTL"]);
    assert.throws(() => { CACHE_TTL_CONFIG.lists = 5; }, TypeError);
  } finally {
    CACHE_TTL_CONFIG.list = 180;
  }
});

// -- middlewares of a chain ------------------------------------------------------------------------------------------

function chain(options) {
  const { cache, clock } = bench(options);
  const before = [createCacheInvalidationMiddleware(cache), createCacheMiddleware(cache, "v9")];
  const run = (endpoint, params, handler, more = {}) => {
    const context = { endpoint, ...more };
    for (const middleware of before) {
      const response = middleware(context, params);
      if (response !== undefined) return response;
    }
    return handler(params, context);
  };
  return { cache, clock, run };
}

test("a chain: miss, hit, invalidation, miss", () => {
  const { cache, clock, run } = chain();
  let calls = 0;
  const list = (_, context) => cacheResponse(cache, { status: "success", data: { items: ["item1"], call: ++calls } }, context);
  assert.equal(run("a.list", { page: 1 }, list).data.call, 1);
  clock.advance(3);
  const hit = run("a.list", { page: 1 }, list);
  const { requestId, ...metadata } = hit.metadata;
  assert.deepEqual([hit.status, hit.data.call], ["success", 1]);
  assert.deepEqual(metadata, { fromCache: true, cache: "hit", age: 3, ttl: 177, key: key("a.list", { page: 1 }), timestamp: new Date(clock.ms).toISOString(), durationMs: 0, apiVersion: "v9" });
  assert.equal(run("a.list", { page: 2 }, list).data.call, 2);
  assert.equal(run("a.list", { page: 1 }, list, { user: { userId: "ann" } }).data.call, 3);
  run("a.create", {}, (_, context) => cacheResponse(cache, { status: "success", data: 1 }, context));
  assert.deepEqual([cache.size, run("a.list", { page: 1 }, list).data.call], [0, 4]);
});

test("cacheResponse races: an invalidation between miss and response keeps it out", () => {
  const { cache, run } = chain();
  const slow = (_, context) => {
    run("a.create", {}, (_, inner) => cacheResponse(cache, { status: "success", data: 1 }, inner));
    return cacheResponse(cache, { status: "success", data: "old" }, context);
  };
  run("a.list", {}, slow);
  assert.deepEqual([cache.size, cache.getStats().refusedBy], [0, { invalidated: 1 }]);
});

test("the chain caches no error, and a hit is a caller's own to change nothing with", () => {
  const { cache, run } = chain();
  run("a.list", {}, (_, context) => cacheResponse(cache, { status: "error", error: "E" }, context));
  assert.equal(cache.size, 0);
  const data = { deep: [1] };
  run("a.list", {}, (_, context) => cacheResponse(cache, { status: "success", data }, context));
  data.deep.push(2);
  const hit = run("a.list", {}, assert.fail);
  assert.deepEqual(hit.data, { deep: [1] });
  try { hit.data.deep.push(3); } catch { /* frozen */ }
  assert.deepEqual(run("a.list", {}, assert.fail).data, { deep: [1] });
});

// -- what is said and counted -----------------------------------------------------------------------------------------

test("the logger hears each event in its words at its level", async () => {
  const said = [];
  const level = (name) => (fields, text) => said.push([name, text, fields.type]);
  const { cache } = bench({ logger: { debug: level("debug"), info: level("info"), warn: level("warn"), error: level("error") } });
  const name = key("a.list");
  await read(cache, "a.list");
  await read(cache, "a.list");
  cache.get("x");
  cache.set("x", 1, 5);
  cache.invalidate("storycore.prompt.*");
  cache.invalidate({ endpoint: "a.*" });
  await read(cache, "a.create");
  cache.delete("x");
  cache.clear();
  assert.deepEqual(said, [
    ["debug", `Cache miss: ${name}`, "miss"], ["debug", `Cache set: ${name} (TTL: 180s)`, "set"], ["debug", `Cache hit: ${name}`, "hit"],
    ["debug", "Cache miss: x", "miss"], ["debug", "Cache set: x (TTL: 5s)", "set"],
    ["info", "Cache invalidated: 0 entries matching 'storycore.prompt.*'", "invalidated"], ["info", "Cache invalidated: 1 entries matching 'endpoint a.*'", "invalidated"],
    ["debug", "Cache invalidated: 0 entries by mutation a.create (begin)", "mutation"], ["debug", "Cache invalidated: 0 entries by mutation a.create (settle)", "mutation"],
    ["debug", "Cache entry deleted: x", "removed"], ["info", "Cache cleared: 0 entries", "cleared"],
  ]);
});

test("events, in order and with their fields", async () => {
  const events = [];
  const { cache, clock } = bench({ maxEntries: 2, onEvent: (event) => events.push(event) });
  const take = () => events.splice(0).map(({ at, ...event }) => { assert.equal(at, clock.ms); return event; });
  cache.set("a", 1, 5);
  assert.deepEqual(take(), [{ type: "set", key: "a", ttl: 5, bytes: 108 }]);
  clock.advance(2);
  cache.get("a");
  cache.get("b");
  assert.deepEqual(take(), [{ type: "hit", key: "a", age: 2 }, { type: "miss", key: "b" }]);
  clock.advance(4);
  cache.get("a");
  assert.deepEqual(take(), [{ type: "removed", key: "a", reason: "expired" }, { type: "miss", key: "a" }]);
  for (const name of ["c", "d", "e"]) cache.set(name, 1);
  assert.deepEqual(take().filter(({ type }) => type === "removed").map(({ reason }) => reason), ["evicted"]);
  const error = new Error("no");
  await read(cache, "a.list", {}, () => { throw error; }).catch(() => {});
  assert.deepEqual(take(), [{ type: "miss", key: key("a.list") }, { type: "loadFailed", key: key("a.list"), error }]);
  await read(cache, "a.frob");
  assert.deepEqual(take(), [{ type: "bypass", endpoint: "a.frob", reason: "not-cacheable" }]);
  const gate = deferred();
  const first = read(cache, "b.list", {}, () => gate.promise);
  const second = read(cache, "b.list");
  cache.invalidate({ endpoint: "b.list" });
  gate.resolve(1);
  await Promise.all([first, second]);
  assert.deepEqual(take(), [
    { type: "miss", key: key("b.list") }, { type: "joined", key: key("b.list") }, { type: "invalidated", by: "endpoint b.list", count: 0 }, { type: "refused", key: key("b.list"), reason: "invalidated" },
  ]);
});

test("a logger or listener that throws is not heard of", async () => {
  const fail = () => { throw new Error("no"); };
  const { cache } = bench({ logger: { debug: fail, info: fail, warn: fail, error: fail }, onEvent: fail });
  cache.set("k", 1);
  assert.deepEqual([cache.get("k"), cache.invalidate("k"), (await read(cache, "a.list")).data], [1, 1, "a.list"]);
});

test("explain: fresh, stale, expired, loading, absent and why", async () => {
  const { cache, clock } = bench({ staleWhileRevalidate: 10 });
  const state = (name) => { const { state, removal, invalidation } = cache.explain(name); return [state, removal?.reason, invalidation?.by]; };
  assert.deepEqual(state("k"), ["absent", undefined, undefined]);
  cache.set("k", 1, 5);
  assert.deepEqual([cache.explain("k").age, cache.explain("k").ttl, cache.explain("k").loading, state("k")], [0, 5, false, ["fresh", undefined, undefined]]);
  clock.advance(6);
  assert.deepEqual([state("k"), cache.explain("k").ttl], [["stale", undefined, undefined], -1]);
  clock.advance(10);
  assert.deepEqual(state("k"), ["expired", undefined, undefined]);
  cache.get("k");
  assert.deepEqual(state("k"), ["absent", "expired", undefined]);
  cache.set("k", 1);
  cache.delete("k");
  assert.deepEqual(state("k"), ["absent", "deleted", undefined]);
  cache.set("a.list:1", 1);
  cache.invalidate({ endpoint: "a.*" });
  assert.equal(state("a.list:1")[0], "absent");
  assert.match(cache.explain("a.list:1").summary, /^absent: removed at \d+ by invalidate: endpoint a\.\*$/);
  const gate = deferred();
  const load = cache.getOrSet("l", () => gate.promise);
  assert.deepEqual([state("l"), cache.explain("l").loading], [["loading", undefined, undefined], true]);
  gate.resolve(1);
  await load;
  assert.equal(cache.getStats().hits + cache.getStats().misses, 2, "an explanation counts nothing");
});

test("statistics: what is held, hit and missed, and what is counted besides", async () => {
  const { cache, clock } = bench();
  const base = cache.getStats();
  assert.deepEqual([base.size, base.hits, base.misses, base.hitRate, base.missRate, base.expiredEntries, base.refusedBy], [0, 0, 0, 0, 0, 0, {}]);
  cache.set("a", 1, 1);
  cache.get("a");
  cache.get("b");
  cache.get("a");
  clock.advance(2);
  const { size, hits, misses, hitRate, missRate, expiredEntries, sets, bytes } = cache.getStats();
  assert.deepEqual([size, hits, misses, hitRate, missRate, expiredEntries, sets, bytes], [1, 2, 1, 2 / 3, 1 / 3, 1, 1, 108]);
  assert.equal(cache.getStats({ endpoints: true }).endpoints[""]?.size, 1);
});

test("Prometheus' text: every metric has help, kind and a number", async () => {
  const { cache } = bench();
  await read(cache, "a.list");
  const text = cache.toPrometheus("mine");
  assert.match(text, /^# HELP mine_hits_total .+\n# TYPE mine_hits_total counter\nmine_hits_total 0\n/);
  assert.match(text, /\nmine_entries 1\n/);
  for (const line of text.trimEnd().split("\n")) assert.match(line, /^(# (HELP|TYPE) mine_[a-z_]+ .+|mine_[a-z_]+(\{reason="[a-z-]+"\})? -?[0-9.e+]+)$/);
  assert.ok(text.endsWith("\n"));
});

test("forUser sees and touches that user's entries only", async () => {
  const { cache } = bench();
  const ann = cache.forUser("ann");
  const zero = cache.forUser(0);
  assert.deepEqual([ann.userId, zero.userId], ["ann", "0"]);
  ann.set("a.list", { p: 1 }, "hers");
  zero.set("a.list", { p: 1 }, "its");
  cache.set(key("a.list", { p: 1 }), "anybody's");
  assert.deepEqual([ann.get("a.list", { p: 1 }), zero.peek("a.list", { p: 1 }), ann.has("a.list"), ann.generateCacheKey("a.list")], ["hers", "its", false, key("a.list", {}, "ann")]);
  const { data, metadata } = await ann.routeRequest({ endpoint: "a.list", params: { p: 1 }, userId: "bob" }, assert.fail);
  assert.deepEqual([data, metadata.cache], ["hers", "hit"]);
  assert.equal(await ann.getOrSet("a.get", {}, () => 5), 5);
  assert.equal(ann.invalidate({ endpoint: "a.list" }), 1);
  assert.deepEqual([ann.expire(), ann.invalidate(), ann.delete("a.get"), cache.size], [1, 1, false, 2]);
  for (const bad of ["", null, undefined, NaN, {}, "\ud800"]) assert.deepEqual(complaint(() => cache.forUser(bad)).slice(0, 2), ["TypeError", "ERR_USER_ID"]);
});

// -- what is wrong, in words ------------------------------------------------------------------------------------------

const SENTENCES = [
  [() => new CacheService({ maxEntry: 5 }), "TypeError", "ERR_OPTION", /^options have no member "maxEntry"; they have staleWhileRevalidate, /],
  [() => new CacheService([]), "TypeError", "ERR_OPTION", "options are an object, not an array"],
  [() => new CacheService({ maxEntries: 0 }), "RangeError", "ERR_OPTION", "options: maxEntries is a number from 1 to Infinity, not 0"],
  [() => new CacheService({ maxEntries: 1.5 }), "RangeError", "ERR_OPTION", "options: maxEntries is a whole number, not 1.5"],
  [() => new CacheService({ maxEntries: "5" }), "TypeError", "ERR_OPTION", 'options: maxEntries is a number, not "5"'],
  [() => new CacheService({ maxWait: 0 }), "RangeError", "ERR_OPTION", "options: maxWait is a duration above 0, not 0"],
  [() => new CacheService({ jitter: 2 }), "RangeError", "ERR_OPTION", "options: jitter is a number from 0 to 1, not 2"],
  [() => new CacheService({ clock: 5 }), "TypeError", "ERR_OPTION", "options: clock is an object with a now() or a function, not 5"],
  [() => new CacheService({ onEvent: {} }), "TypeError", "ERR_OPTION", "options: onEvent is a function, not an object"],
  [() => new CacheService({ isolation: "none" }), "TypeError", "ERR_OPTION", 'options: isolation is one of snapshot, json, copy, reference, not "none"'],
  [() => new CacheService({ defaultTtl: -5 }), "RangeError", "ERR_TTL", "defaultTtl must be zero or more, got -5"],
  [() => new CacheService("soon"), "TypeError", "ERR_TTL", 'defaultTtl "soon" is not a number followed by one of ms, s, m, h, d'],
  [() => new CacheService({ rules: { "a..b": {} } }), "TypeError", "ERR_ENDPOINT_PATTERN", /"a\.\.b"/],
  [() => new CacheService({ rules: { "a.list": { tag: [] } } }), "TypeError", "ERR_OPTION", /^options: rules\["a\.list"\] have no member "tag"; they have /],
  [() => new CacheService({ rules: { "a.list": { ttl: NaN } } }), "RangeError", "ERR_TTL", "ttl must be zero or more, got NaN"],
  [() => bench().cache.set("k", undefined), "TypeError", "ERR_VALUE", "a value is anything but undefined; null is a value"],
  [() => bench().cache.set("k", 1, { ttls: 5 }), "TypeError", "ERR_OPTION", /^options have no member "ttls"; they have /],
  [() => bench().cache.set("k", 1, { tags: [""] }), "TypeError", "ERR_OPTION", /^options: tags is an array of non-empty strings without control characters, not one that holds ""$/],
  [() => bench().cache.set(5, 1), "TypeError", "ERR_KEY", "a key is a string, not 5"],
  [() => bench().cache.get(""), "TypeError", "ERR_KEY", "a key has at least one character"],
  [() => bench().cache.get("k".repeat(1025)), "TypeError", "ERR_KEY_LENGTH", "a key has 1024 characters at most, not 1025"],
  [() => bench().cache.get("\ud800"), "TypeError", "ERR_KEY", "a key is well-formed Unicode, and this one holds a lone surrogate"],
  [() => bench().cache.getMany([null]), "TypeError", "ERR_KEY", "a key is a string, not null"],
  [() => key("a:b"), "TypeError", "ERR_ENDPOINT", /"a:b"/],
  [() => key(""), "TypeError", "ERR_ENDPOINT", /./],
  [() => key("a", {}, ""), "TypeError", "ERR_USER_ID", "a user id has at least one character"],
  [() => key("a", { tags: [NaN] }), "TypeError", "ERR_PARAMS", "params.tags[0] is NaN; params may hold only plain objects, arrays, strings, finite numbers, booleans and null"],
  [() => bench().cache.invalidate({ tag: "" }), "TypeError", "ERR_PATTERN_EMPTY", "tag in a pattern has at least one character"],
  [() => bench().cache.invalidate({}), "TypeError", "ERR_PATTERN", "a pattern names at least one of regex, glob, prefix, endpoint, userId and tag"],
];
test(`${SENTENCES.length} mistakes, each with its class, its code and its sentence`, () => {
  for (const [call, type, code, sentence] of SENTENCES) {
    const [thrownType, thrownCode, message] = complaint(call);
    assert.deepEqual([thrownType, thrownCode], [type, code], `${call}: ${message}`);
    if (typeof sentence === "string") assert.equal(message, sentence, String(call));
    else assert.match(message, sentence, String(call));
  }
});
