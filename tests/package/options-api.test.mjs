// What callers hand over at the edges: wrong types are errors or are said, the same with and without a value, and ids that may be the
// same are the same (B6, D6, D9, D10).
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { format, inspect } from "node:util";
import {
  CACHE_TTL_CONFIG, CacheService, cacheResponse, createCacheInvalidationMiddleware, createCacheMiddleware, getTtlForEndpoint, routeRequest,
} from "../../pkg/index.js";
import { bench, complaint, thrownBy } from "./kit.mjs";

const listener = () => {
  const said = [];
  return { said, logger: { debug() {}, info() {}, error() {}, warn: (fields, text) => said.push({ ...fields, text }) } };
};
const codeOf = async (promise) => promise.then(() => "nothing", (error) => error.code);
const kindOf = async (promise) => (await promise).metadata.cache;

// -- D9: options of a cache --------------------------------------------------------------------------------------------

/** One value of every JavaScript type, and of objects that pass for records. */
const VALUES = {
  undefined: undefined, null: null, true: true, zero: 0, negative: -1, fraction: 1.5, NaN: NaN, Infinity, bigint: 5n, empty: "", string: "x", symbol: Symbol("s"),
  function: () => 1, class: class {}, object: {}, array: [], "array of objects": [{}], Map: new Map([["a", {}]]), Set: new Set(["a"]), Date: new Date(0), RegExp: /x/,
  Promise: Promise.resolve(), Error: new Error("x"), bytes: new Uint8Array(2), Headers: new Headers({ a: "b" }), URLSearchParams: new URLSearchParams("a=b"),
  instance: new (class Config { get(name) { return name; } })(),
};

/** Which of them each option takes; any other is an error that names it, with a code. */
const TAKES = {
  defaultTtl: ["zero", "fraction", "Infinity"], ttl: ["zero", "fraction", "Infinity"], negativeTtl: ["zero", "fraction", "Infinity"],
  staleWhileRevalidate: ["zero", "fraction", "Infinity"], staleIfError: ["zero", "fraction", "Infinity"], softTimeout: ["zero", "fraction", "Infinity"],
  retryBackoff: ["zero", "fraction", "Infinity"], hardTimeout: ["fraction", "Infinity"], maxWait: ["fraction", "Infinity"], mutationTimeout: ["fraction", "Infinity"],
  jitter: ["zero"], eagerRefresh: ["zero"], maxEntries: ["Infinity"], maxBytes: ["fraction", "Infinity"], maxEntryBytes: ["fraction"],
  maxLoads: ["Infinity"], maxFollowers: ["zero", "Infinity"], seed: ["zero"], sizeOf: ["function", "class"], clone: ["function", "class"], onEvent: ["function", "class"],
  logger: [], rules: ["null", "object"], isolation: [], singleFlight: [], endpointStats: ["true"], background: ["function", "class"],
};

test("D9: every option of a cache refuses what it cannot use, with a code and its name", () => {
  for (const [option, takes] of Object.entries(TAKES)) {
    for (const [kind, value] of Object.entries(VALUES)) {
      const make = () => new CacheService({ [option]: value });
      if (value === undefined || takes.includes(kind)) make();
      else {
        const error = thrownBy(make);
        assert.match(error.code ?? "", /^ERR_(OPTION|TTL)$/, `${option}: ${kind}: ${error}`);
        assert.ok(error.message.includes(option), error.message);
      }
    }
  }
});

test("D9: the options themselves are a record, and none of its names is unknown", () => {
  const fine = ["undefined", "null", "zero", "fraction", "Infinity", "object"];
  for (const [kind, value] of Object.entries(VALUES)) {
    const make = () => new CacheService(value);
    if (fine.includes(kind)) make();
    else assert.match(thrownBy(make).code ?? "", /^ERR_(OPTION|TTL)$/, kind);
  }
  class Config { get maxEntries() { return 5; } }
  assert.equal(new CacheService(new Config()).size, 0);
  assert.deepEqual(complaint(() => new CacheService(new (class { maxentries() {} })())).slice(0, 2), ["TypeError", "ERR_OPTION"]);
});

