// What people can see of a cache: why something is not cached, what a log says, and that watching breaks nothing.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mock, test } from "node:test";
import { diagnosticsListener } from "../../pkg/adapters/diagnostics.js";
import { cacheResponse, CacheService, createCacheMiddleware, routeRequest } from "../../pkg/index.js";
import { bench, deferred, generator, many, turns } from "./kit.mjs";

/** A logger in pino's shape that writes down what it is told: level, fields, text. */
function listener() {
  const said = [];
  const level = (name) => (fields, text) => { said.push({ level: name, fields, text }); };
  const at = (name) => said.filter((one) => one.level === name);
  return { said, at, logger: { debug: level("debug"), info: level("info"), warn: level("warn"), error: level("error") } };
}

const ask = (cache, endpoint, request = {}, handler = () => ({ n: 1 }), options) => routeRequest(cache, { endpoint, ...request }, handler, options);

class Dto { constructor() { this.page = 1; } }
class ObjectId { constructor() { this.id = "5f"; } toString() { return this.id; } }
class Decimal { constructor() { this.digits = [1]; } toJSON() { return "1"; } }
const broken = new Error("no such project\nforged line");
const TAGS = { "a.b.get": { tags: () => { throw broken; } } };

/** Why a read is not cached: request, handler, call options, service options, and the reason. */
const UNCACHED = {
  "a class instance as params": [{ params: new Dto() }, undefined, undefined, {}, "bypass", "params"],
  "a BigInt in params": [{ params: { id: 1n } }, undefined, undefined, {}, "bypass", "params"],
  "an ObjectId as user id": [{ userId: new ObjectId() }, undefined, undefined, {}, "bypass", "user-id"],
  "a BigInt as user id": [{ userId: 1n }, undefined, undefined, {}, "bypass", "user-id"],
  "an empty user id": [{ userId: "" }, undefined, undefined, {}, "bypass", "user-id"],
  "a typo in call options": [{}, undefined, { staleWhileRevalidat: 5 }, {}, "bypass", "options"],
  "a tags function that throws": [{}, undefined, undefined, { rules: TAGS }, "bypass", "options"],
  "a tags function that gives nonsense": [{}, undefined, undefined, { rules: { "a.b.get": { tags: () => "tag" } } }, "bypass", "options"],
  "a value in vary that JSON cannot carry": [{ vary: { role: 1n } }, undefined, undefined, { rules: { "a.b.get": { vary: ["role"] } } }, "bypass", "vary"],
  "a user id that makes the key too long": [{ userId: "u".repeat(1100) }, undefined, undefined, {}, "bypass", "key-length"],
  "a Decimal in the answer": [{}, () => ({ total: new Decimal(), close() {} }), undefined, {}, "refused", "not-cloneable"],
  "an answer that is too large": [{}, () => "x".repeat(5000), undefined, { maxEntryBytes: 1000 }, "refused", "too-large"],
};

for (const [what, [request, handler, options, service, kind, reason]] of Object.entries(UNCACHED)) {
  test(`D1: ${what} is never cached, and that is said once, counted, and explained`, async () => {
    const { logger, at } = listener();
    const events = [];
    const { cache, clock } = bench({ logger, onEvent: (event) => events.push(event), ...service });
    for (const _ of [1, 2, 3]) {
      const { metadata } = await ask(cache, "a.b.get", request, handler, options);
      assert.equal(metadata.reason, reason);
    }
    const [warning, ...more] = at("warn");
    assert.deepEqual(more, []);
    assert.deepEqual([warning.fields.endpoint, warning.fields.reason], ["a.b.get", reason]);
    assert.match(warning.text, /^a\.b\.get is not cached: .+\. [A-Z].+/, "what happened, and what to do");
    const stats = cache.getStats();
    const [by, other] = kind === "bypass" ? [stats.bypassedBy, stats.refusedBy] : [stats.refusedBy, stats.bypassedBy];
    assert.deepEqual([by, other], [{ [reason]: 3 }, {}]);
    assert.deepEqual([stats.bypasses, stats.refusedFills], kind === "bypass" ? [3, 0] : [0, 3]);
    assert.deepEqual(events.filter(({ type }) => type === kind).map(({ reason }) => reason), [reason, reason, reason]);
    const { notCached, summary } = cache.explain(CacheService.generateCacheKey("a.b.get", { page: 1 }));
    assert.deepEqual(notCached, { endpoint: "a.b.get", reason, count: 3, at: clock.ms });
    assert.match(summary, new RegExp(`^absent: .+; a\\.b\\.get last not cached because of "${reason}" \\(3 times\\)$`));
    assert.deepEqual(cache.explain("a.b.get").notCached, notCached, "the endpoint stands for its keys");
    await ask(cache, "b.b.get", request, handler, options);
    assert.equal(at("warn").length, service.rules === undefined ? 2 : 1, "another endpoint is another warning");
  });
}

