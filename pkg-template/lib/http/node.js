/**
 * Requests and responses of Node's `http`, for Express and whatever hands them on.
 *
 * A handler writes into its response as ever; what it writes is held back until it is known whether it may be kept, and
 * goes out as it comes once that is a no. This room changes methods of one response object and puts them back.
 */

import { hiddenHeaders } from "./record.js";
import { isJson, joined } from "./web.js";

/**
 * @typedef {import("node:http").IncomingMessage & { originalUrl?: string, baseUrl?: string, body?: unknown, app?: any }} NodeRequest
 * @typedef {import("node:http").ServerResponse} NodeResponse
 */

/**
 * @param {NodeRequest} req
 * @param {any} subject
 * @param {string} mount
 * @param {boolean} caseSensitive
 * @returns {import("./locate.js").Incoming}
 */
export function nodeIncoming(req, subject, mount, caseSensitive) {
  const url = req.originalUrl ?? req.url ?? "/";
  const mark = url.indexOf("?");
  const header = (/** @type {string} */ name) => {
    const value = req.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  };
  return {
    subject,
    method: req.method ?? "GET",
    path: mark < 0 ? url : url.slice(0, mark),
    search: mark < 0 ? "" : url.slice(mark + 1),
    host: (header("host") ?? "").toLowerCase(),
    mount,
    caseSensitive,
    header,
    json: async () => {
      const empty = header("content-length") === undefined && header("transfer-encoding") === undefined;
      if (empty || header("content-length") === "0") return null;
      // The framework's parser has been here, or the body is not ours to read.
      return isJson(header("content-type")) && typeof subject.body === "object" ? subject.body : undefined;
    },
    waitUntil: undefined,
    execution: undefined,
  };
}

/** @param {NodeResponse} res @returns {(name: string) => string | undefined} */
export const headerOf = (res) => (name) => {
  const value = res.getHeader(name);
  return value === undefined ? undefined : Array.isArray(value) ? value.join(", ") : String(value);
};

/**
 * Hides from a handler what others must not get an answer to.
 *
 * @param {{ headers: import("node:http").IncomingHttpHeaders }} req
 * @param {boolean} shared whether the key names no user
 * @returns {() => void} shows it again
 */
export function hide(req, shared) {
  const { headers } = req;
  const rest = { ...headers };
  for (const name of hiddenHeaders(shared)) delete rest[name];
  req.headers = rest;
  return () => void (req.headers = headers);
}

/** @param {any} chunk @param {any} encoding */
function bytesOf(chunk, encoding) {
  if (chunk === undefined || chunk === null || typeof chunk === "function") return undefined;
  return typeof chunk === "string" ? Buffer.from(chunk, typeof encoding === "string" ? /** @type {any} */ (encoding) : "utf8") : chunk;
}

/** The last of a call's arguments, if it is a function. @param {any[]} args @returns {(() => void) | undefined} */
const callbackOf = (args) => args.find((arg) => typeof arg === "function");

/**
 * Holds back what is written to a response.
 *
 * @param {NodeResponse} res
 * @param {import("./serve.js").Judge} judge
 * @param {number} limit bytes
 * @param {(captured: import("./serve.js").Captured) => void} tell is called once, when the answer is whole or goes out
 * @returns {{ send: () => void, drop: () => void }} `send` lets out what is held; `drop` forgets it, so that another may be sent
 */