test("D9: rules that cannot be read are errors", () => {
  for (const rules of [new Map([["a.*", { scope: "user" }]]), [{ scope: "user" }], new (class { constructor() { this["a.*"] = {}; } })(), new Set(), "a.*", 5, true]) {
    assert.equal(complaint(() => new CacheService({ rules }))[1], "ERR_OPTION");
  }
  for (const rule of [null, 5, "user", [], new Map([["scope", "user"]]), { scop: "user" }, { scope: "User" }, { cache: 1 }, { tags: "t" }, { vary: [5] }, { mutation: "yes" }, { ttl: {} }]) {
    if (rule === null) continue;
    assert.match(complaint(() => new CacheService({ rules: { "a.*": rule } }))[1], /^ERR_(OPTION|TTL)$/, inspect(rule));
  }
  for (const resourceId of ["", 5, null, {}, [], true, "\ud800"]) {
    assert.match(complaint(() => new CacheService({ rules: { a: { resourceId } } }))[2], /^options: rules\["a"\]: resourceId is the name of a member of params or a function, not /);
  }
  const foreign = Object.assign(Object.create(null), { "a.*": { cache: false } });
  new CacheService({ rules: foreign });
});

test("D9: a logger has four methods, and one that lacks some is told which", () => {
  const whole = { debug() {}, info() {}, warn() {}, error() {} };
  class Log { debug() {} info() {} warn() {} error() {} }
  for (const logger of [console, whole, new Log(), Object.assign(() => {}, whole)]) new CacheService({ logger });
  assert.match(complaint(() => new CacheService({ logger: { info() {}, error() {} } }))[2], /this one has no debug, warn$/);
});

// -- D9: everything else that is public ------------------------------------------------------------------------------------

test("D9: every method refuses every wrong type with a code", () => {
  const { cache } = bench();
  const code = /^ERR_/;
  const refuses = (name, call, fine) => {
    for (const [kind, value] of Object.entries(VALUES)) {
      if (fine.includes(kind)) call(value);
      else assert.match(thrownBy(() => call(value)).code ?? "no code", code, `${name}: ${kind}`);
    }
  };
  for (const name of ["get", "has", "peek", "delete", "explain"]) refuses(name, (value) => cache[name](value), ["string"]);
  refuses("set, its key", (value) => cache.set(value, 1), ["string"]);
  refuses("set, its options", (value) => cache.set("k", 1, value), ["undefined", "zero", "fraction", "Infinity", "object"]);
  for (const name of ["invalidate", "expire", "preview"]) refuses(name, (value) => cache[name](value), ["empty", "string", "RegExp"]);
  refuses("getMany", (value) => cache.getMany(value), ["array", "Set"]);
  refuses("setMany", (value) => cache.setMany(value), ["object", "array", "Map", "Headers", "URLSearchParams"]);
  refuses("getStats", (value) => cache.getStats(value), ["undefined", "null", "object"]);
  refuses("forUser", (value) => cache.forUser(value), ["zero", "negative", "fraction", "string"]);
  const mine = cache.forUser("u");
  for (const name of ["invalidate", "expire"]) refuses(`forUser, ${name}`, (value) => mine[name](value), ["undefined", "empty", "string", "RegExp"]);
  refuses("a chain's cache", createCacheMiddleware, []);
  refuses("a chain's other cache", createCacheInvalidationMiddleware, []);
  refuses("generateCacheKey", (value) => CacheService.generateCacheKey(value), ["string"]);
  refuses("generateCacheKey, its user", (value) => CacheService.generateCacheKey("a.get", {}, value), ["undefined", "null", "zero", "negative", "fraction", "string"]);
  refuses("getInvalidationPattern", (value) => CacheService.getInvalidationPattern(value), ["empty", "string"]);
  assert.equal(cacheResponse(cache, 5, undefined), 5);
});

test("D9: what is asynchronous rejects with a code, with a value and without one", async () => {
  const { cache } = bench();
  await cache.getOrSet("there", () => 1);
  await routeRequest(cache, { endpoint: "a.get" }, () => 1);
  for (const [kind, value] of Object.entries(VALUES)) {
    if (!["string"].includes(kind)) assert.match(await codeOf(cache.getOrSet(value, () => 1)), /^ERR_KEY/, kind);
    for (const key of ["there", `absent ${kind}`]) {
      if (!["function", "class"].includes(kind)) assert.equal(await codeOf(cache.getOrSet(key, value)), "ERR_OPTION", kind);
      const fine = ["undefined", "zero", "fraction", "Infinity", "object"].includes(kind);
      if (!fine) assert.match(await codeOf(cache.getOrSet(key, () => 1, value)), /^ERR_(OPTION|TTL)$/, `${key}: ${kind}`);
    }
    if (!["function", "class"].includes(kind)) assert.equal(await codeOf(routeRequest(cache, { endpoint: "a.get" }, value)), "ERR_OPTION", kind);
    if (typeof value !== "object" || value === null) assert.equal(await codeOf(Promise.resolve().then(() => routeRequest(cache, value, () => 1))), "ERR_OPTION", kind);
  }
});

