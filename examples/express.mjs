// @ts-check
// Express: one middleware, after the parser of bodies and before the routes.
import { CacheService } from "endpoint-cache";
import { cached } from "endpoint-cache/express";
import express from "express";

const cache = new CacheService();
const prompts = ["first"]; // stands for a database

const app = express();
app.use(express.json());
// Who asks is part of the key: no user gets what was loaded for another. null is "nobody".
app.use(cached(cache, { identity: (req) => req.get("x-user") ?? null }));

app.get("/prompts", (_req, res) => void res.json(prompts)); // the endpoint prompts.list
app.post("/prompts", (req, res) => {
  prompts.push(req.body.title); // prompts.create, which ends every prompts.list
  res.status(201).json(prompts);
});

const server = app.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(`http://127.0.0.1:${port}/prompts`);
});
