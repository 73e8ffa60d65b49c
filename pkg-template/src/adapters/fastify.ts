/** The cache as a Fastify plugin: `app.register(cached, { cache, identity })`. It covers the requestMemo of the scope it is registered in. */

import type { HttpRecord } from "../http/stored-response.js";
import type { Answer, Captured, Info, Outcome, Ran } from "../http/handle-request.js";
import type { Verdict } from "../http/storable.js";
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { guarded } from "../../../src/bindings/host/loads.js";
import { statusOf, writeHeaders, writeInfo, writeRecord } from "../http/write-response.js";
import { isAwaited, lookInto, whenHeaded } from "../http/head.js";
import { Hidden } from "../http/hide.js";
import { hold, holdEnd, nodeIncoming } from "../http/node.js";
import { joined } from "../http/stored-response.js";
import { serve, told } from "../http/handle-request.js";
import { readSettings } from "../http/settings.js";
import { checkPeer, peerError } from "../peers.js";
import type { CacheService, HttpOptions } from "../types/http.js";

export type * from "../types/http.js";

/** Options of the plugin: those of every adapter, and the cache. */
export interface FastifyCacheOptions extends HttpOptions<FastifyRequest> {
  cache: CacheService;
}

/** What a request's own handler is waited for with. */
type Pending = { send: (payload: unknown) => Promise<unknown>; miss: () => void };

/** Under which a route says whether it has constraints. */
const CONSTRAINED = Symbol("endpoint-cache: constrained");

/** Tells which requestMemo are chosen by more than method and path, which is what the key holds. */
function constraintsOf(fastify: FastifyInstance): (request: FastifyRequest) => boolean {
  fastify.addHook("onRoute", (route) => {
    route.config = { ...route.config, [CONSTRAINED]: Object.keys(route.constraints ?? {}).length > 0 };
  });
  let some: boolean | undefined;
  // Routes that were there before this plugin do not say it. They count as constrained where any route of the server is.
  const unknown = () => (some ??= guarded(() => /\) \{/.test(fastify.printRoutes()), true) ?? true);
  return (request) =>
    !request.is404 && ((request.routeOptions.config as { [CONSTRAINED]?: boolean } | undefined)?.[CONSTRAINED] ?? unknown());
}