test("D9: a method that is no string is not GET", async () => {
  const { cache } = bench();
  await routeRequest(cache, { endpoint: "a.get" }, () => 1);
  for (const method of [5, {}, ["GET"], true, ""]) {
    const { metadata } = await routeRequest(cache, { endpoint: "a.get", method }, () => 2);
    assert.deepEqual([metadata.cache, metadata.reason], ["bypass", "method"]);
  }
  assert.equal(await kindOf(routeRequest(cache, { endpoint: "a.get", method: null }, () => 2)), "hit");
});

test("D9: a user's cache removes what matches, not all", () => {
  const { cache } = bench();
  const mine = cache.forUser("u");
  const fill = () => { for (const endpoint of ["a.get", "b.get"]) { mine.set(endpoint, {}, 1, { tags: [endpoint] }); cache.forUser("v").set(endpoint, {}, 1); } };
  for (const [pattern, count] of [[/^a\./, 1], ["^a\\.", 1], [/x/, 0], ["", 2], [undefined, 2], [{ tag: "b.get" }, 1], [{ endpoint: "*.get" }, 2]]) {
    fill();
    assert.equal(mine.invalidate(pattern), count, inspect(pattern));
    fill();
    assert.equal(mine.expire(pattern), count, inspect(pattern));
    cache.clear();
  }
  fill();
  for (const pattern of [{}, { tag: undefined }, { userId: "v" }, { usrId: "v" }, null, 5, [], new Map()]) {
    assert.match(thrownBy(() => mine.invalidate(pattern)).code, /^ERR_PATTERN/, inspect(pattern));
  }
  assert.equal(cache.size, 4);
});

test("D9: CACHE_TTL_CONFIG has its names and no others, in scripts too", () => {
  const sloppy = new Function("table", "name", "value", "table[name] = value");
  for (const name of ["gte", "List", "toString", "__proto__"]) {
    assert.deepEqual(complaint(() => sloppy(CACHE_TTL_CONFIG, name, 5)).slice(0, 2), ["TypeError", "ERR_OPTION"], name);
  }
  assert.equal(complaint(() => delete CACHE_TTL_CONFIG.get)[1], "ERR_OPTION");
  for (const ttl of ["x", {}, NaN, -1, null]) assert.equal(complaint(() => { CACHE_TTL_CONFIG.get = ttl; })[1], "ERR_TTL");
  CACHE_TTL_CONFIG.get = 7;
  assert.equal(getTtlForEndpoint("a.get"), 7);
  CACHE_TTL_CONFIG.get = 120;
  assert.equal(Object.keys(CACHE_TTL_CONFIG).length, 10);
});

// -- D6: options of a call ---------------------------------------------------------------------------------------------

const WRONG = [
  { isolation: "snapshoot" }, { isolation: null }, { singleFlight: "proces" }, { ttl: -1 }, { ttl: "5 minutes" }, { jitter: 2 }, { tags: ["t", ""] }, { tags: "t" },
  { hardTimeout: 0 }, { softTimeot: 5 }, { background: "detach" }, { negativeTtl: -5 }, { eagerRefresh: 2 }, { retryBackoff: NaN }, new Map([["ttl", 5]]),
];

test("D6: bad options of getOrSet reject on a hit as on a miss, and run nothing", async () => {
  const { cache } = bench();
  await cache.getOrSet("there", () => ({ n: 1 }));
  let ran = 0;
  for (const options of [...WRONG, { signal: "x" }, { waitUntil: 5 }, { execution: 5 }, { authorize() {} }, { apiVersion: "v2" }]) {
    const [hit, miss] = [await codeOf(cache.getOrSet("there", () => ++ran, options)), await codeOf(cache.getOrSet("absent", () => ++ran, options))];
    assert.equal(hit, miss, inspect(options));
    assert.match(hit, /^ERR_(OPTION|TTL)$/, inspect(options));
  }
  assert.equal(ran, 0);
  for (const options of [{}, { ttl: 5 }, { ttl: "5s", tags: ["t"], jitter: 0.5, staleWhileRevalidate: 5, hardTimeout: "1s", singleFlight: "off", waitUntil() {}, execution: {}, background: "detached", signal: null }, { ttl: undefined }]) {
    assert.equal((await cache.getOrSet("there", () => 2, options)).n, 1);
  }
});

