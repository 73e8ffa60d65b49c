/**
 * A small measurement on the visitor's machine: what a hit costs, and what it costs to drop one resource of many.
 *
 * Each contender runs the same work in turns; the median of the rounds counts. lru-cache takes part where the server has it
 * beside the page (`make demo` does).
 */
import { $, el, say, sleep } from "./dom.js";
import { CacheService, routeRequest } from "./package.js";

const KEYS = 10_000;
const ROUNDS = 9;
const HITS = 100_000;
const REQUESTS = 5_000;
const [RESOURCES, PER_RESOURCE] = [200, 100];

/** Runs everything and shows it. */
async function bench(note) {
  const LRUCache = await import("../vendor/lru-cache.js").then((it) => it.LRUCache, () => undefined);
  for (const [i, section] of SECTIONS.entries()) {
    note(`measuring: ${section.title} …`);
    const contenders = section(LRUCache);
    show(i, section, await rounds(contenders, section.count));
  }
  note(LRUCache ? "" : "lru-cache is not beside this page; `make demo` serves it, `make bench` measures all peers.");
}

const keys = () => Array.from({ length: KEYS }, (_, i) => CacheService.generateCacheKey("storycore.prompt.get", { id: i }, `user${i % 7}`));

/** A `get` of a key that is there, 10,000 keys. */
function hits(LRUCache) {
  const all = keys();
  const map = new Map(all.map((key) => [key, { key }]));
  const cache = new CacheService({ maxEntries: KEYS * 2 });
  const lru = LRUCache && new LRUCache({ max: KEYS * 2, ttl: 300_000 });
  for (const key of all) {
    cache.set(key, { key }, 300);
    lru?.set(key, { key });
  }
  const loop = (get) => () => {
    let found = 0;
    for (let i = 0; i < HITS; i += 1) if (get(all[(i * 7919) % KEYS]) !== undefined) found += 1;
    return found;
  };
  return { "endpoint-cache": loop((key) => cache.get(key)), "Map, no TTL": loop((key) => map.get(key)), ...(lru && { "lru-cache, TTL": loop((key) => lru.get(key)) }) };
}
hits.title = "A hit by key";
hits.about = "10,000 keys, TTL on (Map has none)";
hits.count = HITS;

/** A request with params that is answered from memory. */
function requests(LRUCache) {
  const asked = Array.from({ length: 500 }, (_, page) => ({ project_name: "demo", page, filter: { state: "open", tags: ["a", "b"] } }));
  const cache = new CacheService({ isolation: "snapshot" });
  const map = new Map();
  const lru = LRUCache && new LRUCache({ max: KEYS, ttl: 300_000, fetchMethod: async (key) => ({ key }) });
  const load = async (params) => ({ params });
  const loop = (ask) => async () => {
    for (let i = 0; i < REQUESTS; i += 1) await ask(asked[(i * 31) % asked.length]);
  };
  return {
    "endpoint-cache": loop((params) => routeRequest(cache, { endpoint: "storycore.prompt.list", params, userId: "alice" }, load)),
    "Map, JSON key": loop(async (params) => {
      const key = `storycore.prompt.list:alice:${JSON.stringify(params)}`;
      let value = map.get(key);
      if (value === undefined) map.set(key, (value = await load(params)));
      return value;
    }),
    ...(lru && { "lru-cache, JSON key": loop((params) => lru.fetch(`storycore.prompt.list:alice:${JSON.stringify(params)}`)) }),
  };
}
requests.title = "A request from memory";
requests.about = "500 questions with nested params; ours checks the user and keeps values apart";
requests.count = REQUESTS;

