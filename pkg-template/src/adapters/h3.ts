/** The cache for h3: as middleware, `app.use(cached(cache, { identity }))`, or around one handler, `cached(cache, { identity }, handler)`. */

import { Hidden } from "../http/hide.js";
import { serve } from "../http/handle-request.js";
import { readSettings } from "../http/settings.js";
import { capture, detached, held, webIncoming, webResponse } from "../http/web.js";
import { peerError } from "../peers.js";
import type { CacheService, HttpOptions } from "../types/http.js";

export type * from "../types/http.js";

// h3 is an ES module only: its types are those of `import`, wherever these are asked for.
type H3Event = import("h3", { with: { "resolution-mode": "import" }}).H3Event;
type EventHandler = import("h3", { with: { "resolution-mode": "import" }}).EventHandler;
type Middleware = import("h3", { with: { "resolution-mode": "import" }}).Middleware;

/**
 * h3's own way from what a handler returns to a response. h3 2 is an ES module only, and h3 1 lacks this: where it was
 * imported in the usual way, an older Node could not `require` this file, and beside h3 1 it could not be linked.
 */
let toResponse: typeof import("h3").toResponse | undefined;

/** @throws TypeError "ERR_PEER" */
async function loadH3() {
  const wanted = "h3 2 or newer";
  const { toResponse: found } = await import("h3").catch((error) => {
    throw peerError("h3", wanted, "none that can be imported", error);
  });
  if (typeof found !== "function") throw peerError("h3", wanted, "one without toResponse, as h3 1 is");
  toResponse = found;
}

/**
 * Middleware that answers from the cache what comes after it. It cannot see what middlewares around it
 * add to its response: register after it what sets cookies or `Cache-Control`.
 * @throws TypeError "ERR_OPTION" naming the option
 */
export function cached(cache: CacheService, options: HttpOptions<H3Event>): Middleware;
/** One handler with a cache before it. */
export function cached(cache: CacheService, options: HttpOptions<H3Event>, handler: EventHandler): EventHandler;
export function cached(cache: CacheService, options: HttpOptions<H3Event>, handler?: EventHandler): Middleware & EventHandler {
  const settings = readSettings(cache, options);
  const loaded = loadH3();
  // The first request tells.
  loaded.catch(() => {});
  return async (event: H3Event, next?: () => unknown) => {
    if (toResponse === undefined) await loaded;
    const request = event.req;
    let body: string | undefined;
    const text = async () => {
      body ??= await request.text();
      // The handler reads the body once more.
      const { url, method, headers, signal } = request;
      event.req = like(request, new Request(url, { method, headers, body, signal }));
      return body as string;
    };
    const incoming = webIncoming(request, event, text, event);
    const limit = settings.maxBodyBytes;
    /** The handler's response; symbols are h3's own words, "no route" above all, and no answer. */
    const run = async () => {
      const value = await (handler === undefined ? next?.() : handler(event));
      return typeof value === "symbol" ? value : (toResponse?.(value, event) as Response);
    };
    const outcome = await serve(cache, settings, incoming, {
      background: false,
      read: async (refusal, shared, conclude) => {
        const hidden = new Hidden(shared);
        const before = event.req;
        event.req = like(request, detached(request, request.method, body, shared));
        hidden.request(request.runtime?.node?.req);
        hidden.watch(event.context);
        try {
          const own = await run();
          if (typeof own !== "symbol") return await capture(own, refusal, limit, hidden, conclude);
          return { own, answer: conclude({ status: 404, header: () => undefined, body: undefined }) };
        } finally {
          hidden.show();
          event.req = before;
        }
      },
      alone: run,
      mutate: async (settled) => {
        const own = await run();
        return typeof own === "symbol" ? { own } : held(own, limit, settled);
      },
    });
    const { batch } = outcome;
    if (batch === undefined) return webResponse(outcome, settings, incoming);
    event.res.status = batch.status;
    return batch.body;
  };
}

/** A request with what h3 and its server have added to the one it stands for. */
function like(request: H3Event["req"], copy: Request): H3Event["req"] {
  const { context, runtime, ip, waitUntil } = request;
  return Object.assign(copy, { context, runtime, ip, waitUntil });
}
