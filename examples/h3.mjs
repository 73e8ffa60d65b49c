// @ts-check
// h3: one middleware in front of the routes.
import { CacheService } from "endpoint-cache";
import { cached } from "endpoint-cache/h3";
import { H3, serve } from "h3";

const cache = new CacheService();
const prompts = ["first"]; // stands for a database

const app = new H3();
// Who asks is part of the key: no user gets what was loaded for another. null is "nobody".
app.use(cached(cache, { identity: (event) => event.req.headers.get("x-user") ?? null }));

app.get("/prompts", () => prompts); // the endpoint prompts.list
app.post("/prompts", async (event) => {
  const { title } = /** @type {{ title: string }} */ (await event.req.json());
  prompts.push(title); // prompts.create, which ends every prompts.list
  event.res.status = 201;
  return prompts;
});

const server = serve(app, { port: Number(process.env.PORT ?? 3000), hostname: "127.0.0.1", silent: true });
await server.ready();
console.log(new URL("/prompts", server.url).href);
