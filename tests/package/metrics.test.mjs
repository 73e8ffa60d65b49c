// What collects the statistics of caches: Prometheus' text, read by a parser of its format, and OpenTelemetry's instruments.
import assert from "node:assert/strict";
import { test } from "node:test";
import { metricsHandler, metricsListener, metricsText } from "../../pkg/adapters/metrics.js";
import { observeCache } from "../../pkg/adapters/opentelemetry.js";
import { CacheService, routeRequest } from "../../pkg/index.js";
import { bench, complaint } from "./kit.mjs";

/**
 * Reads the text format, version 0.0.4, and refuses what its description does: names, escapes, one HELP and one TYPE for
 * each family and before its samples, families together, no sample twice, a line feed at the end.
 */
function parse(text) {
  assert.ok(text.endsWith("\n") && !text.includes("\n\n"), "each line ends, and none is empty");
  const families = new Map();
  const samples = new Map();
  let current;
  for (const line of text.slice(0, -1).split("\n")) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line);
    if (comment !== null) {
      const [, which, name, rest] = comment;
      if (which === "HELP") {
        assert.ok(!families.has(name), `a second HELP of ${name}`);
        assert.doesNotMatch(rest.replace(/\\[\\n]/g, ""), /\\/);
        families.set(name, (current = { name, help: rest, samples: 0 }));
      } else {
        assert.ok(current?.name === name && current.type === undefined && current.samples === 0, `TYPE of ${name} is out of place`);
        assert.ok(["counter", "gauge", "histogram", "summary", "untyped"].includes(rest), rest);
        current.type = rest;
      }
      continue;
    }
    const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|NaN|[+-]Inf)$/.exec(line);
    assert.ok(sample !== null, `no sample: ${JSON.stringify(line)}`);
    const [, name, list = "", value] = sample;
    const labels = Object.fromEntries([...list.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, given]) => [label, given.replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c))]));
    const family = current?.type === "summary" ? name.replace(/_(count|sum)$/, "") : name;
    assert.equal(family, current?.name, `${name} stands in another family`);
    if (current.type === "counter") assert.match(name, /_total$/);
    const key = `${name} ${JSON.stringify(Object.entries(labels).sort())}`;
    assert.ok(!samples.has(key), `twice: ${key}`);
    current.samples += 1;
    samples.set(key, { name, labels, value: value === "+Inf" ? Infinity : Number(value) });
  }
  const value = (name, labels = {}) => samples.get(`${name} ${JSON.stringify(Object.entries(labels).sort())}`)?.value;
  return { families, samples: [...samples.values()], value };
}

/** An OpenTelemetry meter that keeps what is observed. */
function collector() {
  const made = new Map();
  let callback;
  const create = (kind) => (name, { unit, description }) => { assert.ok(!made.has(name) && unit !== "" && description !== "", name); made.set(name, kind); return name; };
  const meter = { createObservableCounter: create("counter"), createObservableGauge: create("gauge"), addBatchObservableCallback: (given) => { callback = given; }, removeBatchObservableCallback: () => { callback = undefined; } };
  const collect = () => { const seen = []; callback?.({ observe: (name, value, attributes) => { assert.ok(made.has(name) && Number.isFinite(value), name); seen.push({ name, value, attributes }); } }); return seen; };
  return { made, meter, collect };
}

async function used(options) {
  const { cache, clock } = bench({ logger: { debug() {}, info() {}, warn() {}, error() {} }, ...options });
  const ask = (endpoint, params = {}, handler = () => 1) => routeRequest(cache, { endpoint, params }, handler);
  await ask("a.list", {}, () => { clock.advance(1.5); return 1; });
  await ask("a.list");
  await ask("a.get", {}, () => { clock.advance(0.25); throw new Error("no"); }).catch(() => {});
  await ask("a.list", { id: 1n });
  await ask("a.frob");
  await ask("b.list", {}, () => ({ f() {} }));
  return cache;
}

