// Races on the built package, as many as are asked for: readers, mutations and invalidations over one resource in the
// orders that fast-check's scheduler finds, with handlers that throw, callers that abort and loads that hang.
//
// The oracle is a version: each write makes the next one, each read brings the one it found. RACES is how many runs (2,000),
// RACES_SEED repeats those of a printed seed.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { routeRequest } from "../../pkg/index.js";
import { bench, deferred, turns } from "./kit.mjs";

const seed = Number(process.env.RACES_SEED ?? Date.now() % 2 ** 31);
const numRuns = Number(process.env.RACES ?? 2000);

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("read"), ends: fc.constantFrom("well", "well", "well", "throws", "hangs"), abort: fc.constantFrom(false, false, false, true) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("mutate"), ends: fc.constantFrom("well", "well", "throws before", "throws after") }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("write"), by: fc.constantFrom("endpoint", "tag", "prefix", "regex", "clear", "user") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wait") }) },
);
const INVALIDATE = {
  endpoint: (cache) => cache.invalidate({ endpoint: "a.*" }), tag: (cache) => cache.invalidate({ tag: "t" }), prefix: (cache) => cache.invalidate({ prefix: "a.get" }),
  regex: (cache) => cache.invalidate("^a\\."), clear: (cache) => cache.clear(), user: (cache) => cache.invalidate({ userId: "u" }),
};

test(`races: ${numRuns} runs with seed ${seed}; RACES_SEED=${seed} repeats them`, async (t) => {
  t.diagnostic(`seed ${seed}`);
  let loads = 0, refused = 0, joined = 0;
  const property = fc.asyncProperty(fc.scheduler(), fc.array(step, { minLength: 2, maxLength: 9 }), async (scheduler, steps) => {
    const { cache, clock } = bench({ rules: { "a.*": { tags: ["t"] } } });
    let version = 0, acknowledged = 0;
    const hanging = [];
    const settled = [];
    const perform = async ({ kind, ends, abort, by }) => {
      if (kind === "wait") return clock.advance(50);
      if (kind === "write") {
        version += 1;
        INVALIDATE[by](cache);
        acknowledged = version;
        return undefined;
      }
      if (kind === "mutate") {
        let mine = acknowledged;
        const handler = async () => {
          await scheduler.schedule(Promise.resolve(), "before the commit");
          if (ends === "throws before") throw new Error("before");
          version += 1;
          mine = version;
          await scheduler.schedule(Promise.resolve(), "after the commit");
          if (ends === "throws after") throw new Error("after");
          return version;
        };
        const error = await routeRequest(cache, { endpoint: "a.update" }, handler).then(() => undefined, (thrown) => thrown);
        assert.equal(error?.message, ends === "well" ? undefined : ends.slice(7));
        acknowledged = Math.max(acknowledged, mine);
        return undefined;
      }
      const known = acknowledged;
      const controller = new AbortController();
      const handler = async () => {
        loads += 1;
        const found = version;
        if (ends === "hangs") {
          const gate = deferred();
          hanging.push(gate);
          await gate.promise;
        }
        await scheduler.schedule(Promise.resolve(), "the load");
        if (ends === "throws") throw new Error("load");
        return { version: found };
      };
      const answer = routeRequest(cache, { endpoint: "a.get", userId: "u", signal: controller.signal }, handler);
      if (abort) scheduler.schedule(Promise.resolve(), "the abort").then(() => controller.abort(new Error("abort")));
      try {
        const { data } = await answer;
        assert.ok(data.version >= known, `a read that began after version ${known} got ${data.version}`);
      } catch (error) {
        assert.ok(["load", "abort"].includes(error.message), String(error.stack));
      }
      return undefined;
    };
    for (const [at, what] of steps.entries()) settled.push(scheduler.schedule(Promise.resolve(), `step ${at}`).then(() => perform(what)));
    await scheduler.waitAll();
    for (let round = 0; round < 40 && (hanging.length > 0 || scheduler.count() > 0); round += 1) {
      for (const gate of hanging.splice(0)) gate.resolve();
      await turns();
      await scheduler.waitAll();
    }
    await Promise.all(settled);
    await turns();
    // Nothing is under way: what is kept, if anything, is the last version.
    const { loading, mutating, hits, misses, joined: waited, refusedFills } = cache.getStats();
    assert.deepEqual([loading, mutating], [0, 0]);
    const { data } = await routeRequest(cache, { endpoint: "a.get", userId: "u" }, () => ({ version }));
    assert.equal(data.version, version, "what is kept is not the last version");
    assert.ok(hits + misses <= steps.length && waited <= misses);
    refused += refusedFills;
    joined += waited;
  });
  await fc.assert(property, { seed, numRuns });
  t.diagnostic(`${loads} loads, ${joined} callers joined one, ${refused} loads not stored`);
  assert.ok(loads > numRuns / 2 && (numRuns < 500 || (refused > 0 && joined > 0)), "the schedules must be such that something can go wrong");
});
