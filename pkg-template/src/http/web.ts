/**
 * Requests and responses of the web platform, for every framework that speaks them: fetch handlers, Hono, h3.
 *
 * A body is read up to a limit and no further. A handler whose answer others may get is given a request of its own: without
 * its caller's signal and conditions, so that neither ends up in an answer for somebody else.
 */

import type { Hidden } from "./hide.js";
import type { Incoming } from "./resolve-endpoint.js";
import type { Look } from "./storable.js";
import type { Answer, Captured, Outcome, Ran, Refusal, Seen } from "./handle-request.js";
import type { Settings } from "./settings.js";
import { statusOf, writeHeaders } from "./write-response.js";
import { isHidden } from "./hide.js";
import { isJson } from "./resolve-endpoint.js";
import { joined } from "./stored-response.js";
import { isResponse } from "./handle-request.js";

/**
 * @param text of the body
 * @param ctx with a `waitUntil`, or nothing
 */
export function webIncoming(request: Request, subject: unknown, text: () => Promise<string>, ctx: unknown): Incoming {
  const { url, method, headers } = request;
  // Not by `URL`, which would tidy up a path that a router reads as it was sent.
  const [, host = "", path = "", search = ""] = /^([^/]*\/\/[^/]*)([^?#]*)\??([^#]*)/.exec(url) ?? [];
  return {
    subject,
    method,
    path,
    search,
    host: host.toLowerCase(),
    header: lookInto(headers),
    isEmpty: () => request.body === null,
    parsed: async () => JSON.parse((await text()) || "null"),
    waitUntil: (ctx as { waitUntil?: Incoming["waitUntil"] } | null | undefined)?.waitUntil?.bind?.(ctx),
    execution: Object(ctx) === ctx ? (ctx as object) : undefined,
  };
}

/**
 * The request as a handler may see it whose answer others may get.
 *
 * @param text of the body, where somebody has read it
 * @param shared whether the key names no user
 */
export function detached(request: Request, method: string, text: string | undefined, shared: boolean) {
  const headers = new Headers(request.headers);
  for (const name of request.headers.keys()) if (isHidden(name, shared)) headers.delete(name);
  const body = method === "GET" || method === "HEAD" ? null : (text ?? request.body);
  // What is not read yet is handed on as it comes, which has to be said.
  return new Request(request.url, { method, headers, body, duplex: "half" } as RequestInit);
}

const lookInto =
  (headers: Headers): Look =>
  (name) =>
    headers.get(name) ?? undefined;

/**
 * What a handler answered, its body read as far as it may be kept.
 *
 * @param limit bytes
 * @param hidden from the handler, and shown again now that it is done
 */
export async function capture(
  response: Response,
  refusal: Refusal,
  limit: number,
  hidden: Hidden,
  conclude: (seen: Seen) => Answer,
): Promise<Captured<Response>> {
  const { status, headers } = response;
  const header = lookInto(headers);
  const reason = refusal(status, header);
  const { own, body } = reason ? { own: response } : await readUpTo(response, limit);
  hidden.show();
  return { own, answer: conclude({ status, header, body, reason: reason ?? hidden.reason ?? (body ? undefined : "too-large") }) };
}

/** A response and its bytes; past the limit, a response of what was read and what is left. */
async function readUpTo(response: Response, limit: number): Promise<{ own: Response; body?: Uint8Array<ArrayBuffer> | undefined }> {
  if (!response.body) return { own: response, body: new Uint8Array() };
  if (Number(response.headers.get("content-length")) > limit) return { own: response };
  const stream = response.body;
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  for (let length = 0; length <= limit; ) {
    const { done, value } = await reader.read();
    if (done) {
      const body = joined(chunks, length);
      return { own: new Response(body, response), body };
    }
    chunks.push(value);
    length += value.byteLength;
  }
  reader.releaseLock();
  const again = new TransformStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
    },
  });
  return { own: new Response(stream.pipeThrough(again), response) };
}

/**
 * A mutation's answer. One that has no end yet goes out at once, and its last byte waits for the invalidation: until then
 * the mutation counts as under way.
 */
export async function held(response: Response, limit: number, settled: () => Promise<unknown>): Promise<Ran<Response>> {
  const { body, headers } = response;
  const length = headers.get("content-length");
  let own = response;
  if (!body || isJson(headers.get("content-type")) || (length !== null && Number(length) <= limit)) {
    const read = await readUpTo(response, limit);
    ({ own } = read);
    if (read.body) return { own };
  }
  const { readable, writable } = new TransformStream();
  const done = (own.body as ReadableStream).pipeTo(writable, { preventClose: true, preventAbort: true }).then(
    () => () => writable.close(),
    (error) => () => writable.abort(error),
  );
  const finish = async () => {
    const end = await done;
    await settled();
    await end();
  };
  finish().catch(() => {});
  own = new Response(readable, own);
  // With its length known, an answer would be whole to its receiver before its last byte is held.
  own.headers.delete("content-length");
  return { own, done };
}

/** The response that goes out. */
export function webResponse<Own>(outcome: Outcome<Own | Response>, settings: Settings, incoming: Incoming): Own | Response {
  const { own, record, denied, batch } = outcome;
  if (batch) return Response.json(batch.body, batch);
  if (denied) return own ?? new Response(null, { status: 403 });
  // What is no response, or one that a socket takes over, is its framework's.
  const response = isResponse(own) ? own : undefined;
  if (!record && (response === undefined || response.status === 101)) return own as Own;
  const status = record ? statusOf(record, incoming) : response?.status;
  const write = (response: Response) => {
    writeHeaders(response.headers, outcome, settings, incoming);
    return response;
  };
  const withBody = (body: BodyInit | null | undefined) =>
    write(new Response(body, { status, statusText: response?.statusText, headers: response?.headers } as ResponseInit));
  if (status === 304 || incoming.method === "HEAD") return withBody(null);
  try {
    return response === undefined ? withBody(record?.body) : write(response);
  } catch {
    // Headers of what fetch or Response.redirect made cannot be changed.
    return withBody(response?.body);
  }
}
