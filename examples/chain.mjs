// @ts-check
// A router of your own that keeps a chain of middlewares: `(context, params) => response | undefined`.
import { createServer } from "node:http";
import { CacheService, cacheResponse, createCacheInvalidationMiddleware, createCacheMiddleware } from "endpoint-cache";

const cache = new CacheService(300); // a number is the default TTL in seconds
const prompts = ["first"]; // stands for a database

// The order matters: a change invalidates before anything is looked up.
const chain = [createCacheInvalidationMiddleware(cache), createCacheMiddleware(cache, "v1")];

function route(/** @type {string} */ endpoint, /** @type {() => unknown} */ handler) {
  const context = { endpoint, method: "GET", user: { userId: "alice" } };
  for (const middleware of chain) {
    const answered = middleware(context, {});
    if (answered) return answered;
  }
  return cacheResponse(cache, { status: "success", data: handler() }, context);
}

const server = createServer((request, response) => {
  const answer =
    request.method === "POST" ? route("prompts.create", () => prompts.push("second")) : route("prompts.list", () => [...prompts]);
  // An answer out of the cache has metadata.
  response.writeHead(200, { "content-type": "application/json", "x-cache": "metadata" in answer ? answer.metadata.cache : "miss" });
  response.end(JSON.stringify(answer.data));
});

server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(`http://127.0.0.1:${port}/prompts`);
});