test("D1: the error that is behind it comes as err: the path in params, the tags function's own", async () => {
  for (const [request, options, rules, wanted] of [
    [{ params: { a: [{ b: 1n }] } }, undefined, {}, /^params\.a\[0\]\.b is a BigInt/],
    [{}, { ttl: -1 }, {}, /ttl/],
    [{ userId: 1n }, undefined, {}, /user id/],
  ]) {
    const { logger, at } = listener();
    await ask(bench({ logger, rules }).cache, "a.b.get", request, undefined, options);
    assert.match(at("warn")[0].fields.err.message, wanted);
    assert.match(at("warn")[0].fields.err.code, /^ERR_/);
  }
  const { logger, at } = listener();
  await ask(bench({ logger, rules: TAGS }).cache, "a.b.get");
  assert.equal(at("warn")[0].fields.err, broken);
});

test("D1: an endpoint whose last segment nobody knows is said; one that a rule keeps out is not", async () => {
  const { logger, at } = listener();
  const { cache } = bench({ logger, rules: { "c.frob": { cache: false }, "d.list": { cache: false }, "e.frob": { cache: true } } });
  for (const endpoint of ["a.frob", "c.frob", "d.list", "e.frob", "a.frob"]) await ask(cache, endpoint);
  assert.deepEqual(at("warn").map(({ fields }) => [fields.endpoint, fields.reason]), [["a.frob", "not-cacheable"]]);
  assert.match(at("warn")[0].text, /cache: true/);
  assert.deepEqual(cache.getStats().bypassedBy, { "not-cacheable": 4 });
  assert.deepEqual([cache.explain("a.frob").notCached.count, cache.explain("c.frob").notCached.reason], [2, "not-cacheable"]);
});

test("D1: what is as it should be is counted and not warned of", async () => {
  const { logger, at } = listener();
  const { cache } = bench({ logger, rules: { "own.list": { scope: "user" } } });
  await ask(cache, "a.list", { method: "PUT" });
  await ask(cache, "own.list");
  const gate = deferred();
  const load = ask(cache, "b.list", {}, () => gate.promise);
  const alone = ask(cache, "b.list", {}, () => 2, { singleFlight: "off" });
  cache.invalidate({ endpoint: "b.list" });
  gate.resolve(1);
  await Promise.all([load, alone]);
  await ask(cache, "c.list", {}, () => ({ status: "error", error: "no" }));
  await ask(cache, "a.create");
  assert.deepEqual(at("warn"), []);
  assert.deepEqual(cache.getStats().bypassedBy, { method: 1, "no-user": 1, "not-joinable": 1 });
  assert.deepEqual(cache.getStats().refusedBy, { invalidated: 1, "not-storable": 1 });
});

test("D1: too many loads, a value set by hand, a key of getOrSet and a chain are said as well", async () => {
  const { logger, at } = listener();
  const { cache } = bench({ logger, maxLoads: 1, maxEntryBytes: 1000 });
  const gate = deferred();
  const load = ask(cache, "a.list", {}, () => gate.promise);
  await ask(cache, "b.list");
  gate.resolve(1);
  await load;
  assert.equal(cache.set("c.list:1", "x".repeat(5000)), false);
  assert.equal(cache.set("c.list:1", "x".repeat(5000), { tags: ["t"] }), false);
  await cache.getOrSet("plain", () => ({ f() {} }));
  await cache.getOrSet("other", () => ({ f() {} }));
  const context = { endpoint: "d.list" };
  createCacheMiddleware(cache)(context, {});
  cacheResponse(cache, { status: "success", data: { f() {} } }, context);
  createCacheMiddleware(cache)({ endpoint: "d.list" }, { id: 1n });
  assert.deepEqual(at("warn").map(({ fields }) => [fields.endpoint, fields.reason]), [
    ["b.list", "too-many-loads"], ["c.list", "too-large"], ["", "not-cloneable"], ["d.list", "not-cloneable"], ["d.list", "params"],
  ]);
  assert.match(at("warn")[4].fields.err.message, /^params\.id is a BigInt/);
  assert.deepEqual([cache.explain("c.list:1").notCached.reason, cache.explain("plain").notCached.reason, cache.explain("third").notCached], ["too-large", "not-cloneable", undefined]);
});

