/** The cache in front of a `(request, env, ctx) => Response` handler: Workers, Deno, Bun, Next, SvelteKit endpoints. */

import { answerBatch } from "../lib/http/batch.js";
import { serve } from "../lib/http/serve.js";
import { readSettings } from "../lib/http/settings.js";
import { capture, detached, held, webIncoming, webResponse } from "../lib/http/web.js";

/**
 * @param {any} cache
 * @param {any} options
 * @param {(request: Request, ...rest: any[]) => any} handler
 */
export function cached(cache, options, handler) {
  const settings = readSettings(cache, options);
  return async (/** @type {Request} */ request, /** @type {any[]} */ ...rest) => {
    /** The body's text, once somebody had to read it. @type {string | undefined} */
    let body;
    const text = async () => (body ??= await request.text());
    const again = () => (body === undefined ? request : new Request(request.url, { method: request.method, headers: request.headers, body, signal: request.signal }));
    const incoming = webIncoming(request, request, text, rest[1]);
    const { batch, maxBodyBytes: limit } = settings;
    if (batch !== undefined && incoming.path === batch.path && request.method === "POST") {
      const answers = await answerBatch(cache, settings, incoming);
      return Response.json(answers.body, { status: answers.status });
    }
    const outcome = await serve(cache, settings, incoming, {
      background: true,
      read: async (judge, shared) => {
        const method = request.method === "HEAD" ? "GET" : request.method;
        return capture(await handler(detached(request, method, body, shared), ...rest), judge, limit);
      },
      alone: async () => handler(again(), ...rest),
      mutate: async () => held(await handler(again(), ...rest), limit),
    });
    return webResponse(outcome, settings, request);
  };
}
