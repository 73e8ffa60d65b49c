/**
 * One application in every framework: `mount` starts a server on this machine whose every route is answered by one function.
 *
 * Knows how each framework is told to use the cache; knows nothing of what is tested.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { serve as serveFetch } from "@hono/node-server";
import express from "express";
import fastify from "fastify";
import { H3, serve as serveH3 } from "h3";
import { Hono } from "hono";

import { cached as cachedExpress } from "endpoint-cache/express";
import { cached as cachedFastify } from "endpoint-cache/fastify";
import { cached as cachedFetch } from "endpoint-cache/fetch";
import { cached as cachedH3 } from "endpoint-cache/h3";
import { cached as cachedHono } from "endpoint-cache/hono";

/**
 * What the application is asked, and what it answers. A body is text, or an async iterable of texts.
 *
 * @typedef {{ method: string, url: string, path: string, query: URLSearchParams, headers: Record<string, any>, body: any }} Asked
 * @typedef {{ status?: number, headers?: Record<string, string | string[]>, body?: any }} Answered
 * @typedef {(asked: Asked) => Answered | Promise<Answered>} App
 */

const encoder = new TextEncoder();

/** @param {Request} request @param {any} body @returns {Asked} */
function ofWeb(request, body) {
  const { pathname, searchParams } = new URL(request.url);
  return { method: request.method, url: request.url, path: pathname, query: searchParams, headers: Object.fromEntries(request.headers), body };
}

/** @param {import("node:http").IncomingMessage & { originalUrl?: string }} req @param {any} body @returns {Asked} */
function ofNode(req, body) {
  const url = `http://${req.headers.host}${req.originalUrl ?? req.url}`;
  const { pathname, searchParams } = new URL(url);
  return { method: req.method ?? "GET", url, path: pathname, query: searchParams, headers: req.headers, body };
}

/** @param {Answered} answered */
function toWeb({ status = 200, headers = {}, body = null }) {
  const all = new Headers();
  for (const [name, value] of Object.entries(headers)) for (const one of [value].flat()) all.append(name, one);
  if (typeof body !== "object" || body === null) return new Response(body, { status, headers: all });
  const source = body[Symbol.asyncIterator]();
  const stream = new ReadableStream({
    async pull(controller) {
      const { done, value } = await source.next();
      return done ? controller.close() : controller.enqueue(encoder.encode(value));
    },
    cancel: () => void source.return?.(),
  });
  return new Response(stream, { status, headers: all });
}

/** @param {Request} request */
async function bodyOf(request) {
  const text = request.method === "GET" || request.method === "HEAD" ? "" : await request.text();
  return text === "" ? undefined : JSON.parse(text);
}

/** @param {any} server */
async function listening(server) {
  if (!server.listening) await once(server, "listening");
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections?.();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** @type {Record<string, (cache: any, options: any, app: App) => Promise<{ url: string, close: () => Promise<unknown> }>>} */
export const FRAMEWORKS = {
  fetch(cache, options, app) {
    const handler = cachedFetch(cache, options, async (request) => toWeb(await app(ofWeb(request, await bodyOf(request)))));
    return listening(serveFetch({ fetch: (request) => handler(request), port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false }));
  },

  hono(cache, options, app) {
    const router = new Hono();
    router.use(cachedHono(cache, options));
    router.all("*", async (c) => {
      const text = c.req.method === "GET" || c.req.method === "HEAD" ? "" : await c.req.text();
      return toWeb(await app(ofWeb(c.req.raw, text === "" ? undefined : JSON.parse(text))));
    });
    return listening(serveFetch({ fetch: router.fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false }));
  },

  async h3(cache, options, app) {
    const router = new H3({ silent: true });
    router.use(cachedH3(cache, options));
    router.all("/**", async (event) => toWeb(await app(ofWeb(event.req, await bodyOf(event.req)))));
    const server = serveH3(router, { port: 0, hostname: "127.0.0.1", silent: true });
    await server.ready();
    return { url: String(server.url).replace(/\/$/, ""), close: () => server.close(true) };
  },

  express(cache, options, app) {
    const router = express();
    router.use(express.json());
    router.use(cachedExpress(cache, options));
    router.use(async (req, res) => {
      const { status = 200, headers = {}, body } = await app(ofNode(req, req.body));
      res.status(status);
      for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
      if (typeof body === "object" && body !== null) {
        for await (const chunk of body) res.write(chunk);
        res.end();
      } else if (body === undefined || body === null) res.end();
      else res.send(Buffer.from(String(body)));
    });
    return listening(createServer(router).listen(0, "127.0.0.1"));
  },

  async fastify(cache, options, app) {
    const router = fastify({ exposeHeadRoutes: true });
    await router.register(cachedFastify, { cache, ...options });
    router.all("/*", async (request, reply) => {
      const { status = 200, headers = {}, body } = await app(ofNode(request.raw, request.body));
      reply.code(status);
      for (const [name, value] of Object.entries(headers)) reply.header(name, value);
      if (typeof body === "object" && body !== null) return reply.send(Readable.from(body));
      return reply.send(body ?? "");
    });
    await router.listen({ port: 0, host: "127.0.0.1" });
    const { port } = /** @type {any} */ (router.server.address());
    return { url: `http://127.0.0.1:${port}`, close: () => (router.server.closeAllConnections(), router.close()) };
  },
};