test("D1: a caller that waited in vain ran past the cache, and is counted as such", async () => {
  const events = [];
  const cache = new CacheService({ maxWait: 0.01, onEvent: ({ type, reason }) => events.push(reason ?? type) });
  const gate = deferred();
  const load = ask(cache, "a.list", {}, () => gate.promise);
  const second = await ask(cache, "a.list", {}, () => "own");
  gate.resolve(1);
  await load;
  assert.deepEqual([second.metadata.reason, cache.getStats().bypassedBy, events.slice(0, 3)], ["wait-exceeded", { "wait-exceeded": 1 }, ["miss", "joined", "wait-exceeded"]]);
});

test("D1: without a logger the console says it, in one line, whatever the names hold", async () => {
  const lines = [];
  const warn = mock.method(console, "warn", (...all) => lines.push(all));
  try {
    const cache = new CacheService({ rules: TAGS });
    await ask(cache, "a.b.get");
    await ask(cache, "a.b.get");
    await ask(cache, "x\n2026 ERROR forged\x1b[2J%s");
    await ask(cache, { toString: () => "object" });
    await ask(cache, undefined);
  } finally {
    warn.mock.restore();
  }
  assert.equal(lines.length, 3, JSON.stringify(lines));
  for (const line of lines) {
    assert.equal(line.length, 1, "nothing for a format in the text to take");
    assert.match(line[0], /^endpoint-cache: [^\0-\x1f\x7f-\x9f]+$/);
  }
  assert.match(lines[0][0], /no such project\\u000aforged line/);
});

test("D1: endpoints from requests do not make memory grow, and the last ones are explained", async () => {
  const { logger, at } = listener();
  const { cache } = bench({ logger });
  for (let n = 0; n < 3000; n += 1) await ask(cache, `e${n}.frob`);
  assert.equal(at("warn").length, 1000);
  assert.deepEqual([cache.explain("e2999.frob").notCached?.count, cache.explain("e0.frob").notCached, cache.getStats().bypassedBy], [1, undefined, { "not-cacheable": 3000 }]);
});

// -- what a log holds -------------------------------------------------------------------------------------------------

test("D8: no key, user, endpoint, tag or pattern writes a line of its own into a log; the fields have it as it is", async () => {
  const { logger, said } = listener();
  const { cache, clock } = bench({ logger, maxEntries: 4, staleWhileRevalidate: 1 });
  const evil = "x\r\n2026-01-01 ERROR forged\x1b[31m\x9b2J\u2028\u202e";
  await ask(cache, "a.list", { userId: evil });
  await ask(cache, "a.list", { userId: evil });
  await ask(cache, "a.get", { userId: evil }, () => { throw new Error("no"); }).catch(() => {});
  await Promise.all([1, 2].map((n) => ask(cache, "a.get", { userId: evil }, () => ({ n }))));
  await ask(cache, "b.list", { userId: evil }, () => ({ status: "error" }));
  await ask(cache, evil);
  await ask(cache, `a.create`);
  for (const key of [evil, `${evil}2`, `${evil}3`, `${evil}4`, `${evil}5`]) cache.set(key, 1, 5);
  clock.advance(5.5);
  cache.get(evil);
  cache.get(`${evil}:absent`);
  cache.delete(`${evil}5`);
  cache.invalidate({ prefix: evil });
  cache.invalidate("^x\r\n2026");
  cache.invalidate({ userId: evil });
  cache.expire({ prefix: evil });
  cache.clear();
  const types = new Set(said.map(({ fields }) => fields.type ?? "warning"));
  for (const type of ["hit", "miss", "joined", "set", "removed", "refused", "loadFailed", "bypass", "mutation", "invalidated", "expired", "cleared", "warning"]) assert.ok(types.has(type), type);
  for (const { text } of said) assert.doesNotMatch(text, /[\0-\x1f\x7f-\x9f\u2028-\u202e]/);
  assert.ok(said.some(({ fields }) => fields.key === evil) && said.some(({ fields }) => fields.endpoint === evil) && said.some(({ fields }) => fields.by?.includes(evil)), "raw");
});