/** @param given two of which are of Fastify's own `register` */
async function plugin(
  fastify: FastifyInstance,
  given: FastifyCacheOptions & { logLevel?: unknown; logSerializers?: unknown },
): Promise<void> {
  const { cache, logLevel: _, logSerializers: __, ...options } = given;
  const wanted = "Fastify 4 or newer";
  checkPeer("fastify", wanted, fastify, ["addHook"]);
  if (Number.parseInt(fastify.version, 10) < 4) throw peerError("fastify", wanted, `Fastify ${fastify.version}`);
  const settings = readSettings(cache, options);
  const { caseSensitive = fastify.initialConfig.routerOptions?.caseSensitive ?? true } = fastify.initialConfig;
  const isConstrained = constraintsOf(fastify);
  const waiting: WeakMap<object, Pending> = new WeakMap();

  fastify.addHook("preHandler", async (request, reply) => {
    const { raw } = reply;
    const incoming = nodeIncoming(request.raw, request, fastify.prefix, caseSensitive);
    if (isConstrained(request)) incoming.unfit ??= "constraints";
    const set = (name: string, value: string) => reply.header(name, value);
    const headers = { set, append: set, delete: (name: string) => reply.removeHeader(name) };
    /** The payload of an outcome, undefined where that is the handler's own. */
    const payloadOf = (outcome: Outcome<unknown>) => {
      const { own, record } = outcome;
      writeHeaders(headers, outcome, settings, incoming);
      const status = record ? statusOf(record, incoming) : 0;
      if (!record || (own !== undefined && status !== 304)) return undefined;
      reply.code(status);
      return status === 304 ? null : Buffer.from(record.body.buffer);
    };
    let go = () => {};
    const handler: Promise<undefined> = new Promise((resolve) => (go = () => resolve(undefined)));
    const waitFor = (pending: Pending) => {
      waiting.set(request, pending);
      go();
    };
    /**
     * The payload of an answer that may be kept. Plugins that were registered later have yet to add to its head, and so have
     * middlewares around the server: what it is sent with decides about it.
     */
    const sendKept = (answer: Answer, shared: boolean, rest: unknown, tell: (captured: Captured<true>) => void) => {
      const record = answer.record as HttpRecord;
      const unchanged = statusOf(record, incoming) === 304;
      writeRecord(headers, { record, info: told("miss") }, settings, incoming);
      if (unchanged) reply.code(304);
      const awaited = isAwaited(raw);
      raw.once("close", () => tell({ own: true, answer, sent: answer.judgeSent(0, () => undefined) }));
      const note = {
        set: (name: string, value: string) => raw.setHeader(name, value),
        append: (name: string, value: string) => raw.setHeader(name, value),
        delete: () => {},
      };
      const holding = hold(
        raw,
        () => undefined,
        Infinity,
        shared,
        ({ status, header, body }) => {
          const say = (info: Info) => raw.headersSent || writeInfo(note, { own: true, info }, settings);
          if (awaited || body === undefined) {
            say({ ...told("miss"), ttl: answer.verdict.ttl ?? null, open: true });
            const check = whenHeaded(raw, (sent, last) => tell({ own: true, answer, sent: answer.judgeSent(sent, last) }));
            holding.send();
            check();
          } else {
            tell({ own: true, answer, sent: answer.judgeSent(status, header) });
            outcome
              .then(({ info }) => say(info))
              .catch(() => {})
              .then(holding.send);
          }
        },
      );
      return unchanged ? null : rest;
    };
    const outcome = serve(cache, settings, incoming, {
      background: false,
      read: async (refusal, shared, conclude) => {
        // Fastify leaves the body of HEAD out by itself, and a handler may know that.
        if (incoming.method === "HEAD") return { own: true, answer: conclude({ ...missing, reason: "head" }) };
        const hidden = new Hidden(shared);
        hidden.request(request.raw);
        hidden.request(request);
        if (shared) pauseAtSend(reply, hidden);
        return new Promise((tell) =>
          waitFor({
            send: async (payload) => {
              hidden.paused = false;
              const { statusCode: status } = reply;
              const header = lookInto({ ...reply.getHeaders() });
              const { rest, ...found } = await bytesOf(payload, refusal(status, header), settings.maxBodyBytes);
              hidden.show();
              const answer = conclude({ status, header, body: found.body, reason: found.reason ?? hidden.reason });
              if (answer.record && !answer.failing) return sendKept(answer, shared, rest, tell);
              const judged: (judge: (verdict: Verdict) => void) => void = (judge) =>
                whenHeaded(raw, (sent, last) => judge(answer.judgeSent(sent, last)));
              tell({ own: true, answer, ...(answer.failing && { later: new Promise(judged) }) });
              const result = await outcome;
              if (result.own === undefined) reply.removeHeader("content-length");
              const sent = payloadOf(result);
              return sent === undefined ? rest : sent;
            },
            miss: () => {
              hidden.show();
              tell({ own: true, answer: conclude({ ...missing, reason: "hijacked" }) });
            },
          }),
        );
      },
      alone: async () => true,
      mutate: () =>
        new Promise<Ran<true>>((tell) => {
          const miss = () => tell({ own: true });
          const settle = () => {
            miss();
            return outcome;
          };
          const send = async (payload: unknown) => {
            writeHeaders(headers, { own: true, info: told("mutation") }, settings, incoming);
            if (isStream(payload)) return Readable.from(heldBack(payload, settle));
            await settle();
            return payload;
          };
          // A handler that answers past Fastify ends its response itself.
          const holding = holdEnd(raw);
          holding.ended.then(miss);
          outcome.catch(() => {}).then(holding.send);
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

  fastify.addHook("onSend", async (request, _reply, payload) => {
    const pending = waiting.get(request);
    waiting.delete(request);
    return pending ? pending.send(payload) : payload;
  });

  // A response that was sent past Fastify has no onSend.
  fastify.addHook("onResponse", async (request) => waiting.get(request)?.miss());
}

/** From the handler's answer to this plugin's hook, it is other plugins that look at sessions and users: to save them. */
function pauseAtSend(reply: FastifyReply, hidden: Hidden) {
  const { send } = reply;
  const value = (payload: unknown) => {
    Reflect.deleteProperty(reply, "send");
    hidden.paused = true;
    return send.call(reply, payload);
  };
  Object.defineProperty(reply, "send", { value, configurable: true, writable: true });
}

/** What is not known of an answer that never came by. */
const missing = { status: 0, header: () => undefined, body: undefined };

type Taken = { body: Uint8Array<ArrayBuffer> | undefined; rest: unknown; reason?: string | undefined };

function isStream(payload: unknown): payload is Readable {
  return typeof (payload as Partial<Readable> | null | undefined)?.pipe === "function";
}

/**
 * A payload's bytes where they may be kept, and the payload that goes on in its place.
 *
 * @param refused why they may not
 */
async function bytesOf(payload: unknown, refused: string | undefined, limit: number): Promise<Taken> {
  const past = (rest: unknown, reason: string | undefined): Taken => ({ body: undefined, rest, reason });
  if (refused !== undefined || payload === null || payload === undefined) return past(payload, refused);
  if (typeof payload === "string" || payload instanceof Uint8Array) {
    const body = Uint8Array.from(Buffer.from(payload));
    return body.byteLength > limit ? past(payload, "too-large") : { body, rest: payload };
  }
  if (!isStream(payload)) return past(payload, "stream");
  const chunks: Buffer[] = [];
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

async function* resumed(chunks: Buffer[], source: AsyncIterator<unknown>) {
  try {
    yield* chunks;
    yield* { [Symbol.asyncIterator]: () => source };
  } finally {
    await source.return?.();
  }
}

/** A mutation's stream, whose end waits for the invalidation. */
async function* heldBack(payload: Readable, settle: () => Promise<unknown>) {
  let whole = false;
  try {
    yield* payload;
    whole = true;
  } finally {
    // One that is cut, because its receiver has gone, is at work until it says that it is closed.
    if (!whole && payload.errored === null && payload.closed === false) await new Promise((resolve) => payload.once("close", resolve));
    await settle();
  }
}

/**
 * The plugin. It covers the routes of the scope that it is registered in, and answers in the `preHandler` phase: hooks
 * that find out who asks come earlier, or are registered before it. Reads over HTTP/2 and of routes with `constraints` go past
 * it. An answer is judged by the head it is sent with, whoever added to it.
 */
export const cached: FastifyPluginAsync<FastifyCacheOptions> = Object.assign(plugin, {
  // Hooks of a plugin reach its own scope only; this says that the scope is the one it is registered in.
  [Symbol.for("skip-override")]: true,
  [Symbol.for("fastify.display-name")]: "endpoint-cache",
  [Symbol.for("plugin-meta")]: { name: "endpoint-cache" },
});
export default cached;
