/**
 * Requests and responses of Node's `http`, for Express and whatever hands them on.
 *
 * A handler writes into its response as ever; what it writes is held back until it is known whether it may be kept, and
 * goes out as it comes once that is a no. This module changes methods of one response object and puts them back.
 */

import type { Incoming } from "./resolve-endpoint.js";
import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { TLSSocket } from "node:tls";
import type { Look } from "./storable.js";
import type { Refusal, Seen } from "./handle-request.js";
import { guarded } from "../../../src/bindings/host/loads.js";
import { heard, lookInto, type Method, methodsOf, replace, setAll } from "./head.js";
import { joined } from "./stored-response.js";

export type NodeRequest = IncomingMessage & { originalUrl?: string; baseUrl?: string; body?: unknown; app?: unknown };

/** The methods by which a response is written. */
type Written = Record<"write" | "end" | "writeHead" | "flushHeaders", Method>;

/** What the user's functions are given: a request of Node, or of a framework of Node. */
export type NodeSubject = { body?: unknown; protocol?: string; hostname?: string };

export function nodeIncoming(req: NodeRequest, subject: NodeSubject, mount: string, caseSensitive: boolean): Incoming {
  const { headers } = req;
  // Taken once: what is hidden from a handler stays visible here.
  const header = lookInto(headers);
  const host = hostOf(req, subject, header);
  const [path = "", ...search] = (req.originalUrl ?? req.url ?? "/").split("?");
  return {
    subject,
    method: req.method ?? "GET",
    path,
    search: search.join("?"),
    host: host ?? "",
    // HTTP/2 has another kind of request and response, in which neither body nor head can be told as they can here.
    unfit: req.httpVersionMajor > 1 ? "http2" : host === undefined ? "host" : undefined,
    mount,
    caseSensitive,
    header,
    isEmpty: () => (header("content-length") ?? header("transfer-encoding") ?? "0") === "0",
    // The framework's parser has been here, or the body is not ours to read.
    parsed: async () => (typeof subject.body === "object" ? subject.body : undefined),
  };
}

/**
 * Where a request was sent, in the framework's own words: behind a proxy that it trusts, that is not what the `Host` header says.
 *
 * @returns nothing where the framework cannot tell
 */
function hostOf(req: NodeRequest, subject: NodeSubject, header: Look): string | undefined {
  const said = `${(req.socket as Partial<TLSSocket> | undefined)?.encrypted ? "https" : "http"}://${header("host") ?? ""}`;
  // Without these the framework has nothing but the header and the socket.
  if (header("x-forwarded-host") === undefined && header("x-forwarded-proto") === undefined) return said.toLowerCase();
  return guarded(() => `${said} ${subject.protocol}://${subject.hostname}`.toLowerCase());
}

/** What a call of `write` or `end` is given to send. */
function bytesOf([chunk, encoding]: unknown[]): Uint8Array {
  if (typeof chunk === "string") return Buffer.from(chunk, typeof encoding === "string" ? (encoding as BufferEncoding) : "utf8");
  return chunk instanceof Uint8Array ? chunk : Buffer.alloc(0);
}

/** The callback among a call's arguments. */
const callbackOf = (args: unknown[]) => args.find((arg): arg is () => void => typeof arg === "function");

/** Says that a write is done which is held back. */
function accept(args: unknown[]) {
  const callback = callbackOf(args);
  if (callback !== undefined) queueMicrotask(callback);
  return true;
}

/** `send` lets out what is held; `drop` forgets it, so that another may be sent. */
export type Held = { send(): void; drop(): void };

/**
 * Holds back what is written to a response.
 *
 * @param limit bytes
 * @param shared whether the key names no user
 * @param tell is called once, when the answer is whole or goes out
 */
