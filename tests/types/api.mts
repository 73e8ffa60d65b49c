// What the public types promise to those who write against them. Compiled, never run.
import {
  CACHE_TTL_CONFIG,
  CacheService,
  cacheResponse,
  createCacheInvalidationMiddleware,
  createCacheMiddleware,
  getTtlForEndpoint,
  routeRequest,
} from "endpoint-cache";
import type { CacheEvent, CacheOptions, ErrorCode, MiddlewareContext, ResponseMetadata, RouteResponse } from "endpoint-cache";

/** Compiles only where both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function is<_ extends true>(): void {}

// Making a cache
new CacheService();
new CacheService(300);
using disposed = new CacheService({ defaultTtl: "5m", maxEntries: Infinity, clock: Date, logger: console, seed: 1 });
disposed.dispose();
const options: CacheOptions = {
  maxBytes: 1e6,
  clock: { now: () => 0 },
  rules: {
    "storycore.prompt.*": { ttl: "90s", scope: "user", tags: ["prompts"], vary: ["language"], resourceId: "id" },
    "*.publish": { mutation: true, invalidates: ["storycore.prompt.*"], alsoInvalidates: ["storycore.feed.list"] },
    "a.list": { tags: (params, request) => [`project:${params.project}`, request.endpoint], staleWhileRevalidate: 30, jitter: 0.1 },
  },
  onEvent(event) {
    if (event.type === "refused") is<Same<typeof event.reason extends string ? true : false, true>>();
  },
  sizeOf: (value) => String(value).length,
  singleFlight: "request",
  maxWait: "1s",
};
const cache = new CacheService(options);
// @ts-expect-error an unknown option
new CacheService({ ttl: 300 });
// @ts-expect-error no unit of that name
new CacheService({ defaultTtl: "5 weeks" });
// @ts-expect-error a clock has `now`
new CacheService({ clock: () => 0 });

// Values by key
is<Same<ReturnType<typeof cache.get>, unknown>>();
const prompt = cache.get<{ title: string }>("k");
is<Same<typeof prompt, { title: string } | undefined>>();
const stored: boolean = cache.set("k", null, 120) && cache.set("k", 1, "250ms") && cache.set("k", 1, { ttl: "2m", tags: ["t"] });
const loaded = cache.getOrSet("k", async ({ signal, setTtl, addTags }) => {
  setTtl("1h");
  addTags("a", "b");
  return { at: signal.aborted };
});
is<Same<typeof loaded, Promise<{ at: boolean }>>>();
is<Same<Awaited<ReturnType<typeof cache.getOrSet<number>>>, number>>();
cache.getMany<number>(["a", "b"]).map((value) => value ?? 0);
const count: number = cache.setMany([["a", 1], ["b", 2, "5s"], ["c", 3, { tags: ["t"] }]], { ttl: 60 });
for (const [key, value] of cache.entries<number>()) key.at(value);
for (const key of cache.keys()) cache.delete(key);

// Patterns
cache.invalidate("storycore\\.pipeline\\..*");
cache.invalidate(/^storycore\./);
const removed: number = cache.invalidate({ endpoint: "storycore.prompt.*", userId: 0, tag: "t" });
cache.expire({ glob: "storycore.prompt.list:*" });
// @ts-expect-error a number is no pattern
cache.invalidate(5);
// @ts-expect-error an unknown member
cache.invalidate({ endpoints: "a.*" });

// Keys
const key: string = CacheService.generateCacheKey("a.list", { page: 1 }, "u") + CacheService.generateCacheKey("a.list", null, 0);
cache.invalidate(CacheService.getInvalidationPattern("storycore.prompt.create"));

// Requests: data comes out as the handler gives it, whichever of the three ways it does
interface Prompt {
  id: number;
}
declare const request: { endpoint: string; params: { page: number }; userId?: string };

const plain = await routeRequest(cache, request, (params) => ({ items: [{ id: params.page }] as Prompt[] }));
is<Same<typeof plain, RouteResponse<{ items: Prompt[] }>>>();
if (plain.status === "success") is<Same<typeof plain.data, { items: Prompt[] }>>();
plain.data?.items.length;
is<Same<typeof plain.metadata, ResponseMetadata>>();

const enveloped = await routeRequest(cache, request, async () => ({ status: "success", data: { id: 1 } }));
is<Same<typeof enveloped, RouteResponse<{ id: number }>>>();

const either = await routeRequest(cache, request, async (params): Promise<Prompt | { status: "error"; error: string }> =>
  params.page > 0 ? { id: 1 } : { status: "error", error: "no such page" });
is<Same<typeof either, RouteResponse<Prompt>>>();

await routeRequest(cache, { endpoint: "a.get", user: { userId: 5 }, vary: { language: "de" } }, (params, context) => {
  is<Same<typeof params, {}>>();
  is<Same<typeof context.userId, string | undefined>>();
  context.noStore();
  return fetch("https://example.org", { signal: context.signal }).then((response) => response.json() as Promise<number[]>);
}, { ttl: "1m", apiVersion: "v2", authorize: async ({ userId }) => { if (!userId) throw new Error("denied"); } });
// @ts-expect-error an endpoint is needed
routeRequest(cache, { params: {} }, () => 1);
// @ts-expect-error params are what the request holds
routeRequest(cache, request, (params) => params.limit);

// Endpoints by name
const typed = new CacheService<{ "a.list": { data: number[] } }>();
await typed.routeRequest({ endpoint: "a.list" }, () => [1]);
// @ts-expect-error no endpoint of that name
typed.routeRequest({ endpoint: "a.lists" }, () => [1]);
const anyEndpoints: CacheService = typed;
await routeRequest(anyEndpoints, { endpoint: "b.list" }, () => 1);
class Own extends CacheService {}
is<Same<InstanceType<typeof Own>["size"], number>>();

const both: number = cache.setMany({ a: 1, b: 2 }) + cache.setMany(new Map([["c", 3]]));
for (const [name, value] of cache) console.log(name.length, value);
new CacheService({ rules: { "a.*": { resourceId: (params) => params.id } } });
const mine = cache.forUser(0);
const gone: number = mine.invalidate(/x/) + mine.expire("x") + mine.invalidate({ tag: "t" }) + both;
console.log(gone);
const own = await mine.routeRequest({ endpoint: "a.get", params: { id: 1 } }, ({ id }) => id);
is<Same<typeof own, RouteResponse<number>>>();
mine.invalidate();
mine.invalidate({ tag: "t" });
// @ts-expect-error the user is given already
mine.invalidate({ userId: "other" });

// Middlewares
const chain = [createCacheInvalidationMiddleware(cache), createCacheMiddleware(cache, "v1")];
const context: MiddlewareContext & { trace: string } = { endpoint: "a.list", user: { userId: 1 }, trace: "t" };
const answer: RouteResponse | undefined = chain.map((middleware) => middleware(context, {})).find(Boolean);
const same: { status: "success"; data: number } = cacheResponse(cache, { status: "success", data: 1 }, context);

// Tables and what can be seen
CACHE_TTL_CONFIG.list = getTtlForEndpoint("a.list") / 2;
// @ts-expect-error no such kind
CACHE_TTL_CONFIG.lists = 5;
const { hitRate, refusedBy } = cache.getStats();
const perEndpoint: number | undefined = cache.getStats({ endpoints: true }).endpoints["a.list"]?.hits;
const why = cache.explain(key);
if (why.state === "absent") why.removal?.reason satisfies "deleted" | "expired" | "evicted" | "invalidated" | "abandoned" | undefined;
function describe(event: CacheEvent): string {
  switch (event.type) {
    case "set":
      return `${event.key} for ${event.ttl}`;
    case "mutation":
      return `${event.endpoint} ${event.phase} ${event.count}`;
    case "bypass":
      return event.reason;
    default:
      return event.type;
  }
}
const code: ErrorCode = "ERR_PARAMS";

export { answer, code, count, describe, hitRate, perEndpoint, refusedBy, removed, same, stored };

// A change outside of routeRequest gives back what it comes to; its scope has no other members.
export const changed: Promise<number> = new CacheService().mutation({ endpoint: "a.*", tag: "t" }, () => 5);
export const several: Promise<string> = new CacheService().mutation([{ key: "k" }, { userId: 5 }], async () => "done");
// @ts-expect-error no such member
void new CacheService().mutation({ pattern: "a" }, () => 1);
