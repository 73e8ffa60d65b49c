/**
 * Requests and responses of the web platform, for every framework that speaks them: fetch handlers, Hono, h3.
 *
 * A body is read up to a limit and no further. A handler whose answer others may get is given a request of its own: without
 * its caller's signal and conditions, so that neither ends up in an answer for somebody else.
 */

import { cacheStatus, headersOf304, hiddenHeaders, isUnchanged } from "./record.js";

/**
 * @typedef {import("./serve.js").Captured} Captured
 * @typedef {import("./serve.js").Judge} Judge
 * @typedef {import("./serve.js").Outcome} Outcome
 * @typedef {import("./settings.js").Settings} Settings
 */

/**
 * @param {Request} request
 * @param {any} subject
 * @param {() => Promise<string>} text of the body
 * @param {any} ctx with a `waitUntil`, or nothing
 * @returns {import("./locate.js").Incoming}
 */
export function webIncoming(request, subject, text, ctx) {
  const { url, method, headers } = request;
  const start = url.indexOf("//") + 2;
  const slash = url.indexOf("/", start);
  const hash = url.indexOf("#", slash);
  const whole = hash < 0 ? url.slice(slash) : url.slice(slash, hash);
  const mark = whole.indexOf("?");
  return {
    subject,
    method,
    path: mark < 0 ? whole : whole.slice(0, mark),
    search: mark < 0 ? "" : whole.slice(mark + 1),
    host: url.slice(start, slash).toLowerCase(),
    mount: "",
    caseSensitive: true,
    header: (name) => headers.get(name) ?? undefined,
    json: async () => {
      if (request.body === null) return null;
      if (!isJson(headers.get("content-type"))) return undefined;
      const body = await text();
      try {
        return body === "" ? null : JSON.parse(body);
      } catch {
        return undefined;
      }
    },
    waitUntil: typeof ctx?.waitUntil === "function" ? (work) => ctx.waitUntil(work) : undefined,
    execution: typeof ctx === "object" && ctx !== null ? ctx : undefined,
  };
}

/**
 * By its name, because servers put a class of their own in the place of `Response`.
 * @param {unknown} value
 */
export const isResponse = (value) => Object.prototype.toString.call(value) === "[object Response]";

/** @param {string | null | undefined} type */
export const isJson = (type) => /^\s*application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type ?? "");

/**
 * The request as a handler may see it whose answer others may get.
 *
 * @param {Request} request
 * @param {string} method
 * @param {string | undefined} body
 * @param {boolean} shared whether the key names no user
 */
export function detached(request, method, body, shared) {
  const headers = new Headers(request.headers);
  for (const name of hiddenHeaders(shared)) headers.delete(name);
  return new Request(request.url, body === undefined ? { method, headers } : { method, headers, body });
}

/**
 * What a handler answered, its body read as far as it may be kept.
 *
 * @param {Response} response
 * @param {Judge} judge
 * @param {number} limit bytes
 * @returns {Promise<Captured>}
 */
export async function capture(response, judge, limit) {
  const { status, headers } = response;
  const header = (/** @type {string} */ name) => headers.get(name) ?? undefined;
  const verdict = judge(status, header);
  // A failure is worth its bytes: those who wait for it get a copy.
  const keeps = (verdict.reason === undefined || status >= 500) && response.body !== null;
  if (!keeps) return { own: response, status, header, body: undefined };
  if (Number(header("content-length") ?? 0) > limit) return { own: response, status, header, body: undefined, reason: "too-large" };
  const { bytes, whole } = await readUpTo(response.body, limit);
  const own = new Response(whole ? bytes : /** @type {any} */ (bytes), { status, statusText: response.statusText, headers });
  return whole ? { own, status, header, body: bytes } : { own, status, header, body: undefined, reason: "too-large" };
}

/**
 * All bytes of a stream, or, past the limit, a stream of what was read and what is left.
 *
 * @param {ReadableStream<Uint8Array>} stream
 * @param {number} limit
 * @returns {Promise<{ bytes: any, whole: boolean }>}
 */
