/** The cache as Express middleware: `app.use(cached(cache, { identity }))`. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Held } from "../http/node.js";
import type { Outcome } from "../http/handle-request.js";
import type { Verdict } from "../http/storable.js";
import { statusOf, writeHeaders } from "../http/write-response.js";
import { isAwaited, whenHeaded } from "../http/head.js";
import { Hidden } from "../http/hide.js";
import { hold, holdEnd, nodeIncoming, type NodeRequest } from "../http/node.js";
import { serve, told } from "../http/handle-request.js";
import { readSettings } from "../http/settings.js";
import { checkPeer } from "../peers.js";
import type { CacheService, HttpOptions } from "../types/http.js";

export type * from "../types/http.js";

/** Lets the handler's own answer go. */
type Send = () => unknown;

/** What is used of Express beside Node's own requests and responses. */
type ExpressRequest = NodeRequest & { app?: { enabled?: (setting: string) => boolean } };
type ExpressResponse = ServerResponse & { status(code: number): { json(body: unknown): unknown } };

/**
 * Middleware that answers from the cache what comes after it. Put it after whatever finds out who asks, and after
 * `express.json()` where reads or mutations carry a body. Reads over HTTP/2 go past it. An answer is judged by the head it is
 * sent with, whoever added to it.
 * @typeParam Req `Request` of Express, for the functions among the options
 * @throws TypeError "ERR_OPTION" naming the option
 */
export function cached<
  // biome-ignore lint/suspicious/noExplicitAny: without annotations nothing says what a request is, and Express has members that Node has not.
  Req extends IncomingMessage = any,
>(cache: CacheService, options: HttpOptions<Req>): (req: Req, res: ServerResponse, next: (error?: unknown) => void) => void {
  const settings = readSettings(cache, options);
  return async (given: IncomingMessage, sent: ServerResponse, next) => {
    const [req, res] = [given as ExpressRequest, sent as ExpressResponse];
    checkPeer("express", "Express 4 or newer", res, ["setHeader", "end"]);
    /** What the handler wrote. */
    let held: Held | undefined;
    try {
      const incoming = nodeIncoming(req, req, req.baseUrl ?? "", req.app?.enabled?.("case sensitive routing") ?? true);
      const set = (name: string, value: string) => res.setHeader(name, value);
      const headers = { set, append: set, delete: (name: string) => res.removeHeader(name) };
      const mark = (outcome: Outcome<unknown>) => {
        if (!res.headersSent) writeHeaders(headers, outcome, settings, incoming);
      };
      /** Sends what an outcome holds, or lets the handler's own answer go. */
      const put = (outcome: Outcome<Send>) => {
        const { own, record } = outcome;
        const status = record ? statusOf(record, incoming) : 0;
        if (!record || res.headersSent || (own !== undefined && status !== 304)) {
          mark(outcome);
          return own?.();
        }
        held?.drop();
        mark(outcome);
        res.statusCode = status;
        res.end(status === 304 ? undefined : Buffer.from(record.body.buffer));
      };
      const outcome = await serve(cache, settings, incoming, {
        // The handler's response is its caller's.
        background: false,
        read: (refusal, shared, conclude) =>
          new Promise((resolve) => {
            const { method } = req;
            const awaited = isAwaited(res);
            const hidden = new Hidden(shared);
            hidden.request(req);
            const holding = hold(res, refusal, settings.maxBodyBytes, shared, (seen) => {
              hidden.show();
              req.method = method;
              const answer = conclude({ ...seen, reason: seen.reason ?? hidden.reason });
              const { record, reason, verdict } = answer;
              const own = holding.send;
              // What goes out while it is written gets its headers now or never.
              if (!seen.body) mark({ own: true, info: told("miss", reason) });
              if (!seen.body || !awaited) return resolve({ own, answer });
              // A middleware in front has yet to add to the head. What the answer was sent with decides about it.
              let check = () => {};
              const judged: Promise<Verdict> = new Promise((tell) => {
                check = whenHeaded(res, (status, header) => tell(answer.judgeSent(status, header)));
              });
              // Something else may stand in for a failure, so it is kept back.
              if (answer.failing) {
                const late = () => {
                  own();
                  check();
                };
                return resolve({ own: late, answer, later: judged });
              }
              put({ own, record, info: { ...told("miss", reason), ttl: verdict.ttl ?? null, open: true } });
              check();
              judged.then((sent) => resolve({ own, answer, sent }));
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
      const { denied, batch } = outcome;
      if (batch) return void res.status(batch.status).json(batch.body);
      if (denied) {
        res.statusCode = 403;
        return void res.end();
      }
      // A response of the web is what `authorize` may refuse with, and no answer.
      return put(outcome as Outcome<Send>);
    } catch (error) {
      held?.send();
      next(error);
    }
  };
}