test("D6: a logger finds an error where pino looks for one", async () => {
  const { logger, said } = listener();
  const events = [];
  const { cache } = bench({ logger, onEvent: (event) => events.push(event) });
  const error = new Error("no");
  await ask(cache, "a.list", {}, () => { throw error; }).catch(() => {});
  const { fields } = said.find(({ fields }) => fields.type === "loadFailed");
  assert.deepEqual([fields.err, "error" in fields], [error, false]);
  assert.equal(events.find(({ type }) => type === "loadFailed").error, error);
});

test("D6: a mutation is one line at info, when it settles, with all that it removed; one that removed nothing is none", async () => {
  const { logger, at } = listener();
  const events = [];
  const { cache } = bench({ logger, onEvent: (event) => events.push(event) });
  await ask(cache, "a.create");
  assert.deepEqual(at("info"), []);
  cache.set("a.list:1", 1);
  await ask(cache, "a.create", {}, () => void cache.set("a.list:2", 1));
  assert.deepEqual(at("info").map(({ text, fields }) => [text, fields.count, fields.total]), [["Cache invalidated: 2 entries by mutation a.create (settle)", 1, 2]]);
  assert.deepEqual(events.filter(({ type }) => type === "mutation").map(({ phase, count }) => [phase, count]), [["begin", 0], ["settle", 0], ["begin", 1], ["settle", 1]]);
});

test("D6: expire() is an event of its own", () => {
  const events = [];
  const { cache } = bench({ onEvent: ({ at, ...event }) => events.push(event), staleIfError: 9 });
  cache.set("a.list:1", 1);
  events.length = 0;
  assert.equal(cache.expire({ endpoint: "a.list" }), 1);
  assert.deepEqual(events, [{ type: "expired", by: "endpoint a.list", count: 1 }]);
});

// -- watching breaks nothing ------------------------------------------------------------------------------------------

test("D8: a listener or logger that rejects does not end the process", () => {
  const script = `
    import { CacheService, routeRequest } from ${JSON.stringify(new URL("../../pkg/index.js", import.meta.url).href)};
    import { diagnosticsListener } from ${JSON.stringify(new URL("../../pkg/adapters/diagnostics.js", import.meta.url).href)};
    const fail = async () => { throw new Error("no"); };
    const odd = () => ({ then() { throw new Error("no"); } });
    const getter = () => ({ get then() { throw new Error("no"); } });
    for (const it of [fail, odd, getter]) {
      for (const onEvent of [it, diagnosticsListener({ onEvent: it })]) {
        const cache = new CacheService({ onEvent, logger: { debug: it, info: it, warn: it, error: it } });
        await routeRequest(cache, { endpoint: "a.list" }, () => 1);
        await routeRequest(cache, { endpoint: "a.frob" }, () => 1);
        await routeRequest(cache, { endpoint: "a.create" }, () => 1);
        cache.get("k");
      }
    }
    globalThis.console.warn = fail;
    await routeRequest(new CacheService(), { endpoint: "a.frob" }, () => 1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.stdout.write("alive");
  `;
  assert.equal(execFileSync(process.execPath, ["--unhandled-rejections=strict", "--input-type=module", "-e", script]).toString(), "alive");
});

test("D6: a listener that looks up on a miss, or acts on every event, ends; what it causes is told as far as a bound", () => {
  for (const [act, least, most] of [
    [(cache, { type }, n) => type === "miss" && cache.get(`other${n}`), 9, 20],
    [(cache, _, n) => cache.get(`other${n}`), 18, 40],
    [(cache, _, n) => { for (let i = 0; i < 50; i += 1) cache.set(`k${n}-${i}`, 1); }, 1000, 5000],
    [(cache, { type, key }) => type === "removed" && cache.set(key, 1), 2, 40],
  ]) {
    const { logger, at } = listener();
    let told = 0;
    const { cache } = bench({ logger, maxEntries: 10, onEvent: (event) => { told += 1; act(cache, event, told); } });
    for (let n = 0; n < 11; n += 1) cache.set(`first${n}`, 1);
    told = 0;
    cache.get("absent");
    cache.set("one more", 1);
    assert.ok(told >= least && told <= most, String(told));
    const before = told;
    cache.get("absent");
    assert.ok(told > before, "and what happens later is told");
    assert.deepEqual(at("warn").map(({ fields }) => fields.reason), ["events"]);
  }
});

