/** The cache as Hono middleware: `app.use(cached(cache, { identity }))`. */

import { guarded } from "../wasm/host/loads.js";
import { serve } from "../lib/http/serve.js";
import { readSettings } from "../lib/http/settings.js";
import { capture, detached, held, webIncoming, webResponse } from "../lib/http/web.js";

/**
 * @param {any} cache
 * @param {any} options
 */
export function cached(cache, options) {
  const settings = readSettings(cache, options);
  return async (/** @type {any} */ c, /** @type {() => Promise<void>} */ next) => {
    const request = c.req.raw;
    // Hono keeps the text it has read, so that the handler can read it again; where the runtime has no execution context it throws.
    const incoming = webIncoming(request, c, () => c.req.text(), guarded(() => c.executionCtx));
    const limit = settings.maxBodyBytes;
    const run = async () => {
      await next();
      return c.res;
    };
    const outcome = await serve(cache, settings, incoming, {
      // A chain runs once, and its context is its request's.
      background: false,
      read: async (refusal, shared) => {
        if (request.method === "GET") c.req.raw = detached(request, "GET", undefined, shared);
        try {
          return await capture(await run(), refusal, limit);
        } finally {
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
    else c.res;
    c.res = response;
    return undefined;
  };
}
