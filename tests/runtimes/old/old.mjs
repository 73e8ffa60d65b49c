/** Run beside frameworks and clients of one major version ago: what the adapters can work with works, the rest is a coded error. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { CacheService } from "endpoint-cache";
import { redisBus } from "endpoint-cache/bus/redis";
import { cached as cachedFastify } from "endpoint-cache/fastify";
import { cached as cachedH3 } from "endpoint-cache/h3";
import { cached as cachedHono } from "endpoint-cache/hono";
import { redisStore } from "endpoint-cache/stores/redis";
import fastify from "fastify";
import { createApp, toWebHandler } from "h3";
import { Hono } from "hono";
import Redis from "ioredis";
import redis from "redis";

const { version } = createRequire(import.meta.url)("h3/package.json");
assert.match(version, /^1\./);

// Fastify 4 and Hono 3: one that misses, one that hits.
const server = fastify();
assert.match(server.version, /^4\./);
await server.register(cachedFastify, { cache: new CacheService(), identity: "anonymous" });
server.get("/prompts", async () => ["one"]);
const injected = async () => (await server.inject("/prompts")).headers["cache-status"];
assert.deepEqual([await injected(), await injected()].map((text) => /hit|miss/.exec(text)?.[0]), ["miss", "hit"]);
await server.close();

const hono = new Hono();
hono.use("*", cachedHono(new CacheService(), { identity: "anonymous" }));
hono.get("/prompts", (c) => c.json(["one"]));
const fetched = async () => (await hono.fetch(new Request("http://localhost/prompts"))).headers.get("cache-status");
assert.deepEqual([await fetched(), await fetched()].map((text) => /hit|miss/.exec(text)?.[0]), ["miss", "hit"]);

// h3 1: the request fails with an error that says why.
/** @type {any} */
let failure;
const app = createApp({ onError: (error) => void (failure = error.cause ?? error) });
app.use(cachedH3(new CacheService(), { identity: "anonymous" }));
assert.equal((await toWebHandler(app)(new Request("http://localhost/"))).status, 500);
assert.deepEqual([failure.code, failure.message], ["ERR_PEER", "endpoint-cache/h3 works with h3 2 or newer, and was given one without toResponse, as h3 1 is"]);

// redis 3: said when the client is handed over. ioredis 4 is accepted.
const client = redis.createClient({ port: 1, retry_strategy: () => undefined }).on("error", () => {});
const wanted = "a client of redis (4 or newer), ioredis (4 or newer) or iovalkey";
for (const [name, make] of /** @type {[string, (client: any) => any][]} */ ([["stores/redis", redisStore], ["bus/redis", redisBus]])) {
  const message = `endpoint-cache/${name} works with ${wanted}, and was given a RedisClient without mGet`;
  assert.throws(() => make(client), { name: "TypeError", code: "ERR_PEER", message });
}
client.end(true);
const old = new Redis({ lazyConnect: true });
assert.equal(typeof redisStore(old).get, "function");
old.disconnect();
