// Time that tests take over: fake timers that come and go, on a cache from before and on one made under them. Every way of
// looking has to say the same within one turn, nothing lives for ever, and nothing comes back.
import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import FakeTimers from "@sinonjs/fake-timers";
import { CacheService, routeRequest } from "../../pkg/index.js";

const NOW = Date.UTC(2024, 1, 29);
const YEAR = 365 * 86_400_000;

/** Keeps the processor busy: the host's own time passes and no turn ends. */
function busy(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

const request = { endpoint: "a.list", params: { page: 1 } };

/** Stores what `standing` looks at, for a minute, and a request that has been a hit before. */
async function fill(cache) {
  cache.set("k", "old", 60);
  cache.set("fallback", "old", 60);
  await routeRequest(cache, request, () => "old", { ttl: 60 });
  await routeRequest(cache, request, () => "old");
}

/** What each way of looking says of the same entries: all of them within one turn, none of them counted out by another. */
function standing(cache) {
  const loads = [];
  const said = {
    get: cache.get("k") !== undefined,
    has: cache.has("k"),
    peek: cache.peek("k") !== undefined,
    keys: [...cache.keys()].includes("fallback"),
    entries: [...cache].some(([key]) => key === "fallback"),
    stats: cache.getStats().expiredEntries === 0,
    explain: cache.explain("fallback").state === "fresh",
    many: cache.getMany(["fallback"])[0] !== undefined,
  };
  loads.push(cache.getOrSet("k", () => "new").then((value) => ["getOrSet", value === "old"]));
  loads.push(routeRequest(cache, request, () => "new").then(({ data }) => ["routeRequest", data === "old"]));
  loads.push(routeRequest(cache, request, () => "new", {}).then(({ data }) => ["routeRequest with options", data === "old"]));
  return Promise.all(loads).then((answers) => ({ ...said, ...Object.fromEntries(answers) }));
}

async function agree(cache, alive, when) {
  const said = await standing(cache);
  const expected = Object.fromEntries(Object.keys(said).map((way) => [way, alive]));
  assert.deepEqual(said, expected, when);
}

/** Ways in which tests take over the clock: each gives how time is moved, and how all is undone. */
const fakes = {
  "fake timers": (now) => {
    const timers = FakeTimers.install({ now });
    return { move: (ms) => timers.tick(ms), jump: (ms) => timers.setSystemTime(ms), end: () => timers.uninstall() };
  },
  "fake timers that take over microtasks as well": (now) => {
    const timers = FakeTimers.install({ now, toFake: ["Date", "nextTick", "queueMicrotask", "setTimeout", "performance"] });
    return { move: (ms) => timers.tick(ms), jump: (ms) => timers.setSystemTime(ms), end: () => timers.uninstall() };
  },
  "node:test": (now) => {
    mock.timers.enable({ apis: ["Date"], now });
    return { move: (ms) => mock.timers.tick(ms), jump: (ms) => mock.timers.setTime(ms), end: () => mock.timers.reset() };
  },
  "a Date.now of one's own": (now) => {
    let at = now;
    const { now: real } = Date;
    Date.now = () => at;
    return { move: (ms) => { at += ms; }, jump: (ms) => { at = ms; }, end: () => { Date.now = real; } };
  },
  "a spy on Date.now": (now) => {
    let at = now;
    const spy = mock.method(Date, "now", () => at);
    return { move: (ms) => { at += ms; }, jump: (ms) => { at = ms; }, end: () => spy.mock.restore() };
  },
  "a Date of one's own": (now) => {
    let at = now;
    const { Date: real } = globalThis;
    globalThis.Date = class extends real {
      static now() { return at; }
    };
    return { move: (ms) => { at += ms; }, jump: (ms) => { at = ms; }, end: () => { globalThis.Date = real; } };
  },
  "a bound function": (now) => {
    const state = { at: now };
    const { now: real } = Date;
    Date.now = function () { return this.at; }.bind(state);
    return { move: (ms) => { state.at += ms; }, jump: (ms) => { state.at = ms; }, end: () => { Date.now = real; } };
  },
  "a proxy": (now) => {
    let at = now;
    const { now: real } = Date;
    Date.now = new Proxy(real, { apply: () => at });
    return { move: (ms) => { at += ms; }, jump: (ms) => { at = ms; }, end: () => { Date.now = real; } };
  },
};

for (const [name, install] of Object.entries(fakes)) {
  describe(`A6: time is taken over by ${name}`, () => {
    it("get, has, peek, keys, statistics, loads and requests agree within a turn", async () => {
      const fake = install(NOW);
      try {
        const cache = new CacheService();
        await fill(cache);
        await agree(cache, true, "at first");
        fake.move(60_000);
        await agree(cache, true, "at the deadline");
        // All before the first await of this turn, in which a reading would be shared by now.
        for (let lookup = 0; lookup < 70; lookup += 1) assert.equal(cache.get("k"), "old");
        fake.move(1);
        await agree(cache, false, "after it");
      } finally {
        fake.end();
      }
    });

    it("within the turn of a lookup, and given back within one", () => {
      const cache = new CacheService();
      cache.set("k", 1, 60);
      assert.equal(cache.get("k"), 1);
      const fake = install(Date.now() + 30_000);
      try {
        assert.deepEqual([cache.get("k"), cache.has("k")], [1, true]);
        assert.ok(cache.explain("k").age >= 30);
        fake.move(30_001);
        assert.deepEqual([cache.get("k"), cache.has("k"), cache.peek("k")], [undefined, false, undefined]);
        cache.set("k", 2, 60);
        assert.equal(cache.get("k"), 2);
      } finally {
        fake.end();
      }
      // A minute back: it keeps the life that it has left.
      assert.deepEqual([cache.get("k"), cache.has("k"), cache.explain("k").age], [2, true, 0]);
    });

    for (const [when, far] of [["an earlier date", -20 * YEAR], ["a later date", 20 * YEAR], ["the beginning", -Date.now()]]) {
      it(`and set to ${when}: a cache from before goes on, and goes on afterwards`, () => {
        const cache = new CacheService();
        cache.set("before", 1, 60);
        const fake = install(Date.now() + far);
        try {
          if (far < 0) {
            assert.equal(cache.get("before"), 1, "it keeps the life that it has left");
            fake.move(61_000);
          }
          assert.equal(cache.get("before"), undefined);
          for (let hop = 0; hop < 4; hop += 1) {
            cache.set("k", hop, 60);
            fake.move(60_000);
            assert.equal(cache.get("k"), hop);
            fake.move(1);
            assert.equal(cache.get("k"), undefined);
            fake.jump(Math.max(0, Date.now() - YEAR));
            assert.deepEqual([cache.get("k"), cache.get("before")], [undefined, undefined], "nothing comes back");
          }
          cache.set("k", 5, 60);
        } finally {
          fake.end();
        }
        if (far > 0) assert.equal(cache.get("k"), 5, "it keeps the life that it has left");
        else assert.equal(cache.get("k"), undefined);
        cache.set("k", 6, 0.005);
        busy(8);
        assert.deepEqual([cache.get("k"), cache.get("before")], [undefined, undefined], "nothing lives for ever");
      });
    }
  });
}

describe("A6: time that is taken over by what calls the cache or fails", () => {
  it("a Date.now that calls the cache finds it in order", () => {
    const { now: real } = Date;
    const cache = new CacheService({ maxEntries: 4 });
    let [at, nested] = [NOW, false];
    Date.now = () => {
      if (!nested) {
        nested = true;
        for (const key of ["a", "b", "c", "d", "e"]) cache.set(key, key, 60);
        cache.delete("a");
        nested = false;
      }
      return (at += 1);
    };
    try {
      for (let round = 0; round < 50; round += 1) {
        for (const key of ["a", "b", "c", "d", "e"]) assert.ok([undefined, key].includes(cache.get(key)), key);
      }
    } finally {
      Date.now = real;
    }
  });

  it("one that gives nothing, or throws, or is not there, is a clock that tells no time", async () => {
    const { now: real } = Date;
    const cache = new CacheService();
    cache.set("k", 1, 60);
    for (const odd of [() => undefined, () => new Date(0), () => "5", () => { throw new Error("no"); }, undefined]) {
      Date.now = odd;
      try {
        assert.deepEqual([cache.get("k"), cache.has("k"), cache.set("l", 2), cache.get("l")], [1, true, true, 2]);
        assert.equal((await routeRequest(cache, request, () => 1)).data, 1);
      } finally {
        Date.now = real;
      }
    }
    assert.ok(cache.getStats().clockErrors > 0);
    assert.equal(cache.get("k"), 1);
  });

  it("the end of the turn is not among what fake timers hold back", async () => {
    const timers = FakeTimers.install({ toFake: ["queueMicrotask", "nextTick", "setTimeout", "setImmediate"] });
    try {
      const cache = new CacheService();
      cache.set("k", 1, 0.005);
      cache.get("k");
      busy(10);
      await null;
      assert.equal(cache.get("k"), undefined);
    } finally {
      timers.uninstall();
    }
  });
});