test("D6: what a listener causes a few times is told whole, and nobody is warned", () => {
  const { logger, at } = listener();
  const events = [];
  const { cache } = bench({ logger, onEvent: ({ type, key }) => { events.push(`${type} ${key}`); if (type === "miss") for (let i = 0; i < 100; i += 1) cache.set(`${key}${i}`, 1); } });
  cache.get("k");
  assert.equal(events.length, 101);
  assert.deepEqual([events[0], events[1], events[100], at("warn")], ["miss k", "set k0", "set k99", []]);
});

test("D6: every load that begins ends once, and events say what the statistics say, whoever gives up when", async () => {
  const met = {};
  for (let seed = 1; seed <= 12; seed += 1) {
    const random = generator(seed);
    const pick = (count) => Math.floor(random() * count);
    const events = [];
    const { cache, clock } = bench({ onEvent: (event) => events.push(event), maxEntries: 6, maxLoads: 8, maxFollowers: 3, staleWhileRevalidate: 3, staleIfError: 3, maxEntryBytes: 2000, rules: { "*.status": { staleWhileRevalidate: 0, hardTimeout: 60 } } });
    const open = new Set();
    const answer = async () => {
      const gate = deferred();
      open.add(gate);
      const how = await gate.promise;
      if (how === 0) throw new Error("no");
      return [null, { f() {} }, undefined, { status: "error", error: 1 }, "x".repeat(5000), { n: 1 }, { n: 1 }][how];
    };
    const calls = [];
    for (let step = 0; step < many(400); step += 1) {
      const dice = pick(20);
      const endpoint = ["a.list", "a.get", "b.status", "b.frob"][pick(4)];
      const controller = new AbortController();
      if (dice < 8) calls.push(ask(cache, endpoint, { params: { n: pick(4) }, signal: controller.signal, userId: pick(9) === 0 ? "" : "u" }, answer, pick(9) === 0 ? { singleFlight: "off" } : undefined).catch(() => {}));
      else if (dice < 10) calls.push(cache.getOrSet(`a.get:${pick(4)}`, answer, { signal: controller.signal }).catch(() => {}));
      else if (dice < 14) { const [gate] = [...open].slice(pick(open.size)); open.delete(gate); gate?.resolve(pick(7)); }
      else if (dice < 15) cache.get(`a.get:${pick(9)}`);
      else if (dice < 16) cache.set(`a.get:${pick(9)}`, pick(2) ? 1 : "x".repeat(5000));
      else if (dice < 17) cache.invalidate({ endpoint: endpoint.replace(/\w+$/, "*") });
      else if (dice < 18) cache.expire({ endpoint });
      else if (dice < 19) calls.push(ask(cache, `${endpoint.slice(0, 1)}.create`, {}, () => 1));
      else clock.advance(pick(9) === 0 ? 40 : pick(4));
      if (dice < 10 && pick(6) === 0) controller.abort(new Error("enough"));
      await turns(pick(4));
    }
    while (open.size > 0) { for (const gate of open) { open.delete(gate); gate.resolve(5); } await turns(20); }
    await Promise.all(calls);
    await turns(20);
    const stats = cache.getStats();
    const told = (type) => events.filter((event) => event.type === type);
    const byReason = (type) => told(type).reduce((sum, { reason }) => ({ ...sum, [reason]: (sum[reason] ?? 0) + 1 }), {});
    const of = `seed ${seed}`;
    assert.deepEqual([told("hit").length + told("stale").length, told("stale").length, told("miss").length + told("joined").length, told("joined").length], [stats.hits, stats.staleHits, stats.misses, stats.joined], of);
    assert.deepEqual([byReason("bypass"), told("bypass").length], [stats.bypassedBy, stats.bypasses], of);
    assert.deepEqual([byReason("refused"), told("refused").length], [stats.refusedBy, stats.refusedFills], of);
    assert.deepEqual([told("set").length, told("loadFailed").length, told("removed").filter(({ reason }) => reason === "evicted").length], [stats.sets, stats.failedLoads, stats.evictions], of);
    assert.deepEqual([stats.loading, stats.endedLoads], [0, stats.loads], of);
    assert.ok(stats.sets >= stats.loads - stats.failedLoads - stats.refusedFills, of);
    for (const [name, count] of [...Object.entries(stats), ...Object.entries(stats.refusedBy), ...Object.entries(stats.bypassedBy)]) met[name] = (met[name] ?? 0) + count;
  }
  for (const name of ["hits", "staleHits", "joined", "failedLoads", "evictions", "invalidated", "superseded", "too-large", "not-storable", "not-cloneable", "too-many-loads", "too-many-followers", "not-joinable", "user-id"]) {
    assert.ok(met[name] > 0, `${name} never happened`);
  }
});

