// The worker of workerd.mjs. `leave` returns while its load is under way; `follow` asks for the same answer. `ask` says which
// handler's answer it got, of one that takes a while.
import { CacheService, routeRequest } from "endpoint-cache";
import { run } from "./run.mjs";

const caches = {
  auto: new CacheService(),
  process: new CacheService({ singleFlight: "process", maxWait: "500ms" }),
};

let made = 0;
const shared = new CacheService({ maxLoads: 20, rules: { "*.list": { ttl: "1s", staleWhileRevalidate: "1h" } } });

/**
 * @param {URLSearchParams} search `key`; `ms` that the handler takes; `ctx`, where the request hands its context over; `leave`, where
 *   it does not wait
 * @param {any} ctx
 */
async function ask(search, ctx) {
  const request = { endpoint: `${search.get("key")}.list`, ...(search.has("ctx") ? { execution: ctx } : {}) };
  const asked = routeRequest(shared, request, async () => {
    const number = (made += 1);
    await new Promise((resolve) => setTimeout(resolve, Number(search.get("ms"))));
    return { number, at: new Date(5), bytes: new Uint8Array([1, 2, 3]) };
  });
  if (search.has("leave")) return new Response("left");
  const { data, metadata } = /** @type {any} */ (await asked);
  if (data.at.getTime() !== 5 || data.bytes.join() !== "1,2,3") throw new Error("not what the handler returned");
  return Response.json([data.number, metadata.reason ?? metadata.cache]);
}

/** One for all who ask. */
export class Room {
  /** @param {any} state */
  constructor(state) {
    this.state = state;
  }

  /** @param {Request} request */
  fetch(request) {
    return ask(new URL(request.url).searchParams, this.state);
  }
}

export default {
  /** @param {Request} request @param {any} env @param {any} ctx */
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/ask") return ask(searchParams, ctx);
    if (pathname === "/room") return env.ROOM.get(env.ROOM.idFromName("one")).fetch(request);
    if (pathname === "/cases") {
      /** @type {any} */ (globalThis).keepAlive = (/** @type {Promise<unknown>} */ work) => ctx.waitUntil(work);
      return Response.json(await run(null));
    }
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
