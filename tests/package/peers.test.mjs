// What an adapter is handed and cannot work with: a coded error that names what was found and what is expected, at once or
// with the first request. The frameworks themselves, of older versions, are beside the package in tests/runtimes/old.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CacheService } from "../../pkg/index.js";
import { cached as cachedExpress } from "../../pkg/adapters/express.js";
import { cached as cachedFastify } from "../../pkg/adapters/fastify.js";
import { cached as cachedFetch } from "../../pkg/adapters/fetch.js";
import { cached as cachedH3 } from "../../pkg/adapters/h3.js";
import { cached as cachedHono } from "../../pkg/adapters/hono.js";
import { observeCache } from "../../pkg/adapters/opentelemetry.js";
import { redisBus } from "../../pkg/tier/bus/redis.js";
import { cacheApiStore } from "../../pkg/tier/stores/cache-api.js";
import { cloudflareKvStore } from "../../pkg/tier/stores/cloudflare-kv.js";
import { keyvStore } from "../../pkg/tier/stores/keyv.js";
import { redisStore } from "../../pkg/tier/stores/redis.js";
import { unstorageStore } from "../../pkg/tier/stores/unstorage.js";

const noop = () => {};
const cache = new CacheService();
const OPEN = { identity: "anonymous" };
const REDIS = "a client of redis (4 or newer), ioredis (4 or newer) or iovalkey";
/** As in redis 3, whose commands take callbacks. */
class RedisClient {}
for (const name of ["get", "set", "del", "mget", "publish", "subscribe", "duplicate", "sendCommand", "send_command"]) RedisClient.prototype[name] = noop;
const legacy = { get: noop, set: noop, del: noop, mGet: noop, publish: noop, duplicate: noop, sendCommand: noop, options: { legacyMode: true } };

/** Title, what uses it, what the error says of what was found. @type {[string, () => unknown, string][]} */
const ROWS = [
  ["stores/redis", () => redisStore(undefined), `${REDIS}, and was given undefined`],
  ["stores/redis", () => redisStore(null), `${REDIS}, and was given null`],
  ["stores/redis", () => redisStore("redis://localhost"), `${REDIS}, and was given a string`],
  ["stores/redis", () => redisStore({}), `${REDIS}, and was given an object without get, set, del, sendCommand, mGet`],
  ["stores/redis", () => redisStore(new RedisClient()), `${REDIS}, and was given a RedisClient without mGet`],
  ["stores/redis", () => redisStore(legacy), `${REDIS}, and was given one in legacy mode, whose commands take a callback`],
  ["bus/redis", () => redisBus(new RedisClient()), `${REDIS}, and was given a RedisClient without mGet`],
  ["bus/redis", () => redisBus({ ...legacy, options: {} }, { subscriber: {} }), `${REDIS}, and was given an object without subscribe, sendCommand, mGet`],
  ["stores/keyv", () => keyvStore(new Map([["get", 1]]).entries), "a store adapter of Keyv, or a Keyv, and was given a function without get, set, delete"],
  ["stores/unstorage", () => unstorageStore({ getItem: noop, setItem: noop }), "what createStorage of unstorage returns, and was given an object without removeItem"],
  ["stores/cloudflare-kv", () => cloudflareKvStore({ get: noop, put: noop, delete: noop }), "a KV namespace of Cloudflare, and was given an object without getWithMetadata"],
  ["stores/cache-api", () => cacheApiStore({ open: noop, match: noop }), "a Cache of the Cache API, and was given an object without put, delete"],
  ["opentelemetry", () => observeCache(cache, { createCounter: noop }), "a Meter of @opentelemetry/api 1.3 or newer, and was given an object without createObservableCounter, createObservableGauge, addBatchObservableCallback, removeBatchObservableCallback"],
  ["fastify", () => cachedFastify({ version: "3.29.5", addHook: noop }, { cache, ...OPEN }), "Fastify 4 or newer, and was given Fastify 3.29.5"],
  ["fastify", () => cachedFastify({ use: noop }, { cache, ...OPEN }), "Fastify 4 or newer, and was given an object without addHook"],
  ["hono", () => cachedHono(cache, OPEN)({ req: {} }, noop), "Hono 3 or newer, and was given a context without req.raw"],
  ["express", () => cachedExpress(cache, OPEN)({ request: {} }, noop), "Express 4 or newer, and was given a function without setHeader, end"],
  ["fetch", () => cachedFetch(cache, OPEN, noop)({ url: "/", headers: {} }, {}), "a Request of the Fetch API, and was given an object without text, clone"],
  ["h3", () => cachedH3(cache, OPEN)({ node: {} }, noop), "h3 2 or newer, and was given none that can be imported"],
];

for (const [entry, use, words] of ROWS) {
  test(`D3: endpoint-cache/${entry}: ${words.slice(words.indexOf(", and ") + 6)}`, async () => {
    await assert.rejects(async () => use(), { name: "TypeError", code: "ERR_PEER", message: `endpoint-cache/${entry} works with ${words}` });
  });
}

test("D3: what can do the same is taken, whatever it is called and from whatever realm it is", async () => {
  const ioredis = Object.assign(Object.create(null), { getBuffer: noop, get: noop, set: noop, del: noop, publish: noop, duplicate: () => ({ on: noop }) });
  assert.equal(typeof redisStore(ioredis).get, "function");
  assert.equal(typeof redisBus(ioredis).publish, "function");
  assert.equal(typeof keyvStore(new Map()).get, "function");
  const request = new Request("http://localhost/a");
  const lookalike = { url: request.url, method: "GET", headers: request.headers, signal: request.signal, text: () => request.text(), clone: noop };
  const answer = await cachedFetch(cache, OPEN, () => new Response("one"))(/** @type {any} */ (lookalike));
  assert.equal(await answer.text(), "one");
});
