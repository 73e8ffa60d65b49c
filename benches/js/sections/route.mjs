// A call with nested parameters: key, lookup and await. 1,000 different requests in Zipf order that were asked before, and
// requests that never were; the parameters are a new object in every call, as a parsed request body is. The floor is what no
// cache can do without: JSON.stringify, Map, await.
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

const titles = {
  hit: "a cached call with nested parameters, hit",
  miss: "a call with nested parameters never seen before: load and store, evicting",
};

/** Contenders that answer the request numbered by each of `order(state)`, one after another. */
function contenders(ours, wording, order) {
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
  return entries.map(({ name, create }) => {
    const cache = create(load, { ttl: 300, max: 10_000 });
    const walk = asyncLoop(["cache", "order"], `let sum = 0; for (let i = 0; i < order.length; i += 1) { const n = order[i]; const value = await cache.read(${wording}); sum += value.total; } return sum;`);
    let round = 0;
    return {
      name,
      prepare: () => order(round++),
      close: () => cache.close?.(),
      async run(numbers) {
        const sum = await walk(cache, numbers);
        if (sum !== numbers.length * 2) throw new Error(`${name} answered wrongly`);
        keep(sum);
        return numbers.length;
      },
    };
  });
}

export async function run({ ours, quick }) {
  const rank = zipf(REQUESTS, 0.9, random(5));
  const seen = Int32Array.from({ length: quick ? CALLS / 4 : CALLS }, rank);
  const orders = {
    hit: () => seen,
    miss: (round) => Int32Array.from({ length: CALLS / 4 }, (_, at) => round * CALLS + at),
  };
  const tables = [];
  for (const [kind, order] of Object.entries(orders)) {
    const all = contenders(ours, PARAMS, order);
    const rows = await interleave(all, { rounds: quick ? 5 : 15, gcBetween: false });
    for (const contender of all) await contender.close();
    tables.push({ title: titles[kind], unit: "time", reference: "async-cache-dedupe", floor: all[0].name, rows });
  }
  return tables;
}
