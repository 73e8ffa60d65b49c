// @ts-check
// routeRequest alone, in a plain Node server: every read and every write of the data goes through it.
import { createServer } from "node:http";
import { CacheService, routeRequest } from "endpoint-cache";

const cache = new CacheService({ defaultTtl: 300 });
const prompts = ["first"]; // stands for a database

// The name of an endpoint says what it is: `list` is a read, `create` is a change that ends the lists of `prompts`.
const list = () => routeRequest(cache, { endpoint: "prompts.list" }, async () => [...prompts]);
const create = (/** @type {string} */ title) =>
  routeRequest(cache, { endpoint: "prompts.create", params: { title } }, async () => prompts.push(title));

const server = createServer(async (request, response) => {
  const title = new URL(request.url ?? "/", "http://localhost").searchParams.get("title") ?? "untitled";
  const { data, metadata } = request.method === "POST" ? await create(title) : await list();
  // An application of yours sends what it likes; here the header shows where the answer came from.
  response.writeHead(200, { "content-type": "application/json", "x-cache": metadata.cache });
  response.end(JSON.stringify(data));
});

server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(`http://127.0.0.1:${port}/prompts`);
});
