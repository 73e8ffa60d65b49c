/**
 * A simulated API behind the real cache, and the people who use it.
 *
 * Knows the data's versions, so it can check every answer against the source: an answer to a request that began after a write
 * was acknowledged must not be older than that write. Must not know the page.
 */
import { DemoClock } from "./clock.js";
import { sleep } from "./dom.js";
import { CacheService, routeRequest } from "./package.js";

export const USERS = ["alice", "bob", "carol"];
export const OPERATIONS = ["create", "update", "delete", "add", "remove", "clear", "execute", "generate"];
const PROJECTS = ["demo", "aurora", "nimbus"];
/** What a write changes is seen in these; a schema or a configuration does not depend on it. */
const VERSIONED = new Set(["list", "get", "search", "status", "analyze"]);

/** Every question that is asked, in one fixed order of popularity. */
function catalogue() {
  const shapes = [];
  const ask = (endpoint, params, users) => {
    for (const userId of users) shapes.push({ endpoint, params, userId });
  };
  const anybody = [undefined];
  for (const project of PROJECTS) {
    ask("storycore.prompt.list", { project }, USERS);
    ask("storycore.character.list", { project }, USERS);
    ask("storycore.pipeline.status", { project }, anybody);
    ask("storycore.prompt.tag.list", { project }, anybody);
    ask("storycore.prompts.list", { project }, anybody);
  }
  for (const id of [1, 2, 3, 4]) ask("storycore.prompt.get", { id }, USERS);
  for (const id of [1, 2, 3]) ask("storycore.character.get", { id }, anybody);
  for (const q of ["snow", "mars"]) ask("storycore.prompt.search", { q }, USERS);
  for (const endpoint of ["storycore.prompt.schema", "storycore.config", "storycore.health.check"]) ask(endpoint, {}, anybody);
  return shuffle(shapes, random(7));
}

export class World {
  clock = new DemoClock();
  latency = 150;
  counters = { requests: 0, calls: 0, savedMs: 0, checked: 0, stale: 0 };
  /** Which request a key stands for, and how often it was hit. Keys come from a closed catalogue, so this is bounded. */
  known = new Map();
  #shapes = catalogue();
  #weights = zipf(this.#shapes.length);
  #random = random(42);
  #versions = new Map();
  #acknowledged = new Map();
  #listeners = new Set();

  constructor() {
    this.cache = new CacheService({
      clock: this.clock,
      maxEntries: 500,
      seed: 1,
      // Loads take real time while the clock may run at sixty times its speed: neither is ever given up on for that.
      maxWait: "10h",
      mutationTimeout: "10h",
      rules: { "*": { tags: (params) => (params?.project ? [`project:${params.project}`] : []) } },
      onEvent: (event) => {
        for (const listener of this.#listeners) listener(event);
      },
    });
  }

  onEvent(listener) {
    this.#listeners.add(listener);
  }

  /** One request of somebody, popular questions first. */
  any() {
    const at = this.#random();
    return this.request(this.#shapes[this.#weights.findIndex((edge) => at < edge)] ?? this.#shapes[0]);
  }

  /** One write of somebody. */
  anyWrite() {
    const resource = ["storycore.prompt", "storycore.character", "storycore.pipeline"][Math.floor(this.#random() * 3)];
    return this.mutate(`${resource}.${["create", "update"][Math.floor(this.#random() * 2)]}`);
  }

  /** Asks the API through the cache, and checks the answer against what the source had acknowledged by then. */
  async request({ endpoint, params, userId }) {
    const resource = parent(endpoint);
    const acknowledged = this.#acknowledged.get(resource) ?? 0;
    const response = await routeRequest(this.cache, { endpoint, method: "POST", params, userId }, async () => {
      this.counters.calls += 1;
      const version = this.#versions.get(resource) ?? 0;
      await sleep(this.latency * (0.8 + 0.4 * this.#random()));
      return { endpoint, ...params, version, loadedFor: userId ?? "anybody" };
    });
    const { cache, key, fromCache } = response.metadata;
    this.counters.requests += 1;
    if (key !== null && !this.known.has(key)) this.known.set(key, { endpoint, params, userId, hits: 0 });
    if (fromCache) {
      this.known.get(key).hits += 1;
      this.counters.savedMs += this.latency;
    }
    if (VERSIONED.has(endpoint.split(".").at(-1))) {
      this.counters.checked += 1;
      if (response.data.version < acknowledged) this.counters.stale += 1;
    }
    return { cache, response };
  }

  /** Writes: the data changes half-way through the handler. */
  async mutate(endpoint) {
    const resource = parent(endpoint);
    const changed = [...new Set([...this.#shapes.map((shape) => parent(shape.endpoint)), resource])]
      .filter((other) => other === resource || other.startsWith(`${resource}.`) || (/\.(add|remove)$/.test(endpoint) && other === parent(resource)));
    const written = new Map();
    const response = await routeRequest(this.cache, { endpoint, method: "POST", params: {} }, async () => {
      this.counters.calls += 1;
      await sleep(this.latency / 2);
      for (const name of changed) written.set(name, this.#bump(name));
      await sleep(this.latency / 2);
      return { done: endpoint };
    });
    this.counters.requests += 1;
    for (const [name, version] of written) this.#acknowledged.set(name, Math.max(this.#acknowledged.get(name) ?? 0, version));
    return response;
  }

  #bump(name) {
    const version = (this.#versions.get(name) ?? 0) + 1;
    this.#versions.set(name, version);
    return version;
  }
}

const parent = (endpoint) => endpoint.slice(0, endpoint.lastIndexOf("."));

/** The upper edges of Zipf's shares: the n-th question is asked in proportion to 1/n. */
function zipf(count) {
  const weights = Array.from({ length: count }, (_, i) => 1 / (i + 1));
  const total = weights.reduce((sum, weight) => sum + weight);
  let edge = 0;
  return weights.map((weight) => (edge += weight / total));
}

/** A small seeded generator (mulberry32), so that every visit shows the same traffic. */
export function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffle(list, next) {
  for (let i = list.length - 1; i > 0; i -= 1) {
    const j = Math.floor(next() * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
}
