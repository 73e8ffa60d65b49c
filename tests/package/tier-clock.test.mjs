// The second tier under clocks that step: what it waits for and whom it trusts is counted in lengths of time, what its
// frames say is what the clock read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeFrame } from "../../build/modules/pkg-template/src/tier/frame.js";
import { CacheService, routeRequest } from "../../pkg/index.js";
import { memoryStore } from "../../pkg/tier/stores/memory.js";
import { tiered } from "../../pkg/tier/tiered.js";
import { manualClock } from "./kit.mjs";

const request = { endpoint: "a.list", params: { page: 1 } };

/** A cache with a clock of its own over a store, whose entries live by a clock that never steps. */
function node(store, ms, options = {}) {
  const clock = manualClock(ms);
  const events = [];
  const cache = new CacheService({ clock });
  const tier = tiered(cache, { store, l1Ttl: 10, onEvent: (event) => events.push(event), ...options });
  return { cache, clock, tier, events };
}

const ask = (cache, answer) => routeRequest(cache, request, () => answer, { ttl: 60 });

async function frameOf(store, key) {
  const decoded = decodeFrame(await store.get(`ec:${key}`));
  return decoded.frame;
}

test("A6: a frame says what the clock reads, also after it stepped back", async () => {
  const store = memoryStore({ now: () => 0 });
  const { cache, clock, tier } = node(store, 1e12);
  await ask(cache, "first");
  clock.ms -= 3_600_000;
  cache.invalidate("");
  await tier.settled();
  const { metadata } = await ask(cache, "second");
  await tier.settled();
  const { storedAt, expiresAt } = await frameOf(store, metadata.key);
  assert.deepEqual([storedAt, expiresAt], [1e12 - 3_600_000, 1e12 - 3_600_000 + 60_000]);
  clock.advance(-10);
  cache.set("k", 1, 30);
  await tier.settled();
  cache.set("k", 2, 30);
  await tier.settled();
  const frame = await frameOf(store, "k");
  assert.deepEqual([frame.storedAt, frame.expiresAt], [clock.ms, clock.ms + 30_000]);
});

test("A6: a clock that had stepped back finds what another process stored, and for as long as that is good", async () => {
  const store = memoryStore({ now: () => 0 });
  const [a, b] = [node(store, 1e12), node(store, 1e12 + 3_600_000)];
  // This one was an hour ahead, and is right again.
  b.cache.set("k", 1);
  b.clock.ms = 1e12;
  await ask(a.cache, "a's");
  await a.tier.settled();
  for (const passed of [0, 30, 60]) {
    b.clock.ms = a.clock.ms = 1e12 + passed * 1000;
    const { data, metadata } = await ask(b.cache, "b's");
    assert.deepEqual([data, metadata.cache], ["a's", "hit"]);
    assert.ok(metadata.ttl <= 60 - passed || passed === 60, `${metadata.ttl} s left after ${passed} s`);
  }
  b.clock.ms += 10;
  assert.equal((await ask(b.cache, "b's")).data, "b's");
});

test("A6: what a process stored whose clock is ahead lives no longer than it was given", async () => {
  const store = memoryStore({ now: () => 0 });
  const [ahead, right] = [node(store, 1e12 + 3_600_000, { l1Ttl: 1_000 }), node(store, 1e12, { l1Ttl: 1_000 })];
  await ask(ahead.cache, "ahead's");
  await ahead.tier.settled();
  const { data, metadata } = await ask(right.cache, "mine");
  assert.equal(data, "ahead's");
  assert.ok(metadata.ttl <= 60, `${metadata.ttl} s`);
});

test("A6: events are told at what the clock reads", async () => {
  const store = { ...memoryStore(), get: () => Promise.reject(new Error("away")), getMany: () => Promise.reject(new Error("away")) };
  const { cache, clock, events } = node(store, 1e12);
  cache.set("k", 1);
  clock.ms -= 1e9;
  for (let load = 0; load < 3; load += 1) await routeRequest(cache, { ...request, params: { load } }, () => 1);
  assert.deepEqual(events.map(({ type, at }) => [type, at]), [["storeAway", 1e12 - 1e9]]);
});

test("A6: a circuit that opened closes after its pause, though the clock stepped back meanwhile", async () => {
  let away = true;
  const inner = memoryStore({ now: () => 0 });
  const getMany = (keys) => (away ? Promise.reject(new Error("away")) : inner.getMany(keys));
  const { cache, clock, tier } = node({ ...inner, getMany }, 1e12);
  const load = (n) => routeRequest(cache, { ...request, params: { n } }, () => n);
  for (let n = 0; n < 3; n += 1) await load(n);
  assert.equal(tier.stats().circuit, "open");
  clock.ms -= 3_600_000;
  away = false;
  await load(3);
  assert.equal(tier.stats().circuit, "open", "its pause is not over");
  clock.advance(2);
  await load(4);
  assert.equal(tier.stats().circuit, "closed");
});