test("D6: bad options of routeRequest bypass on a hit as on a miss, and are said once", async () => {
  const { said, logger } = listener();
  const { cache } = bench({ logger });
  const ask = (options, id = 1) => routeRequest(cache, { endpoint: "a.get", params: { id } }, () => ({ n: 2 }), options);
  await ask();
  for (const options of [...WRONG, { signal: new AbortController().signal }, { authorise() {} }]) {
    for (const id of [1, 5]) {
      const { metadata, status } = await ask(options, id);
      assert.deepEqual([status, metadata.cache, metadata.reason], ["success", "bypass", "options"], inspect(options));
    }
  }
  assert.deepEqual(said.map(({ endpoint, reason }) => [endpoint, reason]), [["a.get", "options"]]);
  assert.match(said[0].err.message, /isolation is one of snapshot, json, copy, reference, not "snapshoot"/);
  // A mutation goes on, and what is misspelled is said.
  await routeRequest(cache, { endpoint: "b.update" }, () => 1, { authorise() {} });
  assert.deepEqual(said.slice(1).map(({ endpoint, reason }) => [endpoint, reason]), [["b.update", "options"]]);
});

test("D6: a signal that is none is none with a value and without", async () => {
  const { cache } = bench({ logger: listener().logger });
  for (const endpoint of ["a.get", "b.get"]) {
    for (const signal of [undefined, "x", {}, 5]) {
      const expected = signal === undefined ? ["miss", undefined] : ["bypass", "options"];
      const { metadata } = await routeRequest(cache, { endpoint, signal }, () => 1);
      assert.deepEqual([metadata.cache, metadata.reason], expected);
    }
  }
});

test("D9: a rule's tags that fail are said once", async () => {
  const { said, logger } = listener();
  const { cache } = bench({ logger, rules: { "a.*": { tags: () => { throw new Error("mine"); } }, "b.*": { tags: () => "t" } } });
  for (const endpoint of ["a.get", "a.get", "b.get"]) assert.equal((await routeRequest(cache, { endpoint }, () => 1)).metadata.reason, "options");
  assert.deepEqual(said.map(({ endpoint, reason }) => [endpoint, reason]), [["a.get", "options"], ["b.get", "options"]]);
  assert.equal(said[0].err.message, "mine");
});

// -- D6: the rest --------------------------------------------------------------------------------------------------------

test("D6: sizeOf of Infinity is too large, whatever the bounds; what is no size counts by the estimate and is said once", () => {
  for (const bounds of [{}, { maxBytes: Infinity, maxEntryBytes: Infinity }]) {
    const { cache } = bench({ sizeOf: () => Infinity, ...bounds });
    assert.equal(cache.set("k", 1), false);
    assert.equal(cache.set("k", 1, { tags: ["t"] }), false);
    assert.equal(cache.getStats().rejected, 2);
  }
  for (const size of [-1, NaN, "500", 5n, undefined, null, {}, () => { throw new Error("x"); }]) {
    const { said, logger } = listener();
    const { cache } = bench({ logger, sizeOf: (value) => (typeof size === "function" ? size() : size) });
    assert.equal(cache.set("some.get:1", { id: 1 }), true);
    assert.equal(cache.set("some.get:2", { id: 1 }), true);
    const { bytes } = cache.getStats();
    assert.ok(Number.isFinite(bytes) && bytes > 200 && bytes < 500, `${format(size)}: ${bytes}`);
    assert.deepEqual(said.map(({ endpoint, reason }) => [endpoint, reason]), [["some.get", "size"]]);
  }
  const { cache } = bench({ sizeOf: () => 5e9 });
  assert.equal(cache.set("k", 1), false);
});

test("D6: setMany takes pairs, Maps and plain objects", () => {
  const { cache } = bench();
  assert.equal(cache.setMany({ a: 1, b: null }), 2);
  assert.equal(cache.setMany(new Map([["c", 3]])), 1);
  assert.equal(cache.setMany((function* () { yield ["d", 4, { tags: ["t"] }]; })(), 5), 1);
  assert.deepEqual([...cache.keys()].sort(), ["a", "b", "c", "d"]);
  for (const wrong of ["ab", 5, null, undefined, [1], ["ab"], [{ key: "a", value: 1 }], new Date(0)]) {
    assert.equal(complaint(() => cache.setMany(wrong))[1], "ERR_OPTION", inspect(wrong));
  }
  assert.equal(complaint(() => cache.setMany({ a: undefined }))[1], "ERR_VALUE");
  assert.deepEqual(Object.fromEntries(cache), { a: 1, b: null, c: 3, d: 4 });
});

