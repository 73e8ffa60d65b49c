// A cached call with nested parameters: key, lookup and await. 1,000 different requests in Zipf order; the parameters are a new
// object in every call, as a parsed request body is. The floor is what no cache can do without: JSON.stringify, Map, await.
import { ASYNC_CACHES, ourAsyncCaches } from "../lib/async-caches.mjs";
import { asyncLoop, interleave, keep } from "../lib/measure.mjs";
import { random, zipf } from "../lib/random.mjs";

const REQUESTS = 1_000;
const CALLS = 20_000;
const PARAMS = '{ project_name: "demo-project-" + (n % 10), page: n, filter: { state: "open", tags: ["alpha", "beta-" + (n % 7)] } }';
const load = async (params) => ({ items: [params.page, params.page + 1], total: 2 });

function floor() {
  const map = new Map();
  return {
    async read(params) {
      const key = `core.items.list:${JSON.stringify(params)}`;
      let value = map.get(key);
      if (value === undefined) map.set(key, (value = await load(params)));
      return value;
    },
  };
}

export async function run({ ours, quick }) {
  const rank = zipf(REQUESTS, 0.9, random(5));
  const order = Int32Array.from({ length: quick ? CALLS / 4 : CALLS }, rank);
  const best = { "async-cache-dedupe": "clear", "lru-cache": "delete" };
  const entries = [
    { name: "floor: Map + JSON.stringify + await", create: floor },
    ...ourAsyncCaches(ours).flatMap((peer) =>
      Object.entries(peer.variants).map(([way, create]) => ({ name: way.startsWith("routeRequest") ? "endpoint-cache routeRequest" : "endpoint-cache getOrSet + stable JSON", create })),
    ),
    ...ASYNC_CACHES.map((peer) => ({
      name: `${peer.label ?? peer.id} ${peer.version}`,
      create: peer.variants[best[peer.id]] ?? Object.values(peer.variants)[0],
    })),
  ];
  const contenders = entries.map(({ name, create }) => {
    const cache = create(load, { ttl: 300, max: 10_000 });
    const walk = asyncLoop(["cache", "order"], `let sum = 0; for (let i = 0; i < order.length; i += 1) { const n = order[i]; const value = await cache.read(${PARAMS}); sum += value.total; } return sum;`);
    return {
      name,
      close: () => cache.close?.(),
      async run() {
        const sum = await walk(cache, order);
        if (sum !== order.length * 2) throw new Error(`${name} answered wrongly`);
        keep(sum);
        return order.length;
      },
    };
  });
  const rows = await interleave(contenders, { rounds: quick ? 5 : 15, gcBetween: false });
  for (const contender of contenders) await contender.close();
  return [{ title: "a cached call with nested parameters, hit", unit: "time", reference: "async-cache-dedupe", floor: contenders[0].name, rows }];
}
