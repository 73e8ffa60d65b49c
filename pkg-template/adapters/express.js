/** The cache as Express middleware: `app.use(cached(cache, { identity }))`. */

import { answerBatch } from "../lib/http/batch.js";
import { headerOf, hide, hold, holdEnd, nodeIncoming } from "../lib/http/node.js";
import { cacheStatus, headersOf304, isUnchanged } from "../lib/http/record.js";
import { serve } from "../lib/http/serve.js";
import { readSettings } from "../lib/http/settings.js";

/**
 * @param {any} cache
 * @param {any} options
 */
export function cached(cache, options) {
  const settings = readSettings(cache, options);
  return (/** @type {any} */ req, /** @type {any} */ res, /** @type {(error?: unknown) => void} */ next) => {
    /** How the answer that is held back is let out. @type {(() => void) | undefined} */
    let send;
    answer(cache, settings, req, res, next, (release) => (send = release)).catch((error) => {
      send?.();
      next(error);
    });
  };
}

/**
 * @param {any} cache
 * @param {import("../lib/http/settings.js").Settings} settings
 * @param {any} req
 * @param {any} res
 * @param {(error?: unknown) => void} next
 * @param {(release: () => void) => void} holding
 */
async function answer(cache, settings, req, res, next, holding) {
  const incoming = nodeIncoming(req, req, req.baseUrl ?? "", req.app?.enabled?.("case sensitive routing") ?? true);
  if (settings.batch !== undefined && incoming.path === settings.batch.path && incoming.method === "POST") {
    const { status, body } = await answerBatch(cache, settings, incoming);
    res.status(status).json(body);
    return;
  }
  const { headers } = req;
  /** @type {ReturnType<typeof hold> | undefined} */
  let held;
  let send = () => {};
  const info = (/** @type {import("../lib/http/serve.js").Info} */ info, /** @type {boolean} */ aged) => mark(res, info, settings, aged);
  const outcome = await serve(cache, settings, incoming, {
    // The handler's response is its caller's.
    background: false,
    read: (judge, shared) =>
      new Promise((resolve) => {
        const { method } = req;
        const show = hide(req, shared);
        held = hold(res, judge, settings.maxBodyBytes, (captured) => {
          show();
          req.method = method;
          // What goes out while it is written gets its headers now or never.
          if (captured.body === undefined && !res.headersSent) info({ cache: "miss", reason: captured.reason, age: 0, ttl: null }, false);
          resolve(captured);
        });
        send = held.send;
        holding(send);
        // The handler writes the whole answer: Node itself leaves the body out for HEAD, and conditions are met here.
        if (req.method === "HEAD") req.method = "GET";
        next();
      }),
    alone: () => Promise.resolve({ next: true }),
    mutate: () => {
      const ending = holdEnd(res);
      send = ending.send;
      holding(send);
      info({ cache: "mutation", age: 0, ttl: null }, false);
      next();
      return ending.ended.then(() => ({ own: { mutation: true } }));
    },
  });
  const { own, record, denied } = outcome;
  if (denied !== undefined) return void res.status(403).end();
  if (own?.next === true) {
    info(outcome.info, false);
    return next();
  }
  if (own?.mutation === true) return send();
  if (own?.sent === true) return;
  if (own === undefined && record !== undefined) {
    held?.drop();
    res.statusCode = record.status;
    for (const [name, value] of record.headers) res.setHeader(name, value);
  }
  info(outcome.info, own === undefined);
  if (record?.etag !== undefined) res.setHeader("etag", record.etag);
  if (record !== undefined && record.status === 200 && isUnchanged(record.etag, headerOf(res)("last-modified"), (name) => headers[name])) {
    held?.drop();
    res.statusCode = 304;
    for (const [name, value] of headersOf304(record.headers)) res.setHeader(name, value);
    info(outcome.info, own === undefined);
    res.removeHeader("content-length");
    return void res.end();
  }
  if (own !== undefined) return send();
  if (record === undefined) return next();
  res.setHeader("content-length", record.body.byteLength);
  res.end(Buffer.from(record.body.buffer));
}

/**
 * @param {any} res
 * @param {import("../lib/http/serve.js").Info} info
 * @param {import("../lib/http/settings.js").Settings} settings
 * @param {boolean} aged
 */
function mark(res, info, settings, aged) {
  if (res.headersSent) return;
  if (aged) res.setHeader("age", String(Math.floor(info.age)));
  const [status, word] = cacheStatus(info, settings.cacheStatus || "endpoint-cache");
  if (settings.cacheStatus !== false) res.setHeader("cache-status", status);
  if (settings.xCache) res.setHeader("x-cache", word);
}