test("D6: a context reads as any object does to whoever inspects it, and what is not in the key stays an error", async () => {
  const { cache } = bench();
  await routeRequest(cache, { endpoint: "a.get" }, (_, context) => {
    assert.equal(context.constructor, Object);
    for (const name of ["toString", "valueOf", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString"]) assert.equal(typeof context[name], "function", name);
    for (const name of ["$$typeof", "nodeType", "tagName", "asymmetricMatch", "@@__IMMUTABLE_ITERABLE__@@", "_isMockFunction", "__v_isRef", "then", "toJSON", "inspect"]) assert.equal(context[name], undefined, name);
    for (const name of [Symbol.toStringTag, Symbol.iterator, Symbol.toPrimitive]) assert.equal(context[name], undefined);
    assert.equal(`${context}`, "[object Object]");
    assert.match(inspect(context), /endpoint/);
    JSON.stringify(context);
    for (const name of ["request", "user", "headers", "tenant", "_tenant"]) assert.equal(complaint(() => context[name])[1], "ERR_UNKEYED", name);
    assert.throws(() => assert.deepEqual(context, { other: 1 }), assert.AssertionError);
    return 1;
  });
});

// -- D10 -------------------------------------------------------------------------------------------------------------------

test("D10: ids that may be the same are the same", async () => {
  const same = [[7, "7", "07", " 7", "+7", "7.0", "7e0", "0007"], ["é", "e\u0301"], ["K", "\u212a"], [0, "0", "-0", "00", -0], ["abc"], ["ABC"], [7.5, "7.50"], ["9007199254740993"], ["a\nb"], ["\u{1f600}"], [-7, "-07"]];
  for (const [group, ids] of same.entries()) {
    for (const id of ids) {
      for (const other of same.flat()) {
        const { cache } = bench({ rules: { "a.*": { resourceId: "id" } } });
        const get = () => routeRequest(cache, { endpoint: "a.get", params: { id: other } }, () => 1);
        await get();
        await routeRequest(cache, { endpoint: "a.update", params: { id } }, () => 1);
        const isSame = same[group].includes(other);
        assert.equal(await kindOf(get()), isSame ? "miss" : "hit", `${inspect(id)} and ${inspect(other)}`);
      }
    }
  }
});

test("D10: an id that cannot be told from others spares nothing, and is spared by nothing", async () => {
  for (const [update, other] of [[2 ** 53, 1], [1, 2 ** 53], ["", 1], [1, "  "], [[7], 1], [true, 1], [1e300, 1], ["1e400", 1]]) {
    const { cache } = bench({ rules: { "a.*": { resourceId: "id" } } });
    const get = () => routeRequest(cache, { endpoint: "a.get", params: { id: other } }, () => 1);
    await get();
    await routeRequest(cache, { endpoint: "a.update", params: { id: update } }, () => 1);
    assert.equal(await kindOf(get()), "miss", inspect([update, other]));
  }
});

test("D10: resourceId may be a function, and one that fails spares nothing and is said once", async () => {
  const { said, logger } = listener();
  const { cache } = bench({ logger, rules: { "a.*": { resourceId: ({ where }) => where.slug.toLowerCase() }, "a.b.*": { resourceId: "id" }, "c.*": { resourceId: () => ({}) } } });
  const ask = (endpoint, params) => routeRequest(cache, { endpoint, params }, () => 1);
  for (const slug of ["One", "two"]) await ask("a.get", { where: { slug } });
  await ask("a.update", { where: { slug: "ONE" } });
  assert.deepEqual([await kindOf(ask("a.get", { where: { slug: "One" } })), await kindOf(ask("a.get", { where: { slug: "two" } }))], ["miss", "hit"]);
  assert.equal(said.length, 0);
  await ask("a.update", {});
  assert.equal(await kindOf(ask("a.get", { where: { slug: "two" } })), "miss");
  await ask("a.update");
  assert.deepEqual(said.map(({ endpoint, reason }) => [endpoint, reason]), [["a.update", "resource-id"]]);
  // The more specific rule decides.
  for (const id of [1, 2]) await ask("a.b.get", { id });
  await ask("a.b.update", { id: "01" });
  assert.deepEqual([await kindOf(ask("a.b.get", { id: 1 })), await kindOf(ask("a.b.get", { id: 2 }))], ["miss", "hit"]);
  await ask("c.get");
  await ask("c.update");
  assert.equal(await kindOf(ask("c.get")), "miss");
});

test("D10: a mutation whose params cannot be read asks no function and spares nothing", async () => {
  let asked = 0;
  const { cache } = bench({ logger: listener().logger, rules: { "a.update": { resourceId: () => { asked += 1; return 1; } }, "a.get": { resourceId: "id" } } });
  const get = () => routeRequest(cache, { endpoint: "a.get", params: { id: 2 } }, () => 1);
  await get();
  await routeRequest(cache, { endpoint: "a.update", params: { at: Symbol("x") } }, () => 1);
  assert.deepEqual([asked, await kindOf(get())], [0, "miss"]);
});

// -- B6 --------------------------------------------------------------------------------------------------------------------

const entry = JSON.stringify(new URL("../../pkg/index.js", import.meta.url).href);
const run = (script, ...flags) => execFileSync(process.execPath, [...flags, "--input-type=module", "-e", script], { encoding: "utf8" }).trim();

test("B6: 20,000 requests with maxBytes of 8 MB live in a heap of 128 MB", () => {
  const script = `
    const { CacheService, routeRequest } = await import(${entry});
    const cache = new CacheService({ maxBytes: 8e6, maxEntries: Infinity });
    for (let i = 0; i < 20_000; i++) {
      const answer = () => Object.fromEntries(Array.from({ length: 200 }, (_, at) => ["id-" + i + "-" + at, { n: at + 0.5, text: "some text " + at }]));
      await routeRequest(cache, { endpoint: "shop.item.get", params: { i } }, answer);
    }
    const { bytes, size, evictions } = cache.getStats();
    console.log(bytes <= 8e6 && size > 10 && evictions > 10_000 ? "lives" : JSON.stringify({ bytes, size, evictions }));
  `;
  assert.equal(run(script, "--max-old-space-size=128"), "lives");
});

test("B6: heap over bytes, key and entry included, for what is set and what is loaded", () => {
  const script = `
    const { CacheService } = await import(${entry});
    const parse = (value) => JSON.parse(JSON.stringify(value));
    const page = (i) => parse((Math.random() + "-" + i).repeat(5_000));
    const shapes = {
      small: [8_000, (i) => ({ id: i })],
      ids: [100, (i) => Object.fromEntries(Array.from({ length: 200 }, (_, at) => ["id-" + i + "-" + at, at]))],
      rows: [50, (i) => parse(Array.from({ length: 100 }, (_, at) => ({ id: at, name: "name of " + i + " " + at, email: at + "@example.org", price: at + 0.5 })))],
      doubles: [100, () => Array.from({ length: 1_000 }, Math.random)],
      big: [2_000, (i) => 10n ** 1_000n + BigInt(i)],
      slice: [100, (i) => page(i).slice(100, 400)],
      inside: [100, (i) => ({ title: page(i).slice(100, 400) })],
    };
    const used = () => { for (let i = 0; i < 5; i++) gc(); return process.memoryUsage().heapUsed; };
    const [wrong, held] = [[], []];
    for (const [name, [count, make, keyOf = (i) => "some.get:" + i]] of Object.entries(shapes)) {
      for (const way of ["set", "load"]) {
        const cache = new CacheService({ maxBytes: Infinity, maxEntryBytes: Infinity, maxEntries: Infinity });
        const put = (i) => (way === "set" ? cache.set(keyOf(i), make(i)) : cache.getOrSet(keyOf(i), () => make(i)));
        held.push(cache);
        for (let i = 0; i < 20; i++) await put(-1 - i);
        await new Promise((done) => setTimeout(done, 10));
        const [heap, said] = [used(), cache.getStats().bytes];
        for (let i = 0; i < count; i++) await put(i);
        await new Promise((done) => setTimeout(done, 10));
        const ratio = (used() - heap) / (cache.getStats().bytes - said);
        // The test allows for what else lives in a heap that is small.
        if (!(ratio > 0.5 && ratio < 2)) wrong.push(name + " " + way + " " + ratio.toFixed(2));
      }
    }
    console.log(wrong.join(", ") || "near");
  `;
  assert.equal(run(script, "--expose-gc"), "near");
});