export function hold(res: ServerResponse, refusal: Refusal, limit: number, shared: boolean, tell: (seen: Seen) => void): Held {
  const { write, end, writeHead, flushHeaders } = methodsOf(res) as Written;
  const { statusCode } = res;
  const headers = res.getHeaders();
  let chunks: Uint8Array[] = [];
  let length = 0;
  /** Whether the head was judged, whether somebody has called for it, and whether its cookies count. */
  let judged = false;
  let headed = false;
  let cookies = true;
  /** Whether the answer is whole, and whether it goes out as it is written. */
  let ended = false;
  let live = false;
  let callback: (() => void) | undefined;
  // What a handler does to the response after its end must not change what was said: these are its headers as they are now.
  const report = (more: Partial<Seen>) => {
    res.off("close", cut);
    tell({ status: res.statusCode, header: look(), body: undefined, ...more });
  };
  const look = () => heard(lookInto(res.getHeaders()), cookies);
  const release = () => {
    live = true;
    restore();
  };
  const send = () => {
    if (live) return;
    release();
    if (ended) end.call(res, length > 0 ? chunks[0] : undefined, undefined, callback);
    else for (const chunk of chunks) write.call(res, chunk);
  };
  /** From here on everything goes out as it is written. */
  const letGo = (reason: string) => {
    if (live || ended) return;
    report({ reason });
    send();
  };
  const cut = () => {
    if (length > 0) letGo("aborted");
  };
  /**
   * The head as those leave it who wait until it is written, if they came after the cache: they have wrapped the method here.
   * A cookie of theirs is for the session and says nothing against an answer that is kept for one user.
   */
  const finishHead = () => {
    cookies = shared || res.hasHeader("set-cookie");
    if (!headed && methodsOf(res).writeHead !== methods.writeHead) res.writeHead(res.statusCode);
  };
  const judgeHead = () => {
    if (judged) return undefined;
    judged = true;
    const reason = refusal(res.statusCode, look());
    if (reason === undefined) finishHead();
    return reason ?? refusal(res.statusCode, look());
  };
  /** Whether what a call writes is held. */
  const take = (args: unknown[]) => {
    if (live || ended) return !live;
    const reason = judgeHead();
    const bytes = bytesOf(args);
    if (reason !== undefined) letGo(reason);
    else if (length + bytes.byteLength > limit) letGo("too-large");
    else {
      // A copy: the writer may use its buffer again.
      chunks.push(Uint8Array.from(bytes));
      length += bytes.byteLength;
    }
    return !live;
  };
  const methods = {
    write: (...args: unknown[]) => (take(args) ? accept(args) : write.apply(res, args)),
    end(...args: unknown[]) {
      if (!take(args)) return end.apply(res, args);
      if (ended) return res;
      ended = true;
      callback = callbackOf(args);
      const body = joined(chunks, length);
      chunks = [Buffer.from(body.buffer)];
      report({ body });
      return res;
    },
    writeHead(status: unknown, ...rest: unknown[]) {
      if (live) return writeHead.call(res, status, ...rest);
      headed = true;
      res.statusCode = status as number;
      if (typeof rest[0] === "string") res.statusMessage = rest.shift() as string;
      setAll(res, (rest[0] ?? {}) as OutgoingHttpHeaders | unknown[]);
      return res;
    },
    flushHeaders() {
      letGo("stream");
      if (live) flushHeaders.call(res);
    },
  };
  const restore = replace(res, methods);
  res.on("close", cut);
  return {
    send,
    drop() {
      release();
      for (const name of res.getHeaderNames()) res.removeHeader(name);
      for (const name in headers) res.setHeader(name, headers[name] as OutgoingHttpHeader);
      res.statusCode = statusCode;
    },
  };
}

/** Holds back the end of a mutation's response, by which its receiver learns that the change is done. */
export function holdEnd(res: ServerResponse): Held & { ended: Promise<unknown> } {
  const { write, end } = methodsOf(res) as Written;
  let live = false;
  let last: unknown[] | undefined;
  const late: unknown[][] = [];
  let sent = 0;
  let tell = () => {};
  const ended = new Promise((resolve) => (tell = () => resolve(undefined)));
  // Its "close" says that the receiver is gone. The handler is still at work then, and its change is still to come.
  const restore = replace(res, {
    write(...args) {
      if (!live) sent += bytesOf(args).byteLength;
      // With its length known, the answer would be whole to its receiver before it is ended.
      if (live || (sent < Number(res.getHeader("content-length") ?? Infinity) && late.length === 0)) return write.apply(res, args);
      late.push(args);
      return accept(args);
    },
    end(...args) {
      if (live) return end.apply(res, args);
      last ??= args;
      tell();
      return res;
    },
  });
  return {
    ended,
    send() {
      live = true;
      restore();
      for (const args of late) write.call(res, bytesOf(args));
      if (last !== undefined) end.apply(res, last);
    },
    drop() {},
  };
}
