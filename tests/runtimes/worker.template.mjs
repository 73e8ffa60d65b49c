// The worker of workerd.mjs. `leave` returns while its load is under way; `follow` asks for the same answer.
import { CacheService, routeRequest } from "endpoint-cache";
import { run } from "./run.mjs";

const caches = {
  auto: new CacheService(),
  process: new CacheService({ singleFlight: "process", maxWait: "500ms" }),
};

export default {
  /** @param {Request} request @param {any} _env @param {any} ctx */
  async fetch(request, _env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/cases") return Response.json(await run());
    const cache = caches[/** @type {"auto" | "process"} */ (searchParams.get("mode"))];
    const asked = { endpoint: "a.list", execution: ctx };
    if (pathname === "/leave") {
      // Not awaited and not handed to waitUntil: it ends with this request.
      void routeRequest(cache, asked, () => new Promise((resolve) => setTimeout(resolve, 60_000)));
      return new Response("left");
    }
    const { data } = /** @type {any} */ (await routeRequest(cache, asked, () => "answered"));
    return new Response(data);
  },
};
