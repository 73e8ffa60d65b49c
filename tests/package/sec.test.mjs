// Incidents and vulnerabilities of other caches, each by its number, played against the built package.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CacheService, routeRequest } from "../../pkg/index.js";
import { bench, complaint, deferred, generator, many, turns } from "./kit.mjs";

const keyOf = CacheService.generateCacheKey;

test("sec/A01_abandoned_request: an abort at any point hands no byte of one user's answer to another", async () => {
  const { cache } = bench();
  for (let point = 0; point < 8; point += 1) {
    const controller = new AbortController();
    const gate = deferred();
    const first = routeRequest(cache, { endpoint: "me.get", userId: "a", signal: controller.signal }, () => gate.promise).catch(() => "aborted");
    const second = routeRequest(cache, { endpoint: "me.get", userId: "b" }, async () => { await turns(3); return "b's"; });
    await turns(point);
    controller.abort();
    gate.resolve("a's");
    assert.equal((await second).data, "b's");
    await first;
    await turns();
    assert.deepEqual([cache.getStats().loading, (await routeRequest(cache, { endpoint: "me.get", userId: "b" }, () => "b's")).data], [0, "b's"]);
    cache.clear();
  }
});

test(`sec/A02_foreign_values: ${many(100_000)} requests of 1,000 users, evicted and expired all along, none is given another's`, async () => {
  const { cache, clock } = bench({ maxEntries: 400, onEvent: undefined });
  const random = generator(2);
  const endpoints = ["me.get", "me.list", "team.status"];
  let wrong = 0, hits = 0, asked = [];
  for (let n = 0; n < many(100_000); n += 1) {
    const user = `u${Math.floor(random() * random() * 1000)}`;
    const endpoint = endpoints[Math.floor(random() * 3)];
    const page = Math.floor(random() * 2);
    const handler = (params, context) => ({ owner: context.userId, endpoint, page: params.page });
    const answer = routeRequest(cache, { endpoint, params: { page }, userId: user }, handler).then(({ data, metadata }) => {
      if (data.owner !== user || data.endpoint !== endpoint || data.page !== page) wrong += 1;
      if (metadata.fromCache) hits += 1;
    });
    asked.push(answer);
    const dice = random();
    if (dice < 0.001) cache.clear();
    else if (dice < 0.002) clock.advance(200);
    else if (dice < 0.004) cache.invalidate({ userId: user });
    else if (dice < 0.005) cache.delete(keyOf(endpoint, { page }, user));
    if (asked.length === 200) asked = (await Promise.all(asked), []);
  }
  await Promise.all(asked);
  assert.equal(wrong, 0);
  assert.ok(hits > many(100_000) / 20, String(hits));
});

test("sec/A03_shared_by_mistake: only `scope: \"shared\"` by name lets users share an entry", async () => {
  for (const [rule, shared] of [[{}, false], [{ scope: "auto" }, false], [{ scope: "user" }, false], [{ cache: true, vary: ["language"] }, false], [{ tags: ["t"], ttl: 5, staleWhileRevalidate: 5 }, false], [{ resourceId: "id" }, false], [{ scope: "shared" }, true]]) {
    const { cache } = bench({ rules: { "me.*": rule } });
    const ask = async (userId) => (await routeRequest(cache, { endpoint: "me.get", userId }, () => userId ?? "nobody")).data;
    assert.deepEqual([await ask("a"), await ask("b"), await ask(undefined)], shared ? ["a", "a", "a"] : ["a", "b", "nobody"], JSON.stringify(rule));
  }
});

test("sec/A04_request_objects: no response, metadata or context is shared between requests", async () => {
  const { cache } = bench();
  const seen = new Set();
  for (let n = 0; n < 2000; n += 1) {
    const response = await routeRequest(cache, { endpoint: "a.list", params: { n: n % 3 } }, (_, context) => { assert.ok(!seen.has(context)); seen.add(context); return n; });
    for (const object of [response, response.metadata]) {
      assert.ok(!seen.has(object));
      seen.add(object);
    }
  }
});