test("D8: one cache's text can be parsed, and has bounds, overhead, durations and reasons", async () => {
  const cache = await used();
  const { value, families } = parse(cache.toPrometheus());
  const of = (name, labels) => value(`endpoint_cache_${name}`, labels);
  assert.deepEqual([of("hits_total"), of("misses_total"), of("loads_total"), of("failed_loads_total"), of("up")], [1, 3, 3, 1, 1]);
  assert.deepEqual([of("max_entries"), of("max_bytes"), of("max_entry_bytes"), of("max_loads")], [10_000, 2 ** 26, 2 ** 23, 10_000]);
  assert.deepEqual([of("load_duration_seconds_count"), of("load_duration_seconds_sum"), families.get("endpoint_cache_load_duration_seconds").type], [3, 1.75, "summary"]);
  assert.ok(of("overhead_bytes") > 0);
  assert.deepEqual([of("bypasses_total"), of("bypassed_total", { reason: "params" }), of("bypassed_total", { reason: "not-cacheable" }), of("refused_fills_total", { reason: "not-cloneable" })], [2, 1, 1, 1]);
  assert.equal(of("endpoint_hits_total", { endpoint: "a.list" }), undefined, "endpoints are not counted unless asked for");
  const { limits, loadSeconds, endedLoads } = cache.getStats();
  assert.deepEqual([limits, loadSeconds, endedLoads], [{ maxEntries: 10_000, maxBytes: 2 ** 26, maxEntryBytes: 2 ** 23, maxLoads: 10_000 }, 1.75, 3]);
});

test("D8: a bound that there is not is +Inf, and nothing to OpenTelemetry", async () => {
  const cache = await used({ maxEntries: Infinity, maxBytes: Infinity, maxEntryBytes: Infinity, maxLoads: Infinity });
  const { value } = parse(metricsText(cache));
  assert.deepEqual(["max_bytes", "max_entry_bytes"].map((name) => value(`endpoint_cache_${name}`)), [Infinity, Infinity]);
  // A host's map of keys holds 2²⁴, so these are bounded whatever is asked for.
  assert.ok(["max_entries", "max_loads"].every((name) => value(`endpoint_cache_${name}`) < 2 ** 24));
  const { meter, collect } = collector();
  observeCache(cache, meter);
  assert.ok(collect().every(({ name }) => !name.endsWith("_bytes") || !name.includes("max_")));
});

test("D8: endpoints have rows where lookups are counted, whatever their names hold, and keys without one are one row", async () => {
  const cache = await used({ endpointStats: true });
  for (const key of ["plain", "plainer"]) cache.get(key);
  cache.set('odd"\\\n\r\u2028:1', 1);
  cache.get('odd"\\\n\r\u2028:1');
  const { value } = parse(metricsText({ main: cache }));
  const of = (name, labels) => value(`endpoint_cache_endpoint_${name}`, { cache: "main", ...labels });
  assert.deepEqual([of("hits_total", { endpoint: "a.list" }), of("misses_total", { endpoint: "a.list" }), of("entries", { endpoint: "a.list" })], [1, 1, 1]);
  assert.deepEqual([of("bypassed_total", { endpoint: "a.list", reason: "params" }), of("refused_fills_total", { endpoint: "b.list", reason: "not-cloneable" })], [1, 1]);
  assert.deepEqual([of("hits_total", { endpoint: 'odd"\\\n\r\u2028' }), of("misses_total", { endpoint: "" })], [1, 2]);
  const { endpoints } = cache.getStats({ endpoints: true });
  assert.deepEqual([endpoints["a.list"].bypassedBy, endpoints["a.frob"].bypassedBy, endpoints["b.list"].refusedBy, endpoints["a.list"].hits], [{ params: 1 }, { "not-cacheable": 1 }, { "not-cloneable": 1 }, 1]);
  assert.deepEqual(Object.keys(endpoints).sort(), ["", "a.frob", "a.get", "a.list", "b.list", 'odd"\\\n\r\u2028']);
});

