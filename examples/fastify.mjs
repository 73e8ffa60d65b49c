// @ts-check
// Fastify: one plugin, registered before the routes.
import { CacheService } from "endpoint-cache";
import { cached } from "endpoint-cache/fastify";
import fastify from "fastify";

const cache = new CacheService();
const prompts = ["first"]; // stands for a database

const app = fastify();
// Who asks is part of the key: no user gets what was loaded for another. null is "nobody".
await app.register(cached, { cache, identity: (request) => request.headers["x-user"]?.toString() ?? null });

app.get("/prompts", async () => prompts); // the endpoint prompts.list
app.post("/prompts", async (request, reply) => {
  const { title } = /** @type {{ title: string }} */ (request.body);
  prompts.push(title); // prompts.create, which ends every prompts.list
  return reply.code(201).send(prompts);
});

const url = await app.listen({ port: Number(process.env.PORT ?? 3000), host: "127.0.0.1" });
console.log(`${url}/prompts`);