export async function readUpTo(stream, limit) {
  const reader = stream.getReader();
  /** @type {Uint8Array[]} */
  const chunks = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { bytes: joined(chunks, length), whole: true };
    chunks.push(value);
    length += value.byteLength;
    if (length > limit) break;
  }
  const rest = new ReadableStream({
    async pull(controller) {
      const first = chunks.shift();
      if (first !== undefined) return controller.enqueue(first);
      const { done, value } = await reader.read();
      return done ? controller.close() : controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return { bytes: rest, whole: false };
}

/**
 * A copy of some chunks in one piece, that nobody else holds.
 *
 * @param {Uint8Array[]} chunks
 * @param {number} length
 */
export function joined(chunks, length) {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

/**
 * A mutation's answer. One that has no end yet goes out at once, and its last byte waits for the invalidation: until then
 * the mutation counts as under way.
 *
 * @param {Response} response
 * @param {number} limit
 */
export async function held(response, limit) {
  if (response.body === null) return { own: response };
  const length = response.headers.get("content-length");
  const init = { status: response.status, statusText: response.statusText, headers: response.headers };
  let { body } = response;
  if (isJson(response.headers.get("content-type")) || (length !== null && Number(length) <= limit)) {
    const { bytes, whole } = await readUpTo(body, limit);
    if (whole) return { own: new Response(bytes, init) };
    body = bytes;
  }
  const reader = body.getReader();
  let finish = () => {};
  const done = new Promise((resolve) => (finish = () => resolve(undefined)));
  /** @type {Promise<unknown>} */
  let settled = done;
  const stream = new ReadableStream({
    async pull(controller) {
      try {
        const { done: ended, value } = await reader.read();
        if (!ended) return controller.enqueue(value);
      } catch (error) {
        finish();
        await settled;
        return controller.error(error);
      }
      finish();
      await settled;
      return controller.close();
    },
    cancel: (reason) => (finish(), reader.cancel(reason)),
  });
  const headers = new Headers(init.headers);
  // With its length known, an answer would be whole to its receiver before its last byte is held.
  headers.delete("content-length");
  const hold = (/** @type {Promise<unknown>} */ promise) => void (settled = promise);
  return { own: new Response(stream, { ...init, headers }), done, hold };
}

/**
 * The response that goes out.
 *
 * @param {Outcome} outcome
 * @param {Settings} settings
 * @param {Request} request
 * @returns {Response}
 */
export function webResponse({ own, record, denied, info }, settings, request) {
  if (denied !== undefined) return isResponse(denied.result) ? /** @type {any} */ (denied.result) : new Response(null, { status: 403 });
  const asked = (/** @type {string} */ name) => request.headers.get(name) ?? undefined;
  if (own === undefined && record !== undefined) return fromRecord(record, info, settings, request.method, asked);
  let response = own;
  if (record !== undefined) {
    const { headers } = own;
    if (record.etag !== undefined) headers.set("etag", record.etag);
    if (record.status === 200 && isUnchanged(record.etag, headers.get("last-modified") ?? undefined, asked)) {
      headers.delete("content-length");
      headers.delete("content-type");
      response = new Response(null, { status: 304, headers });
    } else if (request.method === "HEAD") {
      headers.set("content-length", String(record.body.byteLength));
      response = new Response(null, { status: record.status, headers });
    }
  } else if (request.method === "HEAD" && response.body !== null) {
    response = new Response(null, response);
  }
  return marked(response, info, settings);
}

/**
 * A response out of the cache, its headers handed over in one piece: a hit is mostly the making of it.
 *
 * @param {import("./record.js").HttpRecord} record
 * @param {import("./serve.js").Info} info
 * @param {Settings} settings
 * @param {string} method
 * @param {(name: string) => string | undefined} asked
 */
function fromRecord(record, info, settings, method, asked) {
  const { status, body, etag } = record;
  const unchanged = status === 200 && isUnchanged(etag, record.headers.find(([name]) => name === "last-modified")?.[1], asked);
  /** @type {[string, string][]} */
  const headers = /** @type {any} */ ((unchanged ? headersOf304(record.headers) : record.headers).slice());
  headers.push(["age", String(Math.floor(info.age))]);
  const [note, word] = cacheStatus(info, settings.cacheStatus || "endpoint-cache");
  if (settings.cacheStatus !== false) headers.push(["cache-status", note]);
  if (settings.xCache) headers.push(["x-cache", word]);
  if (unchanged) return new Response(null, { status: 304, headers });
  if (method !== "HEAD") return new Response(body, { status, headers });
  headers.push(["content-length", String(body.byteLength)]);
  return new Response(null, { status, headers });
}

/**
 * @param {Response} response the handler's own
 * @param {import("./serve.js").Info} info
 * @param {Settings} settings
 */
function marked(response, info, settings) {
  if (!isResponse(response) || response.status === 101) return response;
  const [note, word] = cacheStatus(info, settings.cacheStatus || "endpoint-cache");
  const write = (/** @type {Headers} */ headers) => {
    if (settings.cacheStatus !== false) headers.append("cache-status", note);
    if (settings.xCache) headers.set("x-cache", word);
  };
  try {
    write(response.headers);
    return response;
  } catch {
    // Headers of what fetch or Response.redirect made cannot be changed.
    const copy = new Response(response.body, response);
    write(copy.headers);
    return copy;
  }
}
