// Tries orders of events for two processes, one store and one lossy bus: node explore.mjs SCENARIO SECONDS ["no bus"]
//
// A program of its own, because the test runner watches every promise and would make it twenty times slower.
import { CacheService, routeRequest } from "../../../pkg/index.js";
import { seeded } from "../../../pkg/tier/chaos.js";
import { tiered } from "../../../pkg/tier/tiered.js";

const L1_TTL = 1_000;

/** Lets everything happen that needs no event; cheaper than a turn of the event loop, of which there are millions. */
const settled = Promise.resolve();
function turn() {
  return new Promise((resolve) => {
    let left = 20;
    const step = () => (left-- > 0 ? void settled.then(step) : resolve());
    step();
  });
}

/** What two processes do, each in its order: `read`, `mutate` an endpoint above it, `forget` its key. */
const SCENARIOS = {
  "a load and a mutation": [["read", "read"], ["mutate", "read"]],
  "a warm entry and a mutation": [["read", "read"], ["read", "mutate"]],
  "two mutations": [["mutate", "read"], ["mutate", "read"]],
  "a load and an invalidation by tag": [["read", "read"], ["commit", "tag", "read"]],
};

class World {
  constructor(caches, time) {
    this.time = time;
    this.held = new Map();
    /** What may happen next: a name and what it does. */
    this.events = [];
    this.version = 1;
    this.acks = [];
    this.faults = [];
    this.jumps = 1;
    this.listeners = [];
    this.running = 0;
    this.timers = { setTimeout: () => 0, clearTimeout() {} };
    this.caches = caches;
  }

  event(name, act) {
    this.events.push({ name, act });
  }

  /** A call whose effect and whose answer are two events; `merged` makes them one. */
  call(name, effect, merged = false) {
    return new Promise((resolve) => {
      this.event(name, () => {
        const result = effect();
        if (merged) resolve(result);
        else this.event(`${name}: answer`, () => resolve(result));
      });
    });
  }

  store(node) {
    const short = (key) => key.slice(key.indexOf("#") + 1);
    return {
      get: (key) => this.call(`${node} get`, () => this.held.get(key)),
      getMany: (keys) => this.call(`${node} look`, () => keys.map((key) => this.held.get(key))),
      set: (key, bytes) => this.call(`${node} set ${short(key)}`, () => void this.held.set(key, bytes.slice()), !key.includes("#e:")),
      add: (key, bytes) => this.call(`${node} add`, () => !this.held.has(key) && (this.held.set(key, bytes.slice()), true), true),
      delete: (keys) => this.call(`${node} delete`, () => keys.forEach((key) => this.held.delete(key)), true),
    };
  }

  bus(node) {
    return {
      publish: (text) => {
        this.listeners.forEach(({ node: other, listener }) => {
          if (other !== node) this.event(`hint to ${other}`, () => listener(text));
        });
      },
      subscribe: (listener) => void this.listeners.push({ node, listener }),
      close() {},
    };
  }

  async act(node, cache, tier, what) {
    const began = this.time;
    if (what === "mutate") {
      let version = 0;
      await routeRequest(cache, { endpoint: "shop.item.update" }, () => this.call(`${node} commit`, () => void (version = ++this.version), true));
      this.acks.push({ node, at: this.time, version });
    } else if (what === "commit") {
      await this.call(`${node} commit`, () => void (this.version += 1), true);
    } else if (what === "tag") {
      const { version } = this;
      await tier.invalidate({ tag: "item" });
      this.acks.push({ node, at: this.time, version });
    } else {
      const due = this.due(node);
      const { data } = await routeRequest(cache, { endpoint: "shop.item.get", params: { id: 1 } }, () => this.call(`${node} load`, () => this.version), { tags: ["item"] });
      if (data < due) this.faults.push(`${node} read ${data} at ${began - this.began}, and ${due} was due`);
    }
  }

  /** The version that a read of this process which starts now has to see. */
  due(node) {
    const binding = this.acks.filter((ack) => ack.node === node || this.time - ack.at > L1_TTL);
    return Math.max(1, ...binding.map(({ version }) => version));
  }
}

