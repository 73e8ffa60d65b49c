/** The cache as Hono middleware: `app.use(cached(cache, { identity }))`. */

import type { Context, MiddlewareHandler } from "hono";
import { guarded } from "../../../src/bindings/host/loads.js";
import { Hidden } from "../http/hide.js";
import { serve } from "../http/handle-request.js";
import { readSettings } from "../http/settings.js";
import { capture, detached, held, webIncoming, webResponse } from "../http/web.js";
import { peerError } from "../peers.js";
import type { CacheService, HttpOptions } from "../types/http.js";

export type * from "../types/http.js";

/**
 * Middleware that answers from the cache what comes after it. Put it after whatever finds out who asks. It cannot see what middlewares around it
 * add to its response: register after it what sets cookies or `Cache-Control`.
 * @throws TypeError "ERR_OPTION" naming the option
 */
export function cached(cache: CacheService, options: HttpOptions<Context>): MiddlewareHandler {
  const settings = readSettings(cache, options);
  return async (c, next) => {
    // What is no context of Hono's has no request in it.
    const request = (c.req as Context["req"] | undefined)?.raw;
    if (request === undefined) throw peerError("hono", "Hono 3 or newer", "a context without req.raw");
    /** The body's text, once somebody had to read it. */
    let body: string | undefined;
    // Hono keeps the text it has read, so that the handler can read it again.
    const text = async () => (body = await c.req.text());
    // Where the runtime has no execution context, it throws.
    const incoming = webIncoming(
      request,
      c,
      text,
      guarded(() => c.executionCtx),
    );
    const limit = settings.maxBodyBytes;
    const run = async () => {
      await next();
      return c.res as Response;
    };
    const outcome = await serve(cache, settings, incoming, {
      // A chain runs once, and its context is its request's.
      background: false,
      read: async (refusal, shared, conclude) => {
        const hidden = new Hidden(shared);
        // Hono itself has the route of GET answer HEAD.
        c.req.raw = detached(request, request.method === "HEAD" ? "GET" : request.method, body, shared);
        const unwatch = watch(c, hidden);
        try {
          return await capture(await run(), refusal, limit, hidden, conclude);
        } finally {
          hidden.show();
          unwatch();
          c.req.raw = request;
        }
      },
      alone: run,
      mutate: async (settled) => held(await run(), limit, settled),
    });
    const response = webResponse(outcome, settings, incoming);
    // Hono merges a response with the one before it: with what other middlewares have prepared, which is wanted, and with the
    // handler's own, which this one replaces.
    if (c.finalized) c.res = undefined;
    else void c.res;
    c.res = response;
    return undefined;
  };
}

/**
 * Notices when a handler looks at what other middlewares have found out about the asker, and hides what Node's own request
 * carries, which handlers reach by `c.env`.
 *
 * @returns ends it
 */
function watch(c: Context, hidden: Hidden): () => void {
  const { get, env } = c;
  const prototype = Object.getPrototypeOf(c);
  hidden.request(env?.incoming);
  c.get = hidden.watched(get);
  Object.defineProperty(c, "var", {
    configurable: true,
    get() {
      const all = { ...Reflect.get(prototype, "var", c) };
      hidden.watch(all);
      return all;
    },
  });
  return () => {
    if (Object.hasOwn(c, "var")) delete c.var;
    c.get = get;
  };
}