test("sec/A05_cacheability: nothing in a request makes an endpoint cacheable", async () => {
  const { cache } = bench();
  const params = [{ cache: true }, { __proto__: { cache: true } }, { endpoint: "a.list" }, { status: "success" }, { method: "GET" }, { "x-cache": "1" }];
  for (const given of params) {
    for (const more of [{}, { cache: true }, { headers: { "cache-control": "public" } }, { rules: { "*": { cache: true } } }, { vary: { cache: "true" } }]) {
      const { metadata } = await routeRequest(cache, { endpoint: "a.page", params: given, ...more }, () => 1);
      assert.equal(metadata.reason, "not-cacheable");
    }
  }
  assert.equal(cache.size, 0);
});

test("sec/A06_no_errors_kept: thrown, rejected, error answers and nothing at all are not stored", async () => {
  const { cache } = bench();
  for (const handler of [() => { throw new Error("e"); }, async () => { throw undefined; }, () => ({ status: "error" }), () => undefined, () => new Response("x"), () => new ReadableStream(), () => ({ stream: new ReadableStream() }), () => Promise.resolve().then(() => undefined)]) {
    await routeRequest(cache, { endpoint: "a.get" }, handler).catch(() => {});
    assert.equal(cache.size, 0, String(handler));
  }
});

test("sec/A11_one_leaf: two requests that differ in one leaf never share", async () => {
  const { cache } = bench();
  const random = generator(11);
  const leaf = () => [random(), Math.floor(random() * 3), String(Math.floor(random() * 3)), true, false, null, "", [], {}][Math.floor(random() * 9)];
  const tree = (depth) => (depth === 0 || random() < 0.3 ? leaf() : random() < 0.5 ? [tree(depth - 1), tree(depth - 1)] : { a: tree(depth - 1), b: tree(depth - 1) });
  for (let n = 0; n < many(2000); n += 1) {
    const params = { x: tree(4), id: n };
    const other = structuredClone(params);
    let at = other, name = "x";
    while (typeof at[name] === "object" && at[name] !== null && Object.keys(at[name]).length > 0) {
      at = at[name];
      name = Object.keys(at)[Math.floor(random() * Object.keys(at).length)];
    }
    at[name] = `another ${n}`;
    const ask = (given, value) => routeRequest(cache, { endpoint: "a.get", params: given }, () => value);
    assert.equal((await ask(params, 1)).data, 1);
    assert.equal((await ask(other, 2)).data, 2);
    assert.equal((await ask(params, 3)).data, 1);
  }
});

test("sec/A13_authorize_first: a warm entry is not served to whom access was taken from, and who may not write invalidates nothing", async () => {
  const { cache } = bench();
  let allowed = true;
  const authorize = async ({ endpoint, userId, method }) => {
    assert.deepEqual([typeof endpoint, userId, method], ["string", "u", "GET"]);
    if (!allowed) throw new Error("403");
  };
  const ask = (endpoint) => routeRequest(cache, { endpoint, userId: "u" }, () => 1, { authorize });
  await ask("a.list");
  assert.equal((await ask("a.list")).metadata.cache, "hit");
  allowed = false;
  await assert.rejects(ask("a.list"), { message: "403" });
  await assert.rejects(ask("a.create"), { message: "403" });
  assert.deepEqual([cache.size, cache.getStats().invalidations], [1, 0]);
});

test("sec/A14_key_confusion: equal keys only for equal endpoint, user and params, whatever they are made of", () => {
  const users = [undefined, "bob", "user", "a:b", "a%3Ab", "%", ":", "bob:0000000000000000", "user:bob", "0", "a.get", "\u0000", "é", " ", "B", "44136fa355b3678a"];
  const endpoints = ["a.get", "a", "a.get.user", "user", "user.bob", "a.g", "et"];
  const seen = new Map();
  for (const endpoint of endpoints) {
    for (const user of users) {
      for (const params of [{}, { user: "bob" }, { a: ":" }]) {
        const key = keyOf(endpoint, params, user);
        assert.equal(seen.get(key), undefined, key);
        seen.set(key, [endpoint, user, params]);
      }
    }
  }
  for (const endpoint of ["a.get:user:bob.get", "a:b", ":", "a b", "a\nb", ""]) assert.equal(complaint(() => keyOf(endpoint))[1], "ERR_ENDPOINT");
});

