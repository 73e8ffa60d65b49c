/** The cache as a Fastify plugin: `app.register(cached, { cache, identity })`. It covers the routes of the scope it is registered in. */

import { answerBatch } from "../lib/http/batch.js";
import { hide, nodeIncoming } from "../lib/http/node.js";
import { cacheStatus, headersOf304, isUnchanged } from "../lib/http/record.js";
import { serve } from "../lib/http/serve.js";
import { readSettings } from "../lib/http/settings.js";
import { joined } from "../lib/http/web.js";

/**
 * What a request's own handler is waited for with.
 *
 * @typedef {{ kind: "read" | "mutation", judge?: import("../lib/http/serve.js").Judge, tell: (it: any) => void, show?: (() => void) | undefined, outcome: Promise<import("../lib/http/serve.js").Outcome> }} Pending
 */

/**
 * @param {any} fastify
 * @param {any} options
 */
async function plugin(fastify, { cache, ...options }) {
  // Two options are of Fastify's own `register`.
  const { logLevel: _, logSerializers: __, ...own } = options;
  const settings = readSettings(cache, own);
  const { caseSensitive = fastify.initialConfig.routerOptions?.caseSensitive ?? true } = fastify.initialConfig;
  /** @type {WeakMap<object, Pending>} */
  const waiting = new WeakMap();

  fastify.addHook("preHandler", async (/** @type {any} */ request, /** @type {any} */ reply) => {
    const incoming = nodeIncoming(request.raw, request, fastify.prefix, caseSensitive);
    if (settings.batch !== undefined && incoming.path === settings.batch.path && incoming.method === "POST") {
      const { status, body } = await answerBatch(cache, settings, incoming);
      return reply.code(status).send(body);
    }
    /** @type {(value: "handler") => void} */
    let go = () => {};
    const handler = new Promise((resolve) => (go = resolve));
    const waitFor = (/** @type {Pending["kind"]} */ kind, /** @type {any} */ judge, /** @type {boolean} */ shared) =>
      new Promise((resolve) => {
        const show = kind === "read" ? hide(request.raw, shared) : undefined;
        waiting.set(request, { kind, judge, tell: resolve, show, outcome });
        go("handler");
      });
    const outcome = (async () =>
      serve(cache, settings, incoming, {
        background: false,
        // Fastify leaves the body of HEAD out by itself, and a handler may know that.
        read: (judge, shared) => (request.method === "HEAD" ? Promise.resolve({ own: { next: true }, status: 0, header: () => undefined, body: undefined, reason: "head" }) : Promise.resolve().then(() => waitFor("read", judge, shared))),
        alone: async () => ({ next: true }),
        mutate: () => Promise.resolve().then(() => waitFor("mutation", undefined, false)),
      }))();
    outcome.catch(() => {});
    const first = await Promise.race([handler, outcome]);
    if (first === "handler") return undefined;
    const { own, record, denied, info } = first;
    if (denied !== undefined) return reply.code(403).send();
    mark(reply, info, settings, own === undefined);
    if (own !== undefined || record === undefined) return undefined;
    return reply.send(answer(request, reply, record, true));
  });

  fastify.addHook("onSend", async (/** @type {any} */ request, /** @type {any} */ reply, /** @type {any} */ payload) => {
    const pending = waiting.get(request);
    if (pending === undefined) return payload;
    waiting.delete(request);
    pending.show?.();
    if (pending.kind === "mutation") {
      mark(reply, { cache: "mutation", age: 0, ttl: null }, settings, false);
      if (typeof payload?.pipe !== "function") {
        pending.tell({ own: {} });
        await pending.outcome;
        return payload;
      }
      return heldBack(payload, pending);
    }
    const header = headerOf(reply);
    const { body, rest, reason } = await bytesOf(payload, reply.statusCode, header, pending, settings.maxBodyBytes);
    pending.tell({ own: {}, status: reply.statusCode, header, body, ...(reason === undefined ? {} : { reason }) });
    const { own, record, info } = await pending.outcome;
    mark(reply, info, settings, own === undefined);
    if (record === undefined) return rest;
    if (own === undefined) reply.removeHeader("content-length");
    const sent = answer(request, reply, record, own === undefined);
    return own === undefined || reply.statusCode === 304 ? sent : rest;
  });

  // A response that was sent past Fastify has no onSend.
  fastify.addHook("onResponse", async (/** @type {any} */ request) => {
    const pending = waiting.get(request);
    waiting.delete(request);
    pending?.tell({ own: {}, status: 0, header: () => undefined, body: undefined, reason: "hijacked" });
  });
}

