// Answers live as long as their entries: nothing beside an entry holds on to one, whatever way it went.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { cached } from "../../pkg/adapters/fetch.js";
import { CacheService, routeRequest } from "../../pkg/index.js";
import { manualClock } from "./kit.mjs";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");

/** How many of these objects are still there once the collector has had its chance. */
async function alive(refs) {
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    gc();
  }
  return refs.filter((ref) => ref.deref() !== undefined).length;
}

const COUNT = 200;
/** Each asks for `COUNT` answers, the second time as a hit, and notes down what it was given. */
const ASKED = {
  routeRequest: async (cache, refs) => {
    for (let at = 0; at < COUNT; at += 1) {
      const ask = async () => (await routeRequest(cache, { endpoint: "shop.item.get", params: { at }, userId: "ann" }, () => ({ at, rows: [{ at }] }))).data;
      refs.push(new WeakRef(await ask()), new WeakRef((await ask()).rows[0]));
      await ask();
    }
  },
  "routeRequest, with something mutable": async (cache, refs) => {
    for (let at = 0; at < COUNT; at += 1) {
      const ask = async () => (await routeRequest(cache, { endpoint: "shop.item.get", params: { at } }, () => ({ when: new Date(at), rows: [{ at }] }))).data;
      refs.push(new WeakRef((await ask()).rows), new WeakRef((await ask()).rows[0]));
      await ask();
    }
  },
  getOrSet: async (cache, refs) => {
    for (let at = 0; at < COUNT; at += 1) {
      const ask = () => cache.getOrSet(`shop.item.get:${at}`, () => ({ at, rows: [{ at }] }));
      refs.push(new WeakRef(await ask()), new WeakRef((await ask()).rows[0]));
    }
  },
  "the fetch adapter": async (cache, refs) => {
    const handler = cached(cache, { identity: "anonymous", paths: ({ url }) => ({ endpoint: "shop.item.get", params: { url } }) }, () => new Response("x".repeat(100)));
    for (let at = 0; at < COUNT; at += 1) {
      for (let time = 0; time < 3; time += 1) await (await handler(new Request(`http://h.example/${at}`))).text();
    }
    for (const [, value] of cache) refs.push(new WeakRef(value), new WeakRef(value.data));
  },
};
/** Every way in which an entry goes. */
const GONE = {
  eviction: (cache) => { for (let at = 0; at < 40 * COUNT; at += 1) { cache.set(`other:${at % (4 * COUNT)}`, at); cache.get(`other:${at % (4 * COUNT)}`); } },
  expiry: (cache, clock) => { clock.advance(1e6); cache.cleanupExpired(); },
  "expiry that a lookup meets": (cache, clock) => { const keys = [...cache.keys()]; clock.advance(1e6); for (const key of keys) cache.get(key); },
  delete: (cache) => { for (const key of [...cache.keys()]) cache.delete(key); },
  "a set by hand": (cache) => { for (const key of [...cache.keys()]) cache.set(key, 1); },
  invalidation: (cache) => { cache.invalidate({ prefix: "shop" }); for (let at = 0; at < COUNT; at += 1) cache.get("x"); },
  "invalidation by a pattern": (cache) => cache.invalidate("^s"),
  clear: (cache) => cache.clear(),
  dispose: (cache) => cache.dispose(),
  "a mutation": async (cache) => {
    await routeRequest(cache, { endpoint: "shop.item.delete" }, () => 1);
    await routeRequest(cache, { endpoint: "shop.clear" }, () => 1);
    for (const [key] of cache) cache.invalidate({ glob: key });
    for (let at = 0; at < COUNT; at += 1) cache.get("x");
  },
};
for (const [by, ask] of Object.entries(ASKED)) {
  for (const [way, end] of Object.entries(GONE)) {
    test(`B1: answers of ${by} go with their entries: ${way}`, async () => {
      const clock = manualClock();
      const cache = new CacheService({ clock, maxEntries: COUNT, rules: { "shop.*": { ttl: 100 } } });
      const refs = [];
      await ask(cache, refs);
      assert.ok(refs.length >= COUNT, `${refs.length} answers`);
      await end(cache, clock);
      const kept = way === "dispose" ? 0 : [...cache.keys()].filter((key) => key.startsWith("shop") && typeof cache.peek(key) === "object").length;
      const there = await alive(refs);
      assert.ok(there <= 2 * kept + 4, `${there} of ${refs.length} answers are still there, and ${kept} entries`);
      if (way !== "eviction") assert.ok(kept === 0);
      else assert.ok(kept < COUNT);
    });
  }
}

test("B1: no more answers are alive than there are entries, however many were asked for", async () => {
  const cache = new CacheService({ maxEntries: 10 });
  const refs = [];
  for (let at = 0; at < 3_000; at += 1) refs.push(new WeakRef((await routeRequest(cache, { endpoint: "shop.item.get", params: { at } }, () => ({ at }))).data));
  assert.ok((await alive(refs)) <= 12, `${await alive(refs)} alive`);
});
