/** The examples of docs/adapters.md, run as they stand; and metrics. */
import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, describe, it } from "node:test";
import { serve as serveFetch } from "@hono/node-server";
import { serve as serveH3 } from "h3";
import { CacheService, routeRequest } from "endpoint-cache";
import { diagnosticsListener } from "endpoint-cache/diagnostics";
import { metricsListener, metricsText } from "endpoint-cache/metrics";
import { observeCache } from "endpoint-cache/opentelemetry";

const text = readFileSync(new URL("../../docs/adapters.md", import.meta.url), "utf8");
const dir = new URL("./node_modules/.examples/", import.meta.url);
mkdirSync(dir, { recursive: true });

/** The first example under a heading, as a module. @param {string} heading */
async function example(heading) {
  const [, code] = new RegExp(`^## ${heading}.*?\`\`\`js\\n(.*?)\`\`\``, "ms").exec(text) ?? [];
  assert.ok(code, heading);
  const file = new URL(`${heading.replace(/\W+/g, "-")}.mjs`, dir);
  writeFileSync(file, code);
  return import(file.href);
}

/** @type {(() => unknown)[]} */
const ends = [];
after(() => Promise.all(ends.map((end) => end())));

/** @param {any} server */
async function at(server) {
  if (!server.listening) await once(server, "listening");
  ends.push(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${server.address().port}`;
}

/** @type {Record<string, (app: any) => Promise<string> | string>} */
const SERVERS = {
  "fetch handlers": (app) => at(serveFetch({ fetch: app.fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false })),
  Hono: (app) => at(serveFetch({ fetch: app.fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false })),
  Express: (app) => at(createServer(app).listen(0, "127.0.0.1")),
  Fastify: async (app) => {
    await app.listen({ port: 0, host: "127.0.0.1" });
    ends.push(() => app.close());
    return `http://127.0.0.1:${app.server.address().port}`;
  },
  h3: async (app) => {
    const server = serveH3(app, { port: 0, hostname: "127.0.0.1", silent: true });
    await server.ready();
    ends.push(() => server.close(true));
    return String(server.url).replace(/\/$/, "");
  },
};

describe("the examples", () => {
  for (const [heading, serve] of Object.entries(SERVERS)) {
    it(heading, async () => {
      const url = await serve((await example(heading)).default);
      const [first, second] = [await fetch(`${url}/prompts`), await fetch(`${url}/prompts`)];
      assert.equal(first.status, 200);
      assert.match(String(first.headers.get("cache-status")), /fwd=miss; stored/);
      assert.match(String(second.headers.get("cache-status")), /hit/);
      assert.deepEqual(await second.json(), await first.json());
    });
  }

  it("Metrics", async () => {
    const { metrics, observe } = await example("Metrics");
    const response = metrics();
    assert.match(response.headers.get("content-type"), /^text\/plain; version=0\.0\.4/);
    assert.match(await response.text(), /^endpoint_cache_hits_total\{cache="main"\} 0$/m);
    assert.equal(typeof observe, "function");
  });
});

describe("metrics", () => {
  it("keep each family together and label each cache", () => {
    const [one, two] = [new CacheService(), new CacheService()];
    one.set("a", 1);
    one.get("a");
    const lines = metricsText({ one, 'two"x': two }, { prefix: "app" }).trim().split("\n");
    const at = lines.indexOf('app_hits_total{cache="one"} 1');
    assert.ok(at > 0);
    assert.equal(lines[at + 1], 'app_hits_total{cache="two\\"x"} 0');
    assert.equal(lines.filter((line) => line === "# TYPE app_hits_total counter").length, 1);
    for (const line of lines) assert.match(line, /^(# (HELP|TYPE) app_\w+ .+|app_\w+(\{[^}]*\})? \d+(\.\d+)?)$/);
  });

  it("come over HTTP in Node", async () => {
    const url = await at(createServer(metricsListener(new CacheService())).listen(0, "127.0.0.1"));
    const response = await fetch(url);
    assert.match(String(response.headers.get("content-type")), /version=0\.0\.4/);
    assert.match(await response.text(), /^# TYPE endpoint_cache_hits_total counter$/m);
  });

  it("are published on channels, to those who listen", async () => {
    const seen = /** @type {any[]} */ ([]);
    const others = /** @type {any[]} */ ([]);
    const listen = (/** @type {any} */ event) => void seen.push(event);
    subscribe("endpoint-cache:miss", listen);
    subscribe("endpoint-cache:hit", listen);
    const cache = new CacheService({ onEvent: diagnosticsListener({ name: "main", onEvent: (event) => others.push(event.type) }) });
    const ask = () => routeRequest(cache, { endpoint: "a.list" }, () => 1);
    await ask();
    await ask();
    unsubscribe("endpoint-cache:miss", listen);
    unsubscribe("endpoint-cache:hit", listen);
    await ask();
    assert.deepEqual(seen.map(({ type, cache }) => [type, cache]), [["miss", "main"], ["hit", "main"]]);
    assert.ok(others.includes("set"));
  });

  it("are observed by a meter", () => {
    const cache = new CacheService();
    cache.set("a", 1);
    cache.get("a");
    /** @type {Map<string, string>} */
    const made = new Map();
    /** @type {any} */
    let callback;
    const create = (/** @type {string} */ kind) => (/** @type {string} */ name) => (made.set(name, kind), name);
    const meter = {
      createObservableCounter: create("counter"),
      createObservableGauge: create("gauge"),
      addBatchObservableCallback: (/** @type {any} */ given) => void (callback = given),
      removeBatchObservableCallback: () => void (callback = undefined),
    };
    const end = observeCache(cache, meter, { attributes: { cache: "main" } });
    const seen = new Map();
    callback({ observe: (/** @type {string} */ name, /** @type {number} */ value, /** @type {any} */ attributes) => seen.set(name, [value, attributes.cache]) });
    assert.deepEqual(seen.get("endpoint_cache.hits"), [1, "main"]);
    assert.deepEqual(seen.get("endpoint_cache.entries"), [1, "main"]);
    assert.equal(made.get("endpoint_cache.size"), "gauge");
    end();
    assert.equal(callback, undefined);
  });
});
