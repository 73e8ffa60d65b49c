// Compiled and never run: the adapters' types against those of the real frameworks.
import express from "express";
import fastify from "fastify";
import { H3 } from "h3";
import { Hono } from "hono";
import { CacheService, type CacheEvent } from "endpoint-cache";
import { diagnosticsListener, type ChannelName, type Published } from "endpoint-cache/diagnostics";
import { cached as cachedExpress } from "endpoint-cache/express";
import { cached as cachedFastify } from "endpoint-cache/fastify";
import { cached as cachedFetch, type HttpOptions } from "endpoint-cache/fetch";
import { cached as cachedH3 } from "endpoint-cache/h3";
import { cached as cachedHono } from "endpoint-cache/hono";
import { metricsHandler, metricsListener } from "endpoint-cache/metrics";

const cache = new CacheService({ onEvent: diagnosticsListener({ name: "main" }) });

const worker: (request: Request, env: { KEY: string }, ctx: { waitUntil(work: Promise<unknown>): void }) => Promise<Response> = cachedFetch(
  cache,
  { identity: (request) => request.headers.get("x-user"), statuses: [200, 404] },
  (request, env: { KEY: string }, ctx: { waitUntil(work: Promise<unknown>): void }) => (ctx.waitUntil(Promise.resolve()), new Response(env.KEY + request.url)),
);
void worker;

// @ts-expect-error identity is required
cachedFetch(cache, {}, () => new Response());
// @ts-expect-error a word that is none
cachedFetch(cache, { identity: "everybody" }, () => new Response());
// @ts-expect-error a prefix is a path
cachedFetch(cache, { identity: "anonymous", prefix: "api" }, () => new Response());

const hono = new Hono();
hono.use(cachedHono(cache, { identity: (c) => c.req.header("x-user") ?? null, paths: (c) => ({ endpoint: "a.list", params: { path: c.req.path } }) }));
hono.get("/metrics", metricsHandler(cache));

const app = express();
app.use(cachedExpress(cache, { identity: (req) => req.get("x-user") ?? null, authorize: (req, { endpoint }) => endpoint !== undefined || req.path === "/" }));
app.get("/metrics", metricsListener({ main: cache }));

const server = fastify();
await server.register(cachedFastify, { cache, identity: (request) => (request.headers["x-user"] as string | undefined) ?? null });

const h3 = new H3();
h3.use(cachedH3(cache, { identity: (event) => event.req.headers.get("x-user") }));
h3.get("/one", cachedH3(cache, { identity: "anonymous" }, () => "one"));

const options: HttpOptions<Request> = { identity: "anonymous", vary: ["accept-language"], batch: { path: "/batch", handler: (_, { endpoint }) => endpoint } };
const channel: ChannelName = "endpoint-cache:hit";
const read = ({ age, key, cache: name }: Published<"hit">): [number, string, string | undefined] => [age, key, name];
const event: CacheEvent["type"] = "mutation";
void [options, channel, read, event];
