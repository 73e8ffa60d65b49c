/** The cache in front of a `(request, env, ctx) => Response` handler: Workers, Deno, Bun, Next, SvelteKit endpoints. */

import { Hidden } from "../http/hide.js";
import { serve } from "../http/handle-request.js";
import { readSettings } from "../http/settings.js";
import { capture, detached, held, webIncoming, webResponse } from "../http/web.js";
import { checkPeer } from "../peers.js";
import type { CacheService, HttpOptions } from "../types/http.js";

export type * from "../types/http.js";

/** A handler in the form of Workers, Deno, Bun, Next and SvelteKit; what comes after the request is passed on unchanged. */
export type FetchHandler<Rest extends unknown[]> = (request: Request, ...rest: Rest) => Response | PromiseLike<Response>;

/**
 * The handler with a cache before it. Work in the background goes to the third argument's `waitUntil`, where there is one.
 * A handler whose answer others may get is given a copy of its request, without the caller's signal and conditions.
 * The cache cannot see what is added to its response afterwards: cookies and `Cache-Control` belong into the handler's own.
 * @throws TypeError "ERR_OPTION" naming the option
 */
export function cached<Rest extends unknown[]>(
  cache: CacheService,
  options: HttpOptions<Request>,
  handler: FetchHandler<Rest>,
): (request: Request, ...rest: Rest) => Promise<Response> {
  const settings = readSettings(cache, options);
  return async (request, ...rest) => {
    checkPeer("fetch", "a Request of the Fetch API", request, ["text", "clone"]);
    /** The body's text, once somebody had to read it. */
    let body: string | undefined;
    const text = async () => (body ??= await request.text());
    const incoming = webIncoming(request, request, text, rest[1]);
    const { method, url, headers, signal } = request;
    const limit = settings.maxBodyBytes;
    const alone = async () => handler(body === undefined ? request : new Request(url, { method, headers, body, signal }), ...rest);
    const outcome = await serve(cache, settings, incoming, {
      background: true,
      read: async (refusal, shared, conclude) => {
        const hidden = new Hidden(shared);
        const own = detached(request, method === "HEAD" ? "GET" : method, body, shared);
        // Servers for Node hand their own request to the handler as well.
        hidden.request((rest[0] as { incoming?: unknown } | null | undefined)?.incoming);
        try {
          return await capture(await handler(own, ...rest), refusal, limit, hidden, conclude);
        } finally {
          hidden.show();
        }
      },
      alone,
      mutate: async (settled) => held(await alone(), limit, settled),
    });
    return webResponse(outcome, settings, incoming);
  };
}