test("D8: several caches by name, in an object or a Map, are one text; one that was disposed of does not silence the others", async () => {
  const [one, two, gone] = [await used(), await used({ endpointStats: true }), await used()];
  const caches = new Map([["one", one], ['two"\n', two], ["gone", gone]]);
  const before = metricsText(caches);
  assert.equal(metricsText(Object.fromEntries(caches)), before);
  gone.dispose();
  const { value, samples } = parse(metricsText(caches));
  assert.deepEqual(["one", 'two"\n', "gone"].map((cache) => [value("endpoint_cache_up", { cache }), value("endpoint_cache_hits_total", { cache })]), [[1, 1], [1, 1], [0, undefined]]);
  assert.equal(samples.filter(({ labels }) => labels.cache === "gone").length, 1);
  assert.equal(parse(metricsText(gone)).value("endpoint_cache_up"), 0);
  assert.equal(parse(await metricsHandler(caches)().text()).value("endpoint_cache_up", { cache: "one" }), 1);
  assert.equal(parse(metricsText(new Map())).samples.length, 0);
  const sent = [];
  metricsListener(caches)({}, { setHeader: (...pair) => sent.push(pair), end: (text) => sent.push(text) });
  assert.equal(parse(sent.pop()).value("endpoint_cache_up", { cache: "gone" }), 0);
});

test("D8: a prefix that no metric may have, and what is no cache, are coded errors", async () => {
  const cache = await used();
  const { meter } = collector();
  for (const prefix of ["", "1a", "a-b", "a b", "a\nb", 'a"', "ä", 5, null]) {
    for (const call of [() => cache.toPrometheus(prefix), () => metricsText(cache, { prefix }), () => metricsText({ cache }, { prefix }), () => metricsHandler(cache, { prefix }), () => metricsListener(cache, { prefix })]) {
      assert.deepEqual(complaint(call).slice(0, 2), ["TypeError", "ERR_OPTION"], JSON.stringify(prefix));
    }
  }
  assert.equal(complaint(() => cache.toPrometheus("a-b"))[2], 'prefix is letters, digits, _ and :, and does not begin with a digit, not "a-b"');
  for (const prefix of ["", "1a", "a b", 5, "x".repeat(300)]) assert.equal(complaint(() => observeCache(cache, meter, { prefix }))[1], "ERR_OPTION");
  for (const none of [undefined, null, 5, "cache", { a: 1 }, { a: undefined }, new Map([["a", {}]]), new Map([[{}, cache]])]) {
    for (const call of [() => metricsText(none), () => metricsHandler(none), () => metricsListener(none), () => observeCache(none, meter)]) assert.equal(complaint(call)[1], "ERR_OPTION");
  }
  for (const none of [undefined, {}, { createObservableCounter() {} }]) assert.equal(complaint(() => observeCache(cache, none))[1], "ERR_PEER");
  for (const prefix of ["a", "a:b", "_a1", "A"]) parse(cache.toPrometheus(prefix));
});

test("D8: OpenTelemetry has every family that Prometheus has, of the same kind and with the same numbers", async () => {
  const cache = await used({ endpointStats: true });
  const { made, meter, collect } = collector();
  const end = observeCache(cache, meter, { attributes: { region: "eu" } });
  const { families, samples } = parse(cache.toPrometheus());
  const instruments = [...families.values()].reduce((sum, { type }) => sum + (type === "summary" ? 2 : 1), 0);
  assert.equal(made.size, instruments);
  const seen = collect();
  const shape = (all) => all.map(({ value, labels, attributes }) => [value, JSON.stringify(Object.entries({ ...(labels ?? attributes), region: undefined }).sort())].join(" ")).sort();
  assert.deepEqual(shape(seen), shape(samples));
  assert.ok(seen.every(({ attributes }) => attributes.region === "eu"));
  const counters = [...families.values()].reduce((sum, { type }) => sum + (type === "summary" ? 2 : type === "counter" ? 1 : 0), 0);
  assert.equal([...made.values()].filter((kind) => kind === "counter").length, counters);
  cache.dispose();
  assert.deepEqual(collect(), [{ name: "endpoint_cache.up", value: 0, attributes: { region: "eu" } }]);
  end();
  assert.deepEqual(collect(), []);
});

test("D8: OpenTelemetry observes several caches by name", async () => {
  const { meter, collect } = collector();
  observeCache(new Map([["one", await used()], ["two", await used()]]), meter);
  assert.deepEqual(collect().filter(({ name }) => name === "endpoint_cache.hits").map(({ value, attributes }) => [value, attributes]), [[1, { cache: "one" }], [1, { cache: "two" }]]);
});
