// @ts-check
// A fetch handler, as Workers, Deno, Bun, Next and SvelteKit have it. Only the last lines, which serve it in Node, are not needed there.
import { serve } from "@hono/node-server";
import { CacheService } from "endpoint-cache";
import { cached } from "endpoint-cache/fetch";

const cache = new CacheService();
const prompts = ["first"]; // stands for a database

// "anonymous": everybody may get the same answer. A request with Authorization or Cookie then goes past the cache.
const handler = cached(cache, { identity: "anonymous" }, async (request) => {
  if (request.method === "POST") {
    prompts.push((await request.json()).title);
    return Response.json(prompts, { status: 201 });
  }
  return Response.json(prompts);
});

export default { fetch: handler };

serve({ fetch: (request) => handler(request), port: Number(process.env.PORT ?? 3000), hostname: "127.0.0.1" }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}/prompts`);
});