/**
 * Sets what a record says, and returns its bytes; with a 304, none.
 *
 * @param {any} request
 * @param {any} reply
 * @param {import("../lib/http/record.js").HttpRecord} record
 * @param {boolean} whole whether the record is the answer, or only names one that stands already
 */
function answer(request, reply, record, whole) {
  if (whole) {
    reply.code(record.status);
    for (const [name, value] of record.headers) reply.header(name, value);
  }
  if (record.etag !== undefined) reply.header("etag", record.etag);
  const asked = (/** @type {string} */ name) => request.headers[name];
  const lastModified = record.headers.find(([name]) => name === "last-modified")?.[1];
  if (record.status === 200 && isUnchanged(record.etag, lastModified, asked)) {
    for (const name of ["content-length", "content-type"]) reply.removeHeader(name);
    reply.code(304);
    for (const [name, value] of headersOf304(record.headers)) reply.header(name, value);
    return null;
  }
  return Buffer.from(/** @type {any} */ (record.body.buffer));
}

/**
 * A payload's bytes where they may be kept, and the payload that goes on in its place.
 *
 * @param {any} payload
 * @param {number} status
 * @param {(name: string) => string | undefined} header
 * @param {Pending} pending
 * @param {number} limit
 * @returns {Promise<{ body: Uint8Array<ArrayBuffer> | undefined, rest: any, reason?: string | undefined }>}
 */
async function bytesOf(payload, status, header, { judge }, limit) {
  if (payload === null || payload === undefined) return { body: undefined, rest: payload };
  const { reason } = judge?.(status, header) ?? { reason: "stream" };
  if (reason !== undefined && status < 500) return { body: undefined, rest: payload, reason };
  if (typeof payload === "string" || payload instanceof Uint8Array) {
    const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
    if (bytes.byteLength > limit) return { body: undefined, rest: payload, reason: "too-large" };
    return { body: Uint8Array.from(bytes), rest: payload };
  }
  if (typeof payload.pipe !== "function") return { body: undefined, rest: payload, reason: "stream" };
  const chunks = [];
  let length = 0;
  const source = payload[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await source.next();
    if (done) break;
    const chunk = typeof value === "string" ? Buffer.from(value) : value;
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length > limit) return { body: undefined, rest: await readable(resumed(chunks, source)), reason: "too-large" };
  }
  const body = joined(chunks, length);
  return { body, rest: Buffer.from(body) };
}

/**
 * @param {any[]} chunks
 * @param {AsyncIterator<any>} source
 */
async function* resumed(chunks, source) {
  try {
    yield* chunks;
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
  } finally {
    await source.return?.();
  }
}

/**
 * A mutation's stream, whose end waits for the invalidation.
 *
 * @param {any} payload
 * @param {Pending} pending
 */
function heldBack(payload, pending) {
  return readable(
    (async function* () {
      try {
        yield* payload;
      } finally {
        pending.tell({ own: {} });
        await pending.outcome;
      }
    })(),
  );
}

/** @param {AsyncIterable<any>} source */
async function readable(source) {
  const { Readable } = await import("node:stream");
  return Readable.from(source);
}

/** @param {any} reply @returns {(name: string) => string | undefined} */
function headerOf(reply) {
  const all = { ...reply.getHeaders() };
  return (name) => {
    const value = all[name];
    return value === undefined ? undefined : Array.isArray(value) ? value.join(", ") : String(value);
  };
}

/**
 * @param {any} reply
 * @param {import("../lib/http/serve.js").Info} info
 * @param {import("../lib/http/settings.js").Settings} settings
 * @param {boolean} aged
 */
function mark(reply, info, settings, aged) {
  if (aged) reply.header("age", String(Math.floor(info.age)));
  const [status, word] = cacheStatus(info, settings.cacheStatus || "endpoint-cache");
  if (settings.cacheStatus !== false) reply.header("cache-status", status);
  if (settings.xCache) reply.header("x-cache", word);
}

// Hooks of a plugin reach its own scope only; this says that the scope is the one it is registered in.
export const cached = Object.assign(plugin, {
  [Symbol.for("skip-override")]: true,
  [Symbol.for("fastify.display-name")]: "endpoint-cache",
  [Symbol.for("plugin-meta")]: { name: "endpoint-cache", fastify: ">=5" },
});
export default cached;
