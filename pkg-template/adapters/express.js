/** The cache as Express middleware: `app.use(cached(cache, { identity }))`. */

import { statusOf, writeHeaders } from "../lib/http/answer.js";
import { hide, hold, holdEnd, nodeIncoming } from "../lib/http/node.js";
import { serve, told } from "../lib/http/serve.js";
import { readSettings } from "../lib/http/settings.js";

/**
 * @param {any} cache
 * @param {any} options
 */
export function cached(cache, options) {
  const settings = readSettings(cache, options);
  return async (/** @type {any} */ req, /** @type {any} */ res, /** @type {(error?: unknown) => void} */ next) => {
    /** What the handler wrote. @type {import("../lib/http/node.js").Held | undefined} */
    let held;
    try {
      const incoming = nodeIncoming(req, req, req.baseUrl ?? "", req.app?.enabled?.("case sensitive routing") ?? true);
      const set = (/** @type {string} */ name, /** @type {string} */ value) => res.setHeader(name, value);
      const headers = { set, append: set, delete: (/** @type {string} */ name) => res.removeHeader(name) };
      const mark = (/** @type {import("../lib/http/serve.js").Outcome} */ outcome) => {
        if (!res.headersSent) writeHeaders(headers, outcome, settings, incoming);
      };
      const outcome = await serve(cache, settings, incoming, {
        // The handler's response is its caller's.
        background: false,
        read: (refusal, shared) =>
          new Promise((resolve) => {
            const { method } = req;
            const show = hide(req, shared);
            const holding = hold(res, refusal, settings.maxBodyBytes, (captured) => {
              show();
              req.method = method;
              // What goes out while it is written gets its headers now or never.
              if (!captured.body) mark({ own: true, info: told("miss", captured.reason) });
              resolve({ ...captured, own: holding.send });
            });
            held = holding;
            // The handler writes the whole answer: Node itself leaves the body out for HEAD, and conditions are met here.
            if (method === "HEAD") req.method = "GET";
            next();
          }),
        alone: async () => next,
        mutate: async () => {
          const holding = holdEnd(res);
          held = holding;
          mark({ own: true, info: told("mutation") });
          next();
          await holding.ended;
          return { own: holding.send };
        },
      });
      const { own, record, denied, batch } = outcome;
      if (batch) return void res.status(batch.status).json(batch.body);
      if (denied) return void res.status(403).end();
      const status = record && statusOf(record, incoming);
      if (!record || res.headersSent || (own !== undefined && status !== 304)) {
        mark(outcome);
        return own?.();
      }
      held?.drop();
      mark(outcome);
      res.statusCode = status;
      res.end(status === 304 ? undefined : Buffer.from(record.body.buffer));
    } catch (error) {
      held?.send();
      next(error);
    }
  };
}