test("sec/A15_prototypes: names of Object.prototype are names like others, and it stays as it was", async () => {
  const before = Object.getOwnPropertyNames(Object.prototype).sort();
  const { cache } = bench();
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "then"];
  for (const name of names) {
    cache.set(name, name, { tags: [name] });
    assert.deepEqual([cache.get(name), cache.has(`${name}x`)], [name, false]);
    const { data } = await routeRequest(cache, { endpoint: `${name}.get`, userId: name, params: JSON.parse(`{"${name}":1}`) }, (params) => Object.hasOwn(params, name));
    assert.equal(data, true, name);
    assert.notEqual(keyOf("a", JSON.parse(`{"${name}":1}`)), keyOf("a", {}));
    assert.equal(cache.invalidate({ tag: name }), 1);
    assert.equal(cache.invalidate({ userId: name }), 1);
  }
  const polluted = JSON.parse('{"__proto__":{"polluted":1},"a":{"__proto__":{"polluted":1}}}');
  const { data } = await routeRequest(cache, { endpoint: "b.get" }, () => polluted);
  assert.deepEqual([data.polluted, {}.polluted, Object.hasOwn(data, "__proto__")], [undefined, undefined, true]);
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype).sort(), before);
});

test("sec/A16_globs and sec/A17_expressions: patterns written to hurt end soon, or are refused and remove nothing", () => {
  const { cache } = bench();
  for (let n = 0; n < 1000; n += 1) cache.set(`${"a".repeat(100)}${n}`, n);
  const patterns = [
    { glob: "*".repeat(1e6) }, { glob: "*a".repeat(1e5) }, { glob: "**/".repeat(1e3) }, { glob: "[".repeat(1e6) }, { glob: "?".repeat(500) }, { glob: `${"*a".repeat(500)}!` },
    "(?:){4294967295}", "a{1000}{1000}", "(".repeat(300) + ")".repeat(300), "((((a*)*)*)*)*!", "(x+x+)+y", "[".repeat(1e6), "a".repeat(1e6), "(a|aa)+$!", ".{0,500}.{0,500}!",
  ];
  for (const pattern of patterns) {
    const start = performance.now();
    const shown = JSON.stringify(pattern).slice(0, 40);
    try {
      cache.preview(pattern);
      cache.expire({ ...(typeof pattern === "string" ? { regex: pattern } : pattern), userId: "nobody" });
    } catch (error) {
      assert.match(String(error.code), /^ERR_PATTERN/, `${shown}: ${error.message}`);
    }
    assert.equal(cache.size, 1000, shown);
    assert.ok(performance.now() - start < 1500, `${shown} took ${performance.now() - start} ms`);
  }
});

test("sec/A18_flooding: keys like numbers, a table's size apart, are kept within the bounds as others are", () => {
  const [one, two] = [new CacheService(), new CacheService()];
  for (let n = 0; n < 20_000; n += 1) {
    one.set(String(n * 65_536), n);
    two.set(`k${n}`, n);
  }
  assert.deepEqual([one.size, two.size], [10_000, 10_000]);
});

test("sec/A19_followers: more callers than may wait run their own handler", async () => {
  const { cache } = bench({ maxFollowers: 10 });
  const gate = deferred();
  let calls = 0;
  const asked = Array.from({ length: 100 }, () => routeRequest(cache, { endpoint: "a.list" }, () => { calls += 1; return gate.promise; }));
  gate.resolve(1);
  await Promise.all(asked);
  assert.deepEqual([calls, cache.getStats().joined], [90, 10]);
});

test("sec/A21_attacker_keys: params of an attacker's choice never take more than was allowed", async () => {
  const { cache } = bench({ maxEntries: 50, maxBytes: 100_000 });
  for (let n = 0; n < 3000; n += 1) await routeRequest(cache, { endpoint: "a.search", params: { q: `q${n}` }, userId: `u${n % 97}` }, () => "x".repeat(n));
  const { size, bytes } = cache.getStats();
  assert.ok(size <= 50 && bytes <= 100_000, `${size} entries, ${bytes} bytes`);
});
