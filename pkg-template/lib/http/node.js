/**
 * Requests and responses of Node's `http`, for Express and whatever hands them on.
 *
 * A handler writes into its response as ever; what it writes is held back until it is known whether it may be kept, and
 * goes out as it comes once that is a no. This room changes methods of one response object and puts them back.
 */

import { isHidden } from "./locate.js";
import { joined } from "./record.js";

/**
 * @typedef {import("node:http").IncomingMessage & { originalUrl?: string, baseUrl?: string, body?: unknown, app?: any }} NodeRequest
 * @typedef {import("node:http").ServerResponse} NodeResponse
 */

/**
 * A look at headers as Node keeps them.
 *
 * @param {import("node:http").IncomingHttpHeaders | import("node:http").OutgoingHttpHeaders} headers
 * @returns {import("./policy.js").Look}
 */
export const lookInto = (headers) => (name) => {
  const value = headers[name];
  return value === undefined ? undefined : [value].flat().join(", ");
};

/**
 * @param {NodeRequest} req
 * @param {any} subject
 * @param {string} mount
 * @param {boolean} caseSensitive
 * @returns {import("./locate.js").Incoming}
 */
export function nodeIncoming(req, subject, mount, caseSensitive) {
  const header = lookInto(req.headers);
  const [path = "", ...search] = (req.originalUrl ?? req.url ?? "/").split("?");
  return {
    subject,
    method: req.method ?? "GET",
    path,
    search: search.join("?"),
    host: (header("host") ?? "").toLowerCase(),
    mount,
    caseSensitive,
    header,
    isEmpty: () => (header("content-length") ?? header("transfer-encoding") ?? "0") === "0",
    // The framework's parser has been here, or the body is not ours to read.
    parsed: async () => (typeof subject.body === "object" ? subject.body : undefined),
  };
}

/**
 * Hides from a handler what others must not get an answer to.
 *
 * @param {{ headers: import("node:http").IncomingHttpHeaders }} req
 * @param {boolean} shared whether the key names no user
 * @returns {() => void} shows it again
 */
export function hide(req, shared) {
  const { headers } = req;
  req.headers = Object.fromEntries(Object.entries(headers).filter(([name]) => !isHidden(name, shared)));
  return () => void (req.headers = headers);
}

/** What a call of `write` or `end` is given to send. @param {any[]} args @returns {Uint8Array} */
function bytesOf([chunk, encoding]) {
  if (typeof chunk === "string") return Buffer.from(chunk, typeof encoding === "string" ? /** @type {any} */ (encoding) : "utf8");
  return chunk instanceof Uint8Array ? chunk : Buffer.alloc(0);
}

/** The callback among a call's arguments. @param {any[]} args @returns {(() => void) | undefined} */
const callbackOf = (args) => args.find((arg) => typeof arg === "function");

/** Says that a write is done which is held back. @param {any[]} args */
function accept(args) {
  const callback = callbackOf(args);
  if (callback !== undefined) queueMicrotask(callback);
  return true;
}

/**
 * Puts methods in the place of a response's own.
 *
 * @param {any} res
 * @param {Record<string, (...args: any[]) => any>} methods
 * @returns {() => void} puts the response's own back, but not where somebody has wrapped the new ones meanwhile
 */
function replace(res, methods) {
  const own = Object.keys(methods).map((name) => [name, res[name]]);
  Object.assign(res, methods);
  return () => {
    for (const [name, method] of own) if (res[name] === methods[name]) res[name] = method;
  };
}

/** @typedef {{ send(): void, drop(): void }} Held `send` lets out what is held; `drop` forgets it, so that another may be sent */

/**
 * Holds back what is written to a response.
 *
 * @param {any} res
 * @param {import("./serve.js").Refusal} refusal
 * @param {number} limit bytes
 * @param {(captured: Omit<import("./serve.js").Captured, "own">) => void} tell is called once, when the answer is whole or goes out
 * @returns {Held}
 */
export function hold(res, refusal, limit, tell) {
  const { write, end, writeHead, flushHeaders, statusCode } = res;
  const headers = res.getHeaders();
  /** @type {Uint8Array[]} */
  let chunks = [];
  let length = 0;
  let judged = false;
  /** Whether the answer is whole, and whether it goes out as it is written. */
  let ended = false;
  let live = false;
  /** @type {(() => void) | undefined} */
  let callback;
  // What a handler does to the response after its end must not change what was said: these are its headers as they are now.
  const report = (/** @type {any} */ more) => {
    res.off("close", cut);
    tell({ status: res.statusCode, header: lookInto(res.getHeaders()), body: undefined, ...more });
  };
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
  /** From here on everything goes out as it is written. @param {string} reason */
  const letGo = (reason) => {
    if (live || ended) return;
    report({ reason });
    send();
  };
  const cut = () => {
    if (length > 0) letGo("aborted");
  };
  /** Whether what a call writes is held. @param {any[]} args */
  const take = (args) => {
    if (live || ended) return !live;
    const reason = judged ? undefined : refusal(res.statusCode, lookInto(res.getHeaders()));
    judged = true;
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
  const restore = replace(res, {
    write: (...args) => (take(args) ? accept(args) : write.apply(res, args)),
    end(...args) {
      if (!take(args)) return end.apply(res, args);
      if (ended) return res;
      ended = true;
      callback = callbackOf(args);
      const body = joined(chunks, length);
      chunks = [Buffer.from(body.buffer)];
      report({ body });
      return res;
    },
    writeHead(status, ...rest) {
      if (live) return writeHead.call(res, status, ...rest);
      res.statusCode = status;
      if (typeof rest[0] === "string") res.statusMessage = rest.shift();
      for (const [name, value] of pairsOf(rest[0] ?? {})) if (value !== undefined) res.setHeader(name, value);
      return res;
    },
    flushHeaders() {
      letGo("stream");
      if (live) flushHeaders.call(res);
    },
  });
  res.on("close", cut);
  return {
    send,
    drop() {
      release();
      for (const name of res.getHeaderNames()) res.removeHeader(name);
      for (const name in headers) res.setHeader(name, headers[name]);
      res.statusCode = statusCode;
    },
  };
}

/** @param {any} headers an object, a list of pairs, or one of names and values in turn @returns {[string, any][]} */
function pairsOf(headers) {
  if (!Array.isArray(headers)) return Object.entries(headers);
  if (Array.isArray(headers[0])) return /** @type {any} */ (headers);
  return Array.from({ length: headers.length >> 1 }, (_, at) => [headers[2 * at], headers[2 * at + 1]]);
}

/**
 * Holds back the end of a mutation's response, by which its receiver learns that the change is done.
 *
 * @param {any} res
 * @returns {Held & { ended: Promise<unknown> }}
 */
export function holdEnd(res) {
  const { write, end } = res;
  let live = false;
  /** @type {any[] | undefined} */
  let last;
  /** @type {any[][]} */
  const late = [];
  let sent = 0;
  let tell = () => {};
  const ended = new Promise((resolve) => (tell = () => resolve(undefined)));
  res.on("close", tell);
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
      res.off("close", tell);
      live = true;
      restore();
      for (const args of late) write.call(res, bytesOf(args));
      if (last !== undefined) end.apply(res, last);
    },
    drop() {},
  };
}
