// Compiled and never run: the same types from CommonJS, and caches handed from one kind of module to the other.
import express = require("express");
import { fastify } from "fastify";
import { CacheService, routeRequest } from "endpoint-cache";
import type { CacheService as Imported } from "endpoint-cache" with { "resolution-mode": "import" };
import { cached as cachedExpress } from "endpoint-cache/express";
import { cached as cachedFastify } from "endpoint-cache/fastify";
import { cached as cachedFetch } from "endpoint-cache/fetch";
import { cached as cachedH3 } from "endpoint-cache/h3";
import { cached as cachedHono } from "endpoint-cache/hono";
import { metricsListener } from "endpoint-cache/metrics";
import { memoryStore } from "endpoint-cache/stores/memory";
import { tiered } from "endpoint-cache/tiered";

const cache = new CacheService();
const same: Imported = cache;
const back: CacheService = same;
void routeRequest(back, { endpoint: "a.list" }, () => 1);
tiered(back, { store: memoryStore() });

const app = express();
app.use(cachedExpress(same, { identity: (req) => req.get("x-user") ?? null }));
app.get("/metrics", metricsListener({ main: cache }));

const server = fastify();
server.register(cachedFastify, { cache, identity: (request) => request.ip });

const worker: (request: Request) => Promise<Response> = cachedFetch(cache, { identity: "anonymous" }, () => new Response());
// @ts-expect-error identity is required
cachedFetch(cache, {}, () => new Response());
const middlewares = [cachedH3(cache, { identity: (event) => event.req.headers.get("x-user") }), cachedHono(cache, { identity: (c) => c.req.header("x-user") ?? null })];
void [worker, middlewares];
