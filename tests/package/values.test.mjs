// What goes in comes out: values as real libraries make them, through every way out of a cache.
import "reflect-metadata";
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { createContext, runInContext } from "node:vm";
import { Binary, Decimal128, Double, Long, ObjectId, Timestamp, UUID } from "bson";
import { Exclude, Expose, instanceToPlain, plainToInstance } from "class-transformer";
import dayjs from "dayjs";
import { Decimal } from "decimal.js";
import { DateTime, Duration } from "luxon";
import mongoose from "mongoose";
import { DataTypes, Sequelize } from "sequelize";
import { CacheService, cacheResponse, createCacheMiddleware, routeRequest } from "../../pkg/index.js";
import { bench } from "./kit.mjs";

const GET = { endpoint: "a.b.get" };
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const newCache = (options) => new CacheService({ logger: quiet, ...options });

/** What a handler's value comes to for the first caller, the second, and by every other way out. */
async function everyWayOut(make, options) {
  const cache = newCache(options);
  const ask = () => routeRequest(cache, GET, () => make());
  const first = await ask();
  const second = await ask();
  const other = newCache(options);
  const load = () => other.getOrSet("k", () => make());
  return { all: [first.data, second.data, await load(), await load()], first, second, cache };
}

/** Users as an ORM hands them out: what is sent is not what is in them. */
class User {
  id = 1;
  passwordHash = "secret";
  #session = 7;
  get session() { return this.#session; }
  toJSON() { return { id: this.id }; }
}
class Ok {
  constructor(value) { this.value = value; }
  isOk() { return true; }
}
class Dto { constructor() { this.name = "x"; } }

// -- what is not plain is passed on, and nothing of it is lost ---------------------------------------------------------

const Person = mongoose.model("Person", new mongoose.Schema({ name: String, passwordHash: { type: String }, born: Date }, {
  toJSON: { transform: (_, json) => { delete json.passwordHash; delete json._id; return json; } },
}));
const sequelize = new Sequelize({ dialect: "postgres", logging: false });
const Account = sequelize.define("Account", { name: DataTypes.STRING, hash: DataTypes.STRING }, { timestamps: false });
Account.prototype.toJSON = function () { return { name: this.get("name") }; };
class Profile { name; password; }
Expose()(Profile.prototype, "name");
Exclude()(Profile.prototype, "password");

const NOT_PLAIN = {
  "a class with toJSON": () => new User(),
  "a class with methods": () => new Ok(5),
  "a class with members only": () => new Dto(),
  "a subclass of Array": () => new (class Rows extends Array {})(3),
  "a subclass of Map": () => new (class Registry extends Map {})(),
  "a subclass of Date": () => new (class Day extends Date {})(0),
  "a subclass of Error": () => new (class Failed extends Error {})("x"),
  "an Error with a code": () => Object.assign(new Error("x"), { code: "E_X" }),
  "a Date that says something else of itself": () => Object.assign(new Date(0), { toJSON: () => "never" }),
  "a plain object with a toJSON": () => ({ secret: 1, toJSON: () => ({}) }),
  "a plain object with a hidden method": () => Object.defineProperty({ a: 1 }, "toJSON", { value: () => ({}), enumerable: false }),
  "a plain object with a hidden accessor": () => Object.defineProperty({ a: 1 }, "b", { get: () => 2, enumerable: false }),
  "a mongoose document": () => new Person({ name: "Ann", passwordHash: "x", born: new Date(0) }),
  "mongoose documents in a list": () => [new Person({ name: "Ann" })],
  "a sequelize instance": () => Account.build({ name: "Ann", hash: "x" }),
  "an instance of class-transformer": () => plainToInstance(Profile, { name: "Ann", password: "x" }),
  "an ObjectId": () => new ObjectId("0123456789abcdef01234567"),
  "a UUID": () => new UUID("01234567-89ab-4def-8123-456789abcdef"),
  "a Decimal128": () => Decimal128.fromString("1.50"),
  "a Long": () => Long.fromNumber(5), "a Double": () => new Double(1.5), "a Binary": () => new Binary(Buffer.from("x")), "a Timestamp": () => new Timestamp(5n),
  "a dayjs": () => dayjs(0),
  "a luxon DateTime": () => DateTime.fromMillis(0), "a luxon Duration": () => Duration.fromMillis(5),
  "a Decimal": () => new Decimal("1.50"),
  "a URL": () => new URL("http://h.example/"), "a promise in a list": () => [Promise.resolve(1)], "a WeakRef": () => new WeakRef({}),
  "a generator": () => (function* () {})(), "a Response": () => new Response("x"), "a function": () => () => 1, "a symbol": () => ({ a: Symbol("x") }),
  "resizable memory": () => new ArrayBuffer(1, { maxByteLength: 8 }),
};
for (const [name, make] of Object.entries(NOT_PLAIN)) {
  test(`A1: ${name} reaches each caller as its handler returned it, and is not stored`, async () => {
    const made = [];
    const { all, first, second, cache } = await everyWayOut(() => { const value = { it: make() }; made.push(value.it); return value; });
    assert.deepEqual(all.map((value) => value.it === made.at(all.indexOf(value))), [true, true, true, true]);
    assert.deepEqual([first, second].map(({ metadata }) => [metadata.cache, metadata.reason]), [["miss", "not-cloneable"], ["miss", "not-cloneable"]]);
    assert.equal(cache.size, 0);
  });
}

test("A1: what a class hides in toJSON is sent by no hit, also over a chain and with the value deep inside", async () => {
  const cache = newCache();
  const middleware = createCacheMiddleware(cache);
  const sent = () => {
    const context = { endpoint: "users.list" };
    const found = middleware(context, {});
    return JSON.stringify((found ?? cacheResponse(cache, { status: "success", data: [{ user: new User() }] }, context)).data);
  };
  assert.deepEqual([sent(), sent()], ['[{"user":{"id":1}}]', '[{"user":{"id":1}}]']);
  assert.equal(cache.size, 0);
});

test("A1: what is never cached for its kind is said once for each endpoint, with what to do", async () => {
  const said = [];
  const cache = new CacheService({ logger: { ...quiet, warn: (fields, text) => said.push([fields.endpoint, fields.reason, /isolation/.test(text)]) } });
  for (const endpoint of ["a.get", "a.get", "b.get"]) await routeRequest(cache, { endpoint }, () => new User());
  assert.deepEqual(said, [["a.get", "not-cloneable", true], ["b.get", "not-cloneable", true]]);
});

test("A1: without a logger the warning is on the console", async (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  await routeRequest(new CacheService(), GET, () => new User());
  await routeRequest(new CacheService({ isolation: "json" }), GET, () => new User());
  assert.equal(warn.mock.callCount(), 1);
  assert.match(warn.mock.calls[0].arguments[0], /^endpoint-cache: .*User.*a\.b\.get/);
});

test("A1: callers that joined a load whose answer has no copy run their own handler", async () => {
  const cache = newCache();
  let runs = 0;
  const ask = () => routeRequest(cache, GET, async () => { runs += 1; await null; return new Ok(runs); });
  const [a, b] = await Promise.all([ask(), ask()]);
  assert.deepEqual([a.data.isOk(), b.data.isOk(), a.data === b.data, runs], [true, true, false, 2]);
});

// -- what is plain or built-in comes back as it was ---------------------------------------------------------------------

const context = createContext({});
const foreign = (code) => runInContext(code, context);
const match = "2026-11-27".match(/(?<year>\d+)-(\d+)/);
const FAITHFUL = {
  "numbers of all sorts": () => [0, -0, NaN, Infinity, 1.5, 2 ** 53, 5n, true, null, undefined, ""],
  "a Date": () => new Date(5),
  "rows with Dates": () => [{ id: 1, at: new Date(1) }, { id: 2, at: new Date(2) }],
  "a RegExp": () => Object.assign(/x/gi, { lastIndex: 1 }),
  "a Map with objects for keys": () => new Map([[{ a: 1 }, new Map([["k", new Set([1, [2]])]])]]),
  "a Set": () => new Set([1, "a", { b: 2 }]),
  "typed arrays": () => [new Uint8Array([1, 2]), new Float64Array([0.5]), new BigInt64Array([5n]), new Uint8ClampedArray([3])],
  "an ArrayBuffer": () => new Uint8Array([1, 2]).buffer, "a DataView": () => new DataView(new Uint8Array([1, 2, 3]).buffer, 1, 1),
  "a Buffer": () => Buffer.from("abc"), "an Error": () => new RangeError("far", { cause: { x: [1] } }),
  "objects without a prototype": () => Object.assign(Object.create(null), { a: [Object.create(null)] }),
  "a list with holes": () => [1, , 3], "a list with members": () => Object.assign([1, 2], { total: 2 }), "a match of a pattern": () => match,
  "members named by symbols": () => ({ [Symbol.for("tag")]: { a: 1 }, b: 2 }),
  "hidden members": () => Object.defineProperty({ a: 1 }, "hidden", { value: { b: 2 } }),
  "a member named __proto__": () => JSON.parse('{"__proto__":{"admin":true},"a":1}'),
  "boxed primitives": () => [Object(1), Object("a"), Object(true)],
  "a tree of 900 levels": () => { let deep = { leaf: new Date(0) }; for (let at = 0; at < 900; at += 1) deep = at % 2 ? [deep] : { deep }; return deep; },
  "what another realm made": () => foreign("({ list: [1, { at: new Date(5) }], map: new Map([['a', 1]]), bytes: new Uint8Array([1]), re: /x/g })"),
};
for (const [name, make] of Object.entries(FAITHFUL)) {
  test(`A1: ${name} come back as they were, each caller with what it may change`, async () => {
    const { all, second } = await everyWayOut(() => ({ it: make() }));
    assert.equal(second.metadata.cache, "hit");
    for (const value of all) assert.deepStrictEqual(value.it, make());
  });
}

test("A1: a cycle and a part that stands twice stay what they are, also with something mutable in them", async () => {
  for (const extra of [{}, { at: new Date(0) }]) {
    const part = { ...extra };
    const own = { a: part, b: [part] };
    own.self = own;
    const { all } = await everyWayOut(() => own);
    for (const value of all) assert.deepEqual([value.self === value, value.a === value.b[0], value === own, value.a === part], [true, true, false, false]);
  }
});

test("C1: what another realm made is of that realm for every caller", async () => {
  const { all } = await everyWayOut(() => foreign("({ at: new Date(5), list: [1], error: new TypeError('x') })"));
  for (const value of all) {
    assert.ok(value.at instanceof foreign("Date") && value.list instanceof foreign("Array") && value.error instanceof foreign("TypeError"));
    assert.equal(Object.getPrototypeOf(value), foreign("Object.prototype"));
  }
});

test("A1: a Buffer carries its own bytes only, and is each caller's own", async () => {
  const { all } = await everyWayOut(() => ({ it: Buffer.from("abc") }));
  for (const { it } of all) assert.deepEqual([Buffer.isBuffer(it), it.toString(), it.buffer.byteLength], [true, "abc", 3]);
  all[0].it[0] = 0;
  assert.equal(all[1].it.toString(), "abc");
});

test("A9, C1: what one caller does to something mutable reaches no other caller, by no way out", async () => {
  const cache = newCache();
  const make = () => ({ at: new Date(0), map: new Map([["k", { n: 1 }]]), set: new Set([1]), bytes: new Uint8Array([1]), rows: [{ at: new Date(1) }], plain: { deep: [1] } });
  const first = await routeRequest(cache, GET, make);
  const { key } = first.metadata;
  const ways = [
    () => first.data, async () => (await routeRequest(cache, GET, assert.fail)).data, () => cache.get(key).data, () => cache.peek(key).data, () => [...cache.entries()][0][1].data,
    () => [...cache][0][1].data, () => cache.getMany([key])[0].data, async () => (await cache.getOrSet(key, assert.fail)).data, () => createCacheMiddleware(cache)({ endpoint: GET.endpoint }, {}).data,
  ];
  for (const way of ways) {
    const value = await way();
    assert.deepStrictEqual(value, make());
    value.at.setTime(9);
    value.map.clear();
    value.set.add(2);
    value.bytes[0] = 9;
    value.rows[0].at.setTime(9);
    assert.throws(() => value.plain.deep.push(2), TypeError);
  }
  for (const way of ways.slice(1)) assert.deepStrictEqual(await way(), make());
});

test("C1: what nobody can change is the same for all callers, and only the path to a Date is made anew", async () => {
  const { all } = await everyWayOut(() => ({ when: { at: new Date(0) }, rows: [{ id: 1 }] }));
  assert.ok(all[0].rows === all[1].rows && Object.isFrozen(all[0].rows[0]));
  assert.ok(all[0].when !== all[1].when && all[0].when.at !== all[1].when.at);
});

// -- the other ways to keep callers apart -------------------------------------------------------------------------------

test('isolation "json": everybody gets what JSON.stringify would send, the first caller included', async () => {
  for (const [make, text] of [
    [() => new User(), '{"id":1}'], [() => [new Person({ name: "Ann", passwordHash: "x" })], '[{"name":"Ann"}]'], [() => Account.build({ name: "Ann", hash: "x" }), '{"name":"Ann"}'],
    [() => ({ id: new ObjectId("0123456789abcdef01234567"), at: dayjs(0), sum: new Decimal("1.50") }), '{"id":"0123456789abcdef01234567","at":"1970-01-01T00:00:00.000Z","sum":"1.5"}'],
    [() => instanceToPlain(plainToInstance(Profile, { name: "Ann", password: "x" })), '{"name":"Ann"}'],
    [() => ({ at: new Date(0), gone: undefined, nan: NaN }), '{"at":"1970-01-01T00:00:00.000Z","nan":null}'],
  ]) {
    const { all, second } = await everyWayOut(make, { isolation: "json" });
    assert.equal(second.metadata.cache, "hit");
    for (const value of all) assert.equal(JSON.stringify(value), text);
    assert.ok(all[0] === all[1] && Object.isFrozen(all[0]));
  }
  const { second } = await everyWayOut(() => ({ big: 5n }), { isolation: "json" });
  assert.equal(second.metadata.reason, "not-cloneable");
});

test('isolation "copy": each caller may write into its own, and nobody sees it', async () => {
  const make = () => ({ rows: [{ id: 1, at: new Date(0) }], deep: { er: [1] } });
  const { all, second } = await everyWayOut(make, { isolation: "copy" });
  assert.equal(second.metadata.cache, "hit");
  for (const value of all) {
    assert.deepStrictEqual(value, make());
    value.rows.push(2);
    value.rows[0].at.setTime(9);
    value.deep.er = "written";
  }
});

test('isolation "reference": the very object', async () => {
  const own = new Ok(5);
  const { all } = await everyWayOut(() => own, { isolation: "reference" });
  assert.ok(all.every((value) => value === own));
});

test("an isolation of one call counts for that call, whatever the answer was stored by", async () => {
  const make = () => ({ at: new Date(0), n: [1] });
  for (const stored of ["snapshot", "json", "copy", "reference"]) {
    for (const asked of ["snapshot", "json", "copy", "reference"]) {
      const cache = newCache();
      const own = make();
      const ask = (isolation, handler) => routeRequest(cache, GET, handler, { isolation });
      await ask(stored, () => own);
      const [one, two] = [(await ask(asked, assert.fail)).data, (await ask(asked, assert.fail)).data];
      const label = `${stored}, ${asked}`;
      assert.equal(JSON.stringify(one), JSON.stringify(make()), label);
      assert.equal(typeof one.at, stored === "json" || asked === "json" ? "string" : "object", label);
      assert.equal(one === two, asked === "json" ? stored === "json" : asked === "reference" ? ["reference", "json"].includes(stored) : asked === "snapshot" && stored === "json", label);
      if (asked === "copy") one.n.push(2);
      if (typeof one.at === "object" && asked !== "reference") one.at.setTime(9);
      assert.equal(JSON.stringify((await ask("copy", assert.fail)).data), JSON.stringify(make()), label);
    }
  }
});

test("a clone hook serves domain types: copies for each caller, or the object itself where it never changes", async () => {
  const clone = (value) => {
    if (value instanceof Decimal) return value;
    if (value instanceof Ok) return new Ok(value.value);
    return undefined;
  };
  const { all, second } = await everyWayOut(() => ({ sum: new Decimal("1.5"), result: new Ok(7), at: new Date(0) }), { clone });
  assert.equal(second.metadata.cache, "hit");
  for (const value of all) assert.deepEqual([value.sum.plus(1).toString(), value.result.isOk(), value.result.value, value.at.getTime()], ["2.5", true, 7, 0]);
  all[0].result.value = 9;
  assert.equal(all[1].result.value, 7);
  const refused = await everyWayOut(() => ({ user: new User() }), { clone });
  assert.equal(refused.second.metadata.reason, "not-cloneable");
});

test("a clone hook that fails on the way out lets the handler run, and get gives nothing", async () => {
  let broken = false;
  const cache = newCache({ clone: (value) => { if (broken) throw new Error("no"); return new Ok(value.value); } });
  const ask = () => routeRequest(cache, GET, () => new Ok(1));
  const { metadata } = await ask();
  broken = true;
  const found = await ask();
  assert.deepEqual([found.data.isOk(), found.metadata.cache, found.metadata.reason, cache.get(metadata.key)], [true, "bypass", "not-cloneable", undefined]);
});

// -- params, vary, envelopes --------------------------------------------------------------------------------------------

test("A8: the handler of a cached read sees what was passed, as a copy of its own", async () => {
  const cache = newCache();
  const params = { since: new Date(0), list: [{ until: new Date(5) }], bytes: undefined };
  const seen = await routeRequest(cache, { endpoint: "orders.list", params }, (given, { cached }) => {
    assert.ok(cached);
    assert.deepStrictEqual(given, params);
    given.since.setTime(9);
    given.page ??= 1;
    return given.list[0].until.getTime();
  });
  assert.deepEqual([seen.data, params.since.getTime(), "page" in params], [5, 0, false]);
  assert.equal((await routeRequest(cache, { endpoint: "orders.list", params: { ...params, since: new Date(0) } }, assert.fail)).metadata.cache, "hit");
  assert.equal((await routeRequest(cache, { endpoint: "orders.list", params: { ...params, since: new Date(1) } }, () => 1)).metadata.cache, "miss");
});

test("A8: params that write themselves and have no copy reach their handler as they are, past the cache", async () => {
  for (const value of [dayjs(0), new ObjectId("0123456789abcdef01234567"), new Decimal(5), new User()]) {
    const answer = await routeRequest(newCache(), { endpoint: "orders.list", params: { value } }, (params) => params.value === value);
    assert.deepEqual([answer.data, answer.metadata.cache, answer.metadata.reason], [true, "bypass", "params"]);
  }
});

test("A8: a request without params gives its handler an empty object, cached or not", async () => {
  for (const endpoint of ["orders.list", "orders.create", "orders.unheardof"]) {
    for (const params of [undefined, null]) {
      const { data } = await routeRequest(newCache(), { endpoint, params }, (given) => JSON.stringify(given));
      assert.equal(data, "{}");
    }
  }
});

test("A2: values in vary are keyed by their JSON, seen by the handler as they are, and bypass where they have none", async () => {
  const cache = newCache({ rules: { "docs.*": { vary: ["roles", "since"] } } });
  const ask = (vary, endpoint = "docs.list") => routeRequest(cache, { endpoint, vary }, (_, context) => context.vary);
  const different = [
    { roles: ["admin"] }, { roles: ["guest"] }, { roles: ["admin", "guest"] }, { roles: [] }, { roles: {} }, { roles: { admin: true } }, { roles: { admin: false } },
    { roles: "admin" }, { roles: "" }, { roles: 1 }, { roles: "1" }, { roles: true }, { roles: "true" }, { roles: "an array" }, { roles: "an object" }, {}, { since: new Date(0) }, { since: new Date(1) },
    { roles: "\ud800" }, { roles: "\ud801" }, { roles: "\ufffd" },
  ];
  for (const vary of different) {
    const answer = await ask(vary);
    assert.equal(answer.metadata.cache, "miss", JSON.stringify(vary));
    assert.deepStrictEqual(answer.data, vary);
  }
  for (const vary of different) assert.equal((await ask(structuredClone(vary))).metadata.cache, "hit", JSON.stringify(vary));
  assert.equal((await ask({ roles: { b: 1, a: 2 } })).metadata.cache, "miss");
  assert.equal((await ask({ roles: { a: 2, b: 1 } })).metadata.cache, "hit");
  const withoutText = [
    { roles: new Set(["admin"]) }, { roles: new Map() }, { roles: [NaN] }, { roles: 5n }, { roles: Symbol("x") }, { roles: () => 1 }, { roles: new User() }, { get roles() { throw new Error("no"); } },
    new Headers({ roles: "admin" }), new Map([["roles", "admin"]]), new URLSearchParams("roles=admin"), new (class { roles = "admin"; })(), "roles", 5, ["roles"],
  ];
  for (const vary of withoutText) {
    const { metadata } = await routeRequest(cache, { endpoint: "docs.list", vary }, () => 1);
    assert.deepEqual([metadata.cache, metadata.reason], ["bypass", "vary"], Object.prototype.toString.call(vary));
  }
  for (const vary of [new Headers(), new Map()]) assert.equal((await routeRequest(cache, { endpoint: "other.list", vary }, () => 1)).metadata.cache === "bypass", false);
});

test("A2: a chain keys what a rule names, and passes where its context lacks it", () => {
  const cache = newCache({ rules: { "reports.get": { vary: ["language"] } } });
  const middleware = createCacheMiddleware(cache);
  const ask = (vary) => {
    const context = { endpoint: "reports.get", ...(vary === undefined ? {} : { vary }) };
    const found = middleware(context, {});
    if (found !== undefined) return `hit ${found.data}`;
    cacheResponse(cache, { status: "success", data: vary?.language }, context);
    return context.cacheKey === undefined ? "passed" : "miss";
  };
  assert.deepEqual([ask({ language: "de" }), ask({ language: "fr" }), ask({ language: "de" }), ask({ language: ["de"] })], ["miss", "miss", "hit de", "miss"]);
  assert.deepEqual([ask(undefined), ask({}), ask({ country: "de" }), ask(new Headers({ language: "de" }))], ["passed", "passed", "passed", "passed"]);
});

test("A10: an envelope has a status of success and data, or of error and an error; anything else is data", async () => {
  const at = { finishedAt: 1 };
  for (const [raw, data, stored, more] of [
    [{ status: "success", ...at, metadata: { sha: "a" } }, { status: "success", ...at, metadata: { sha: "a" } }, true],
    [{ status: "success" }, { status: "success" }, true],
    [{ status: "running", data: 1 }, { status: "running", data: 1 }, true],
    [{ status: "success", data: 5 }, 5, true],
    [{ status: "success", data: 5, page: 2 }, 5, true, { page: 2 }],
    [{ status: "success", data: undefined }, undefined, false],
    [Object.create({ status: "success", data: 5 }), {}, undefined],
    [{ status: "error", message: "x" }, { status: "error", message: "x" }, false],
    [{ status: "error" }, { status: "error" }, false],
    [{ status: 200, data: 1 }, { status: 200, data: 1 }, true],
  ]) {
    const cache = newCache();
    const response = await routeRequest(cache, { endpoint: "ci.build.status" }, () => raw);
    assert.equal(response.status, "success");
    if (stored === undefined) continue;
    assert.deepEqual(response.data, data);
    assert.deepEqual({ ...response, ...more }, response);
    const again = await routeRequest(cache, { endpoint: "ci.build.status" }, () => "anew");
    assert.deepEqual([again.data, again.metadata.cache], stored ? [data, "hit"] : ["anew", "miss"]);
    assert.deepEqual({ ...again, ...(stored ? more : {}) }, again);
  }
  const failed = await routeRequest(newCache(), { endpoint: "ci.build.status" }, () => ({ status: "error", error: "no", code: 5 }));
  assert.deepEqual([failed.status, failed.error, failed.code, failed.data], ["error", "no", 5, undefined]);
  const kept = newCache();
  const wrapped = () => routeRequest(kept, { endpoint: "ci.build.status" }, () => ({ status: "success", data: { status: "error", message: "kept on purpose" } }));
  assert.deepEqual([(await wrapped()).data.message, (await wrapped()).metadata.cache], ["kept on purpose", "hit"]);
});

test("A10: an envelope that says itself how it is sent is data, and nothing of it is taken apart", async () => {
  class Answer { status = "success"; data = 1; internal = "secret"; toJSON() { return { status: this.status, data: this.data }; } }
  const response = await routeRequest(newCache(), GET, () => new Answer());
  assert.deepEqual([JSON.stringify(response.data), "internal" in response], ['{"status":"success","data":1}', false]);
});

// -- over HTTP, and when they are gone ------------------------------------------------------------------------------------

test("A1: a route sends the same with the cache and without", async () => {
  const cache = newCache();
  const server = createServer(async (_, response) => response.end(JSON.stringify((await routeRequest(cache, GET, () => ({ user: new User(), person: new Person({ name: "Ann", passwordHash: "x" }) }))).data)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const ask = async () => (await fetch(`http://127.0.0.1:${server.address().port}`)).text();
    const plain = '{"user":{"id":1},"person":{"name":"Ann"}}';
    assert.deepEqual([await ask(), await ask()], [plain, plain]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test("a value set by hand is the very object for get, and a copy for who loads", async () => {
  const { cache } = bench({ logger: quiet });
  const own = { at: new Date(0) };
  cache.set("k", own);
  assert.equal(cache.get("k"), own);
  const loaded = await cache.getOrSet("k", assert.fail);
  assert.ok(loaded !== own && loaded.at !== own.at && loaded.at.getTime() === 0);
});

test("A10: an answer that cannot be read is its caller's as it is, and breaks no request", async () => {
  const refuse = () => { throw new Error("no"); };
  const closed = new Proxy({}, { ownKeys: refuse, getOwnPropertyDescriptor: refuse, getPrototypeOf: refuse });
  const hostile = { get status() { throw new Error("no"); }, data: 1 };
  for (const answer of [closed, hostile]) {
    const response = await routeRequest(newCache(), GET, () => answer);
    assert.deepEqual([response.data === answer, response.metadata.reason], [true, "not-cloneable"]);
  }
});