export function hold(res, judge, limit, tell) {
  const { write, end, writeHead, flushHeaders } = res;
  const header = headerOf(res);
  /** @type {Uint8Array[]} */
  let chunks = [];
  let length = 0;
  let judged = false;
  let told = false;
  let ended = false;
  let live = false;
  /** @type {(() => void)[]} */
  const callbacks = [];
  /** @type {any} */
  const own = {};
  const before = { status: res.statusCode, headers: Object.entries(res.getHeaders()) };
  /** Whoever wrapped the methods meanwhile keeps its wrappers: ours then pass everything on. */
  const restore = () => {
    live = true;
    for (const [name, method] of Object.entries({ write, end, writeHead, flushHeaders })) {
      const it = /** @type {any} */ (res);
      if (it[name] === /** @type {any} */ (patched)[name]) it[name] = method;
    }
  };
  const say = (/** @type {Uint8Array<ArrayBuffer> | undefined} */ body, /** @type {string} */ reason) => {
    if (told) return;
    told = true;
    res.off("close", cut);
    // What a handler does to the response after its end must not change what was said.
    const names = res.getHeaderNames();
    const all = new Map(names.map((name) => [name, header(name)]));
    tell({ own, status: res.statusCode, header: (name) => all.get(name), body, ...(body === undefined ? { reason } : {}) });
  };
  const flush = () => {
    for (const chunk of chunks) write.call(res, chunk, /** @type {any} */ (undefined), undefined);
    chunks = [];
    for (const callback of callbacks.splice(0)) callback();
  };
  /** From here on everything goes out as it is written. @param {string} reason */
  const letGo = (reason) => {
    if (live) return;
    own.sent = true;
    restore();
    say(undefined, reason);
    flush();
  };
  const cut = () => {
    if (length > 0) letGo("aborted");
  };
  /** @param {any} chunk @param {any} encoding @returns {boolean} whether it is held */
  const take = (chunk, encoding) => {
    const bytes = bytesOf(chunk, encoding);
    if (!judged) {
      judged = true;
      const { reason } = judge(res.statusCode, header);
      if (reason !== undefined && res.statusCode < 500) return letGo(reason), false;
    }
    if (bytes === undefined) return true;
    if (length + bytes.byteLength > limit) return letGo("too-large"), false;
    // A copy: the writer may use its buffer again.
    chunks.push(Uint8Array.from(bytes));
    length += bytes.byteLength;
    return true;
  };
  const patched = {
    write(/** @type {any} */ chunk, /** @type {any[]} */ ...rest) {
      if (ended && !live) return false;
      if (live || !take(chunk, rest[0])) return write.call(res, chunk, .../** @type {[any, any]} */ (rest));
      const callback = callbackOf(rest);
      if (callback !== undefined) queueMicrotask(callback);
      return true;
    },
    end(/** @type {any[]} */ ...args) {
      if (ended && !live) return res;
      if (live || !take(args[0], args[1])) return end.apply(res, /** @type {any} */ (args));
      ended = true;
      const callback = callbackOf(args);
      if (callback !== undefined) callbacks.push(callback);
      const body = joined(chunks, length);
      chunks = [body];
      say(body, "");
      return res;
    },
    writeHead(/** @type {number} */ status, /** @type {any[]} */ ...rest) {
      if (live) return writeHead.apply(res, /** @type {any} */ ([status, ...rest]));
      const headers = rest.find((arg) => typeof arg === "object" && arg !== null);
      res.statusCode = status;
      if (typeof rest[0] === "string") res.statusMessage = rest[0];
      const pairs = Array.isArray(headers) ? pairsOf(headers) : Object.entries(headers ?? {});
      for (const [name, value] of pairs) if (value !== undefined) res.setHeader(name, value);
      return res;
    },
    flushHeaders() {
      letGo("stream");
      flushHeaders.call(res);
    },
  };
  Object.assign(res, patched);
  res.on("close", cut);
  return {
    send() {
      if (live) return;
      restore();
      if (!ended) return flush();
      end.call(res, length === 0 ? undefined : Buffer.from(/** @type {any} */ (chunks[0]).buffer), /** @type {any} */ (undefined), () => {
        for (const callback of callbacks) callback();
      });
    },
    drop() {
      restore();
      chunks = [];
      for (const name of res.getHeaderNames()) res.removeHeader(name);
      for (const [name, value] of before.headers) if (value !== undefined) res.setHeader(name, value);
      res.statusCode = before.status;
    },
  };
}

/** @param {any[]} list of pairs, or of names and values in turn @returns {[string, any][]} */
function pairsOf(list) {
  if (Array.isArray(list[0])) return /** @type {any} */ (list);
  return Array.from({ length: list.length >> 1 }, (_, at) => [list[2 * at], list[2 * at + 1]]);
}

/**
 * Holds back the end of a mutation's response, by which its receiver learns that the change is done.
 *
 * @param {NodeResponse} res
 * @returns {{ ended: Promise<void>, send: () => void }}
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
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => (tell = resolve));
  res.on("close", tell);
  const patched = {
    write(/** @type {any[]} */ ...args) {
      if (live) return write.apply(res, /** @type {any} */ (args));
      sent += bytesOf(args[0], args[1])?.byteLength ?? 0;
      // With its length known, the answer would be whole to its receiver before it is ended.
      const total = Number(res.getHeader("content-length") ?? Infinity);
      if (sent < total && late.length === 0) return write.apply(res, /** @type {any} */ (args));
      late.push(args);
      const callback = callbackOf(args);
      if (callback !== undefined) queueMicrotask(callback);
      return true;
    },
    end(/** @type {any[]} */ ...args) {
      if (live) return end.apply(res, /** @type {any} */ (args));
      last ??= args;
      tell();
      return res;
    },
  };
  Object.assign(res, patched);
  return {
    ended,
    send() {
      res.off("close", tell);
      live = true;
      if (res.write === patched.write) res.write = write;
      if (/** @type {any} */ (res.end) === patched.end) res.end = end;
      for (const args of late) write.call(res, args[0], typeof args[1] === "string" ? /** @type {any} */ (args[1]) : "utf8", undefined);
      if (last !== undefined) end.apply(res, /** @type {any} */ (last));
    },
  };
}
