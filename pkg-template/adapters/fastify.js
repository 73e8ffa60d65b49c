/** The cache as a Fastify plugin: `app.register(cached, { cache, identity })`. It covers the routes of the scope it is registered in. */

import { Readable } from "node:stream";
import { statusOf, writeHeaders } from "../lib/http/answer.js";
import { hide, lookInto, nodeIncoming } from "../lib/http/node.js";
import { joined } from "../lib/http/record.js";
import { serve, told } from "../lib/http/serve.js";
import { readSettings } from "../lib/http/settings.js";

/** What a request's own handler is waited for with. @typedef {{ send: (payload: any) => Promise<any>, miss: () => void }} Pending */

/**
 * @param {any} fastify
 * @param {any} options two of which are of Fastify's own `register`
 */
async function plugin(fastify, { cache, logLevel: _, logSerializers: __, ...options }) {
  const settings = readSettings(cache, options);
  const { caseSensitive = fastify.initialConfig.routerOptions?.caseSensitive ?? true } = fastify.initialConfig;
  /** @type {WeakMap<object, Pending>} */
  const waiting = new WeakMap();

  fastify.addHook("preHandler", async (/** @type {any} */ request, /** @type {any} */ reply) => {
    const incoming = nodeIncoming(request.raw, request, fastify.prefix, caseSensitive);
    const set = (/** @type {string} */ name, /** @type {string} */ value) => reply.header(name, value);
    const headers = { set, append: set, delete: (/** @type {string} */ name) => reply.removeHeader(name) };
    /** The payload of an outcome, undefined where that is the handler's own. @param {import("../lib/http/serve.js").Outcome} outcome */
    const payloadOf = (outcome) => {
      const { own, record } = outcome;
      writeHeaders(headers, outcome, settings, incoming);
      const status = record && statusOf(record, incoming);
      if (!record || (own !== undefined && status !== 304)) return undefined;
      reply.code(status);
      return status === 304 ? null : Buffer.from(record.body.buffer);
    };
    let go = () => {};
    /** @type {Promise<undefined>} */
    const handler = new Promise((resolve) => (go = () => resolve(undefined)));
    const waitFor = (/** @type {Pending} */ pending) => {
      waiting.set(request, pending);
      go();
    };
    const outcome = serve(cache, settings, incoming, {
      background: false,
      read: async (refusal, shared) => {
        // Fastify leaves the body of HEAD out by itself, and a handler may know that.
        if (incoming.method === "HEAD") return { own: true, ...missing, reason: "head" };
        const show = hide(request.raw, shared);
        return new Promise((tell) =>
          waitFor({
            send: async (payload) => {
              show();
              const { statusCode: status } = reply;
              const header = lookInto({ ...reply.getHeaders() });
              const { rest, ...found } = await bytesOf(payload, refusal(status, header), settings.maxBodyBytes);
              tell({ own: true, status, header, ...found });
              const result = await outcome;
              if (result.own === undefined) reply.removeHeader("content-length");
              const sent = payloadOf(result);
              return sent === undefined ? rest : sent;
            },
            miss: () => tell({ own: true, ...missing, reason: "hijacked" }),
          }),
        );
      },
      alone: async () => true,
      mutate: () =>
        new Promise((tell) => {
          const miss = () => tell({ own: true });
          const settle = () => (miss(), outcome);
          const send = async (/** @type {any} */ payload) => {
            writeHeaders(headers, { own: true, info: told("mutation") }, settings, incoming);
            if (typeof payload?.pipe === "function") return Readable.from(heldBack(payload, settle));
            await settle();
            return payload;
          };
          waitFor({ send, miss });
        }),
    });
    outcome.catch(() => {});
    const first = await Promise.race([handler, outcome]);
    if (!first) return undefined;
    const { denied, batch } = first;
    if (batch) return reply.code(batch.status).send(batch.body);
    if (denied) return reply.code(403).send();
    const payload = payloadOf(first);
    return payload === undefined ? undefined : reply.send(payload);
  });

  fastify.addHook("onSend", async (/** @type {any} */ request, /** @type {any} */ _reply, /** @type {any} */ payload) => {
    const pending = waiting.get(request);
    waiting.delete(request);
    return pending ? pending.send(payload) : payload;
  });

  // A response that was sent past Fastify has no onSend.
  fastify.addHook("onResponse", async (/** @type {any} */ request) => waiting.get(request)?.miss());
}

/** What is not known of an answer that never came by. */
const missing = { status: 0, header: () => undefined, body: undefined };

/**
 * A payload's bytes where they may be kept, and the payload that goes on in its place.
 *
 * @param {any} payload
 * @param {string | undefined} refused why they may not
 * @param {number} limit
 * @returns {Promise<{ body: Uint8Array<ArrayBuffer> | undefined, rest: any, reason?: string | undefined }>}
 */
async function bytesOf(payload, refused, limit) {
  const past = (/** @type {any} */ rest, /** @type {string | undefined} */ reason) => ({ body: undefined, rest, reason });
  if (refused !== undefined || payload === null || payload === undefined) return past(payload, refused);
  if (typeof payload === "string" || payload instanceof Uint8Array) {
    const body = Uint8Array.from(Buffer.from(payload));
    return body.byteLength > limit ? past(payload, "too-large") : { body, rest: payload };
  }
  if (typeof payload.pipe !== "function") return past(payload, "stream");
  const chunks = [];
  const source = payload[Symbol.asyncIterator]();
  for (let length = 0; length <= limit; ) {
    const { done, value } = await source.next();
    if (done) {
      const body = joined(chunks, length);
      return { body, rest: Buffer.from(body) };
    }
    const chunk = Buffer.from(value);
    chunks.push(chunk);
    length += chunk.byteLength;
  }
  return past(Readable.from(resumed(chunks, source)), "too-large");
}

/**
 * @param {any[]} chunks
 * @param {AsyncIterator<any>} source
 */
async function* resumed(chunks, source) {
  try {
    yield* chunks;
    yield* { [Symbol.asyncIterator]: () => source };
  } finally {
    await source.return?.();
  }
}

/**
 * A mutation's stream, whose end waits for the invalidation.
 *
 * @param {AsyncIterable<any>} payload
 * @param {() => Promise<unknown>} settle
 */
async function* heldBack(payload, settle) {
  try {
    yield* payload;
  } finally {
    await settle();
  }
}

// Hooks of a plugin reach its own scope only; this says that the scope is the one it is registered in.
export const cached = Object.assign(plugin, {
  [Symbol.for("skip-override")]: true,
  [Symbol.for("fastify.display-name")]: "endpoint-cache",
  [Symbol.for("plugin-meta")]: { name: "endpoint-cache", fastify: ">=5" },
});
export default cached;
