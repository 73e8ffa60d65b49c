// How often a request crosses between JavaScript and WebAssembly, both ways together: docs/architecture.md draws these walks.
import assert from "node:assert/strict";
import { test } from "node:test";

const crossed = { names: /** @type {string[]} */ ([]) };

/** Each function of a record, noted when it is called. */
const noted = (record, prefix) =>
  Object.fromEntries(Object.entries(record).map(([name, it]) => [
    name,
    typeof it !== "function" ? it : (...args) => (crossed.names.push(prefix + name), it(...args)),
  ]));

const { Instance } = WebAssembly;
WebAssembly.Instance = function (module, imports) {
  const wrapped = Object.fromEntries(Object.entries(imports).map(([name, record]) => [name, noted(record, "import ")]));
  return { exports: noted(new Instance(module, wrapped).exports, "") };
};
const { CacheService, routeRequest } = await import("../../build/modules/pkg-template/src/index.js");
WebAssembly.Instance = Instance;

/** The names of what is crossed by a call. */
async function crossings(call) {
  crossed.names = [];
  await call();
  return crossed.names;
}

/** A cache that is full, so that each load makes room; it has met its endpoints. */
async function fullCache(options) {
  const cache = new CacheService({ maxEntries: 20, ...options });
  for (let page = 0; page < 100; page += 1) await ask(cache, { page });
  await routeRequest(cache, { endpoint: "core.notes.create", params: { id: 1 } }, () => 1);
  return cache;
}

const ask = (cache, params, options, endpoint = "core.items.list") => routeRequest(cache, { endpoint, params }, async (own) => ({ ...own }), options);

test("a miss is at most 8 crossings: its key, a plan, a value", async () => {
  const cache = await fullCache();
  const names = await crossings(() => ask(cache, { page: "new", filter: { state: "open" } }));
  assert.ok(names.length <= 8, names.join(", "));
  assert.deepEqual(names.filter((name) => !name.startsWith("import ")).map((name) => name.replace("cacheservice_", "")), ["requestKey", "begin", "fill"]);
});

test("a miss with options is at most 8 crossings", async () => {
  const cache = await fullCache();
  const names = await crossings(() => ask(cache, { page: "new" }, { ttl: 5, tags: ["a", "b"] }));
  assert.ok(names.length <= 8, names.join(", "));
});

test("a hit that was met before is none", async () => {
  const cache = new CacheService();
  for (let time = 0; time < 4; time += 1) await ask(cache, { page: 1 });
  assert.deepEqual(await crossings(() => ask(cache, { page: 1 })), []);
});

test("a hit with options is at most 8 crossings", async () => {
  const cache = new CacheService();
  for (let time = 0; time < 4; time += 1) await ask(cache, { page: 1 });
  const names = await crossings(() => ask(cache, { page: 1 }, { ttl: 5, tags: ["a"] }));
  assert.ok(names.length <= 8, names.join(", "));
});

test("a mutation is at most 8 crossings", async () => {
  const cache = await fullCache();
  const names = await crossings(() => routeRequest(cache, { endpoint: "core.notes.create", params: { id: 2 } }, () => 1));
  assert.ok(names.length <= 8, names.join(", "));
});

test("getOrSet of a key that is not there is at most 8 crossings", async () => {
  const cache = await fullCache();
  const names = await crossings(() => cache.getOrSet("some:key", async () => 1));
  assert.ok(names.length <= 8, names.join(", "));
});
