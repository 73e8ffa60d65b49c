import { asyncCaches } from "../lib/async-caches.mjs";
import { makeKeys, nested } from "../lib/keys.mjs";
import { loadOurs, takesPart } from "../lib/ours.mjs";
import { random, zipf } from "../lib/random.mjs";

export const about = `A call with nested parameters: key, lookup and await. Parameters and request are new objects in every call, as a parsed body is. A hit
is one of 1,000 requests that were asked before, in Zipf order; a miss was never asked, its handler runs, its answer is stored and
another one evicted. The floor makes a key of JSON.stringify and asks a Map: no order of members, no users, no TTL, no bound.`;

const REQUESTS = 1_000;
const CALLS = 5_000;
const LIMITS = { ttl: 300, max: 10_000 };
const load = async (params) => ({ items: [params.page, params.page + 1], total: 2 });

/** Contenders have `open()`, which resolves to { call(n) -> promise of the answer, total?(answer) }: 2 in all. */
const floor = {
  id: "floor",
  name: "floor: Map + JSON.stringify + await",
  async open() {
    const map = new Map();
    return {
      async call(n) {
        const params = nested(n);
        const key = `core.items.list:${JSON.stringify(params)}`;
        const known = map.get(key);
        if (known !== undefined) return known;
        const value = await load(params);
        map.set(key, value);
        return value;
      },
    };
  },
};

/** Ours: the requests that `request(n)` makes, in a cache that holds `filled` other entries. */
function routed(request, { options, handler = load, filled = 0 } = {}) {
  const open = async () => {
    const { CacheService, routeRequest } = await loadOurs();
    const cache = new CacheService({ defaultTtl: LIMITS.ttl, maxEntries: LIMITS.max });
    for (const key of makeKeys(filled)) cache.set(key, { key });
    return { call: (n) => routeRequest(cache, request(n), handler, options), total: (answer) => answer.data.total };
  };
  return takesPart ? [{ id: "ours", name: "endpoint-cache routeRequest", open }] : [];
}
const list = (n) => ({ endpoint: "core.items.list", method: "POST", params: nested(n) });
const update = (n) => ({ endpoint: "core.items.update", method: "POST", params: nested(n) });
const updated = async () => ({ total: 2 });

const peers = asyncCaches.map(({ id, name, bench, ways }) => ({
  id: id === "endpoint-cache" ? "ours-getOrSet" : id,
  name: id === "endpoint-cache" ? "endpoint-cache getOrSet + stable JSON" : name,
  async open() {
    const { variants } = await ways();
    const cache = (variants[bench] ?? Object.values(variants)[0])(load, LIMITS);
    return { call: (n) => cache.read(nested(n)) };
  },
}));

async function walk(call, total, order) {
  let sum = 0;
  for (let i = 0; i < order.length; i += 1) sum += total(await call(order[i]));
  return sum;
}

export function tables() {
  const seen = Int32Array.from({ length: CALLS }, zipf(REQUESTS, 0.9, random(5)));
  const unseen = (round) => Int32Array.from({ length: CALLS }, (_, at) => REQUESTS + round * CALLS + at);
  const table = (title, order, contenders, more) => ({
    title,
    reference: "async-cache-dedupe",
    floor: "floor",
    contenders,
    async start({ open }) {
      const { call, total = (value) => value.total } = await open();
      return {
        prepare: order,
        async run(numbers) {
          if ((await walk(call, total, numbers)) !== numbers.length * 2) throw new Error("a wrong answer");
          return numbers.length;
        },
      };
    },
    ...more,
  });
  const hit = () => seen;
  const alone = { reference: "floor", floor: undefined };
  return [
    table("a cached call with nested parameters, hit", hit, [floor, ...routed(list), ...peers]),
    table("a call with nested parameters never seen before: load and store, evicting", unseen, [floor, ...routed(list), ...peers]),
    table("a hit with { ttl, tags } as options", hit, [floor, ...routed(list, { options: { ttl: 60, tags: ["items"] } })], alone),
    table(
      "a mutation that finds nothing of its resource among 10,000 entries: begin, handler, settle",
      unseen,
      [
        { id: "floor", name: "floor: the handler and await", open: async () => ({ call: (n) => updated(update(n)) }) },
        ...routed(update, { handler: updated, filled: LIMITS.max }),
      ],
      alone,
    ),
  ];
}