test("D6: a load that was given up ends once, however it comes back", async () => {
  for (const end of ["resolve", "reject"]) {
    const events = [];
    const { cache } = bench({ onEvent: ({ type }) => events.push(type) });
    const gate = deferred();
    const controller = new AbortController();
    const load = ask(cache, "a.list", { signal: controller.signal }, () => gate.promise);
    controller.abort(new Error("enough"));
    await assert.rejects(load, /enough/);
    gate[end](new Error("late"));
    await turns(20);
    const { loads, failedLoads, refusedFills, refusedBy, endedLoads } = cache.getStats();
    assert.deepEqual([events, loads, failedLoads, refusedFills, refusedBy, endedLoads], [["miss", "loadFailed"], 1, 1, 0, {}, 1], end);
  }
});

test("D6: a load that the engine gave up for another's sake has an end that is told", async () => {
  const events = [];
  const { cache, clock } = bench({ maxLoads: 1, maxWait: 30, onEvent: ({ type, key, error }) => events.push([type, key?.split(":")[0], error?.message]) });
  const gate = deferred();
  const hung = ask(cache, "a.list", {}, () => gate.promise);
  clock.advance(31);
  await ask(cache, "b.list");
  gate.resolve(1);
  assert.equal((await hung).data, 1);
  assert.deepEqual(events.filter(([, endpoint]) => endpoint === "a.list"), [["miss", "a.list", undefined], ["loadFailed", "a.list", "the load took longer than maxWait, and another one needed its place"]]);
  const { loads, endedLoads, failedLoads, refusedFills, sets } = cache.getStats();
  assert.deepEqual([loads, endedLoads, failedLoads, refusedFills, sets], [2, 2, 1, 0, 1]);
});

test("D6: only an entry is removed: a key whose first load is under way has none", async () => {
  const events = [];
  const { cache } = bench({ maxEntryBytes: 100, onEvent: ({ type, reason }) => events.push(reason ?? type) });
  for (const [why, end] of [["invalidated", (key) => cache.delete(key)], ["superseded", (key) => cache.set(key, "x".repeat(200))]]) {
    events.length = 0;
    const gate = deferred();
    const load = cache.getOrSet("a.list:1", () => gate.promise);
    assert.equal(end("a.list:1"), false);
    gate.resolve(1);
    await load;
    assert.deepEqual([events, cache.getStats().evictions], [["miss", why], 0]);
  }
});

test("D8: the channels of diagnostics are the types of events", async () => {
  const { channel } = await import("node:diagnostics_channel");
  const { readFileSync } = await import("node:fs");
  const types = readFileSync(new URL("../../pkg/types/events.d.ts", import.meta.url), "utf8");
  const named = [...types.matchAll(/readonly type: "(\w+)"/g)].map(([, type]) => type);
  assert.ok(named.length > 12, named.join());
  const tell = diagnosticsListener();
  for (const type of named) {
    const seen = [];
    const listen = (event) => seen.push(event.type);
    channel(`endpoint-cache:${type}`).subscribe(listen);
    tell({ type, at: 0 });
    channel(`endpoint-cache:${type}`).unsubscribe(listen);
    assert.deepEqual(seen, [type]);
  }
});
