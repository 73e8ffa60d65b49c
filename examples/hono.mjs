// @ts-check
// Hono: one middleware in front of the routes.
import { serve } from "@hono/node-server";
import { CacheService } from "endpoint-cache";
import { cached } from "endpoint-cache/hono";
import { Hono } from "hono";

const cache = new CacheService();
const prompts = ["first"]; // stands for a database

const app = new Hono();
// Who asks is part of the key: no user gets what was loaded for another. null is "nobody".
app.use(cached(cache, { identity: (c) => c.req.header("x-user") ?? null }));

app.get("/prompts", (c) => c.json(prompts)); // the endpoint prompts.list
app.post("/prompts", async (c) => {
  prompts.push((await c.req.json()).title); // prompts.create, which ends every prompts.list
  return c.json(prompts, 201);
});

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000), hostname: "127.0.0.1" }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}/prompts`);
});