/** One order of events: as `path` says, then as `choose` says. Returns how many ways each step had, and the faults. */
async function run(caches, scripts, path, choose, time) {
  const world = new World(caches, time);
  world.began = time;
  const clock = caches.clock;
  clock.world = world;
  const tiers = caches.map((cache, at) =>
    tiered(cache, { store: world.store("AB"[at]), bus: process.argv[4] === "no bus" ? undefined : world.bus("AB"[at]), l1Ttl: `${L1_TTL}ms`, deadline: 1e6, timers: world.timers, node: "AB"[at], namespace: "x" }),
  );
  const ways = [];
  const trail = [];
  scripts.forEach((script, at) => {
    const queue = [...script];
    const next = () => {
      const what = queue.shift();
      if (what === undefined) return;
      world.running += 1;
      world.event(`${"AB"[at]} begins to ${what}`, () =>
        void world.act("AB"[at], caches[at], tiers[at], what).then(() => {
          world.running -= 1;
          next();
        }, (error) => world.faults.push(String(error))),
      );
    };
    next();
  });
  for (let step = 0; ; step += 1) {
    await turn();
    const options = [...world.events.keys()].map((at) => ({ at }));
    if (options.length === 0) {
      if (world.running === 0) break;
      await new Promise(setImmediate);
      if (world.events.length === 0) return { ways, trail, faults: [...world.faults, "nothing can happen any more"], time: world.time };
      continue;
    }
    world.events.forEach(({ name }, at) => {
      if (name.startsWith("hint")) options.push({ at, lost: true }, { at, twice: true });
    });
    if (world.jumps > 0) options.push({ jump: true });
    const choice = path[step] ?? choose(options.map(({ at, jump }) => (jump ? "time" : world.events[at].name[0])), step);
    ways.push(options.length);
    const { at, lost, twice, jump } = options[choice % options.length];
    if (jump) {
      world.jumps -= 1;
      world.time += L1_TTL + 1;
      trail.push("time passes");
      continue;
    }
    const [{ name, act }] = world.events.splice(at, 1);
    trail.push(lost ? `${name}: lost` : twice ? `${name}, and once more to come` : name);
    if (twice) world.event(name, act);
    if (!lost) act();
  }
  // When all is said and done and l1Ttl has passed, everybody sees the latest.
  world.time += L1_TTL + 1;
  for (const [at, cache] of caches.entries()) {
    const reading = world.act("AB"[at], cache, tiers[at], "read");
    let over = false;
    void reading.finally(() => (over = true));
    while (!over) {
      await turn();
      world.events.shift()?.act();
    }
  }
  const closing = Promise.all(tiers.map((tier) => tier.close()));
  for (let wait = 0; wait < 4 || world.events.length > 0; wait += 1) {
    await turn();
    world.events.splice(0).forEach(({ act }) => act());
  }
  await closing;
  return { ways, trail, faults: world.faults, time: world.time };
}

function makeCaches() {
  const clock = { world: { time: 1_000 }, now: () => clock.world.time };
  return Object.assign([new CacheService({ clock }), new CacheService({ clock })], { clock });
}

/** All orders to a depth, then a deeper one, while the time lasts. */
async function explore(scripts, seconds) {
  const caches = makeCaches();
  const random = seeded(7);
  // One of them runs ahead until another takes over, now and then: that finds what fair turns hardly ever find.
  let first = {};
  const choose = (who, step) => {
    if (step <= 6 || random() < 0.12) first = { A: random(), B: random(), h: random(), time: random() - 0.5 };
    const most = Math.max(...who.map((one) => first[one]));
    const ways = who.flatMap((one, at) => (first[one] === most ? [at] : []));
    return ways[Math.floor(random() * ways.length)];
  };
  const end = performance.now() + seconds * 1000;
  let [runs, depth, time, complete] = [0, 4, 1_000, 0];
  for (; performance.now() < end; depth += 1) {
    let path = new Array(depth).fill(0);
    for (;;) {
      const result = await run(caches, scripts, path, choose, time);
      runs += 1;
      time = result.time + 10 * L1_TTL;
      if (result.faults.length > 0) return { runs, complete, ...result };
      // The next path in order: the last step that has another way takes it.
      let at = Math.min(depth, result.ways.length) - 1;
      while (at >= 0 && path[at] + 1 >= result.ways[at]) at -= 1;
      if (at < 0) break;
      path = [...path.slice(0, at), path[at] + 1, ...new Array(depth - at - 1).fill(0)];
      if (performance.now() >= end) return { runs, complete, faults: [] };
    }
    complete = depth;
  }
  return { runs, complete, faults: [] };
}

const [name, seconds] = process.argv.slice(2);
console.log(JSON.stringify(await explore(SCENARIOS[name], Number(seconds))));