/** Dropping every entry of one resource, of 200 resources with 100 entries each. */
function drops(LRUCache) {
  const all = [];
  for (let resource = 0; resource < RESOURCES; resource += 1) {
    for (let i = 0; i < PER_RESOURCE; i += 1) all.push(`shop.item${resource}.get:${String(i).padStart(16, "0")}`);
  }
  const cache = new CacheService({ maxEntries: all.length * 2 });
  const map = new Map();
  const lru = LRUCache && new LRUCache({ max: all.length * 2, ttl: 300_000 });
  for (const key of all) {
    cache.set(key, key);
    map.set(key, key);
    lru?.set(key, key);
  }
  let next = 0;
  const scan = (store) => (resource) => {
    for (const key of store.keys()) if (key.startsWith(`shop.item${resource}.`)) store.delete(key);
  };
  const once = (drop, set) => ({
    run: () => drop(next),
    after: () => {
      for (let i = 0; i < PER_RESOURCE; i += 1) {
        const key = all[next * PER_RESOURCE + i];
        set(key);
      }
    },
    last: () => (next = (next + 1) % RESOURCES),
  });
  return {
    "endpoint-cache": once((resource) => cache.invalidate({ endpoint: `shop.item${resource}.*` }), (key) => cache.set(key, key)),
    "Map, prefix scan": once(scan(map), (key) => map.set(key, key)),
    ...(lru && { "lru-cache, scan": once(scan(lru), (key) => lru.set(key, key)) }),
  };
}
drops.title = "Dropping one resource";
drops.about = `100 of ${(RESOURCES * PER_RESOURCE).toLocaleString("en")} entries go`;
drops.count = 1;

/** The median time of one operation for each contender, in nanoseconds. */
async function rounds(contenders, count) {
  const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = -2; round < ROUNDS; round += 1) {
    for (const [name, contender] of Object.entries(contenders)) {
      const { run, after, last } = typeof contender === "function" ? { run: contender } : contender;
      // A browser's clock ticks coarsely: an operation that is over before it ticks is repeated until it does.
      let spent = 0;
      let repeats = 0;
      while (repeats === 0 || (after && spent < 2 && repeats < 40)) {
        const start = performance.now();
        await run();
        spent += performance.now() - start;
        after?.();
        last?.();
        repeats += 1;
      }
      if (round >= 0) times[name].push((spent * 1e6) / repeats / count);
      await sleep(0);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, list.sort((a, b) => a - b)[ROUNDS >> 1]]));
}

const SECTIONS = [hits, requests, drops];

/** The panels before anything was measured. */
export function prepareBench() {
  $("bench").replaceChildren(...SECTIONS.map(({ title, about }) => panel(title, about, el("p", { class: "empty" }, "Not measured yet."))));
}

const panel = (title, about, ...content) => el("div", { class: "panel" }, el("h3", {}, title), el("p", { class: "note" }, about), ...content);

function show(index, { title, about }, times) {
  const ours = Math.max(times["endpoint-cache"], 1);
  const longest = Math.max(...Object.values(times));
  const bars = Object.entries(times).map(([name, ns]) => {
    const bar = el("i");
    bar.style.width = `${Math.max(1, (ns / longest) * 100)}%`;
    const ratio = name === "endpoint-cache" ? "1×" : `${(ns / ours).toFixed(ns / ours < 10 ? 1 : 0)}×`;
    return el("div", { class: `bar ${name === "endpoint-cache" ? "ours" : ""}` }, el("span", {}, name), bar, el("span", {}, `${nanos(ns)}  ${ratio}`));
  });
  $("bench").children[index].replaceWith(panel(title, about, ...bars));
}

function nanos(ns) {
  if (ns < 1e3) return `${ns.toFixed(0)} ns`;
  if (ns < 1e6) return `${(ns / 1e3).toFixed(ns < 1e4 ? 2 : 1)} µs`;
  return `${(ns / 1e6).toFixed(2)} ms`;
}

/** Runs the benchmark with what it says beside the button; an error is said in words. */
export async function measure() {
  try {
    await bench((text) => say($("bench-note"), text));
  } catch (error) {
    say($("bench-note"), `The measurement failed: ${error.message}`);
  }
}
