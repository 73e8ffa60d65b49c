// Time: which clocks a cache takes, what it does when one steps, and how long one reading of the host's own may be shared.
// Time that is taken over by fake timers is in fake-timers.test.mjs.
import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import FakeTimers from "@sinonjs/fake-timers";
import { CacheService as Unbundled } from "../../build/modules/pkg-template/src/index.js";
import { CacheService as Core } from "../../build/modules/build/wasm/endpoint_cache.js";
import { CacheService, routeRequest } from "../../pkg/index.js";
import { bench, complaint, generator, manualClock } from "./kit.mjs";

const YEAR = 365 * 86_400_000;

/** Keeps the processor busy: time passes and no turn ends. The host's own clock cannot be moved in any other way. */
function busy(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Whether this comes true at least once in five times: the process may be held up between two of its lines. */
function mostly(attempt) {
  return [1, 2, 3, 4, 5].some(attempt);
}

/** Seconds that pass until a key is gone. */
function life(cache, key, pass) {
  let seconds = 0;
  while (cache.has(key) && seconds < 10_000) {
    pass(1_000);
    seconds += 1;
  }
  return seconds;
}

const request = { endpoint: "a.list", params: { page: 1 } };

describe("A5: which clocks a cache takes", () => {
  class Ticker {
    #ms = 5;
    now() { return this.#ms; }
    advance(ms) { this.#ms += ms; }
  }
  class Inherited extends Ticker {}

  it("takes an object with a now(), whatever it is an instance of, and asks it as its own method", () => {
    for (const ticker of [new Ticker(), new Inherited(), Object.assign(() => "a text", { ms: 5, now() { return this.ms; }, advance(ms) { this.ms += ms; } })]) {
      const cache = new CacheService({ clock: ticker });
      cache.set("k", 1, 10);
      assert.equal(life(cache, "k", (ms) => ticker.advance(ms)), 11);
    }
  });

  it("takes a function, and a now() that is exchanged later", () => {
    let ms = 5;
    const clock = { now: () => ms };
    for (const given of [() => ms, clock]) {
      const cache = new CacheService({ clock: given });
      cache.set("k", 1, 10);
      assert.equal(life(cache, "k", (by) => { ms += by; }), 11);
    }
    const cache = new CacheService({ clock });
    cache.set("k", 1, 10);
    clock.now = () => ms + 10_001;
    assert.equal(cache.get("k"), undefined);
  });

  for (const [name, clock] of Object.entries({ Date, performance, "Date.now": Date.now, "an object around Date.now": { now: Date.now } })) {
    it(`expires by ${name}`, () => {
      const cache = new CacheService({ clock });
      assert.ok(mostly(() => cache.set("k", 1, 0.005) && cache.get("k") === 1));
      busy(10);
      cache.set("other", 1);
      assert.equal(cache.get("k"), undefined);
    });
  }

  it("takes Date for the system's clock, under fake timers too", () => {
    const [before, timers] = [new CacheService({ clock: Date }), FakeTimers.install({ now: Date.UTC(2024, 1, 29) })];
    try {
      for (const cache of [before, new CacheService({ clock: Date })]) {
        cache.set("k", 1, 10);
        assert.equal(life(cache, "k", (ms) => timers.tick(ms)), 11);
      }
    } finally {
      timers.uninstall();
    }
  });

  const bad = {
    "a Date": [() => new Date(), "[object Date]"],
    "Date() by a function": [() => Date(), /^"/],
    "a text": [() => "1700000000000", '"1700000000000"'],
    "a BigInt": [() => 1_700_000_000_000n, "1700000000000n"],
    nothing: [() => {}, "undefined"],
    null: [() => null, "null"],
    "no number": [() => NaN, "NaN"],
    "no time": [() => Infinity, "Infinity"],
    "a promise": [async () => 5, "[object Promise]"],
    "a promise that fails": [async () => { throw new Error("later"); }, "[object Promise]"],
    "an instant": [() => ({ epochMilliseconds: 5, [Symbol.toStringTag]: "Temporal.Instant" }), "[object Temporal.Instant]"],
    "a boxed number": [() => Object(5), "[object Number]"],
  };
  for (const [name, [clock, given]] of Object.entries(bad)) {
    it(`refuses one that gives ${name}`, () => {
      for (const options of [{ clock }, { clock: { now: clock } }, { clock: Object.assign(() => 5, { now: clock }) }]) {
        const [type, code, sentence] = complaint(() => new CacheService(options));
        const said = sentence.replace(/^options: clock is to give milliseconds as a finite number, not /, "");
        assert.deepEqual([type, code], ["TypeError", "ERR_OPTION"]);
        if (typeof given === "string") assert.equal(said, given);
        else assert.match(said, given);
      }
    });
  }

  it("refuses one that throws, and says what", () => {
    const cause = new RangeError("mine");
    const other = new CacheService();
    other.set("k", 1);
    const options = { clock: () => { throw cause; } };
    assert.deepEqual(complaint(() => new CacheService(options)), ["TypeError", "ERR_OPTION", "options: clock is to give milliseconds, and threw RangeError: mine"]);
    assert.throws(() => new CacheService(options), { cause });
    assert.throws(() => new CacheService({ clock: performance.now }), { code: "ERR_OPTION" });
    assert.throws(() => new CacheService({ clock: () => { throw "words"; } }), { code: "ERR_OPTION", message: /threw "words"$/ });
    // Nobody else's entries went for that.
    assert.deepEqual([other.get("k"), other.getStats().resets], [1, 0]);
  });

  it("refuses what is neither", () => {
    for (const clock of [5, "Date", null, {}, { now: 5 }, { get now() { return 5; } }, [], true]) {
      assert.deepEqual(complaint(() => new CacheService({ clock })).slice(0, 2), ["TypeError", "ERR_OPTION"]);
    }
  });

  it("asks no clock of the system while a cache is made", () => {
    const refuse = () => { throw new Error("time is not to be had here"); };
    const mocks = [mock.method(Date, "now", refuse), mock.method(performance, "now", refuse)];
    try {
      for (const options of [undefined, 300, {}, { clock: undefined }, { clock: Date }]) new CacheService(options);
      assert.deepEqual(mocks.map(({ mock: { callCount } }) => callCount.call(mocks[0].mock)), [0, 0]);
    } finally {
      mock.restoreAll();
    }
  });
});

describe("A6: a clock that steps", () => {
  it("was ahead for one reading: an entry stored afterwards lives as long as it was given", () => {
    for (const ahead of [1, 3_600_000, YEAR, 9e15, 1e17, 1e300, Number.MAX_VALUE]) {
      const { cache, clock } = bench();
      cache.set("before", 1, 10);
      clock.ms += ahead;
      cache.set("far", 1, 10);
      clock.ms = 1_000_000;
      cache.set("k", 1, 10);
      assert.equal(life(cache, "k", (ms) => { clock.ms += ms; }), 11, String(ahead));
      assert.deepEqual([cache.has("before"), cache.has("far")], [false, false]);
    }
  });

  it("steps back: what is held keeps the life that it has left, and what is gone stays gone", () => {
    const { cache, clock } = bench();
    cache.set("gone", 1, 1);
    clock.advance(2);
    cache.set("k", 1, 10);
    for (let second = 0; second < 10; second += 1) {
      clock.advance(1);
      assert.equal(cache.get("k"), 1);
      clock.ms -= YEAR;
      assert.deepEqual([cache.get("k"), cache.has("gone")], [1, false]);
    }
    clock.ms += 1;
    assert.equal(cache.get("k"), undefined);
  });

  it("walks at random: an entry lives for what the clock moved forward, by every way of looking", async () => {
    const random = generator(6);
    for (let round = 0; round < 60; round += 1) {
      const { cache, clock } = bench({ maxEntries: 100 });
      const ttl = Math.ceil(random() * 100);
      let passed = 0;
      cache.set("k", 1, ttl);
      for (let step = 0; step < 50; step += 1) {
        const by = Math.round((random() - 0.45) * (random() < 0.1 ? 1e12 : 10_000));
        clock.ms += by;
        passed += Math.max(0, by);
        const alive = passed <= ttl * 1000;
        assert.deepEqual([cache.has("k"), cache.peek("k") === 1, [...cache.keys()].length === 1], [alive, alive, alive]);
        if (!alive) break;
        assert.equal(cache.explain("k").age, passed / 1000);
      }
    }
  });

  it("tells people what it reads, and lengths of time as they were", async () => {
    const events = [];
    const { cache, clock } = bench({ onEvent: (event) => events.push(event) });
    await routeRequest(cache, request, () => 1);
    clock.ms -= 400_000;
    const { metadata } = await routeRequest(cache, request, () => 1);
    assert.deepEqual([metadata.timestamp, metadata.age, metadata.ttl], [new Date(clock.ms).toISOString(), 0, 180]);
    assert.equal(events.at(-1).at, clock.ms);
    clock.advance(10);
    assert.equal(cache.explain(metadata.key).age, 10);
    cache.invalidate(/a/);
    const at = clock.ms;
    clock.advance(5);
    assert.equal(cache.explain(metadata.key).invalidation.at, at);
    assert.match(cache.explain(metadata.key).summary, new RegExp(`^absent: removed at ${at} by `));
    const quick = bench();
    await routeRequest(quick.cache, request, () => 1);
    quick.clock.ms -= 400_000;
    for (const _ of [1, 2]) {
      const { metadata } = await routeRequest(quick.cache, request, () => 1);
      assert.deepEqual([metadata.timestamp, metadata.age, metadata.durationMs], [new Date(quick.clock.ms).toISOString(), 0, 0]);
    }
  });

  it("steps back while a handler runs: it took no negative time, and what it brought lives", async () => {
    const { cache, clock } = bench();
    const { metadata } = await routeRequest(cache, request, async () => { clock.ms -= 3_600_000; return 1; });
    assert.deepEqual([metadata.durationMs, metadata.ttl], [0, 180]);
    clock.advance(180);
    assert.equal((await routeRequest(cache, request, () => 2)).data, 1);
    clock.ms += 1;
    assert.equal((await routeRequest(cache, request, () => 2)).data, 2);
  });

  it("tells no time for a while: the latest is what counts, and each such reading is counted", () => {
    const { cache, clock } = bench();
    cache.set("k", 1, 10);
    clock.advance(5);
    assert.equal(cache.get("k"), 1);
    const { ms } = clock;
    for (const reading of [NaN, Infinity, "x", undefined]) {
      clock.ms = reading;
      assert.equal(cache.get("k"), 1);
    }
    assert.equal(cache.getStats().clockErrors, 5);
    clock.ms = ms - 1_000;
    assert.equal(cache.explain("k").age, 5);
    clock.advance(6);
    assert.equal(cache.get("k"), undefined);
  });
});

describe("A6: one reading of the host's clock is shared by the lookups of a turn", () => {
  /** A cache with a key that is past its time, and a lookup's reading from before. */
  function late() {
    const cache = new CacheService();
    assert.ok(mostly(() => cache.set("k", 1, 0.005) && cache.get("k") === 1));
    busy(10);
    return cache;
  }

  it("and by sixteen of them at most", () => {
    for (const look of [(cache) => cache.get("k"), (cache) => cache.peek("k"), (cache) => cache.has("k") || undefined]) {
      const cache = late();
      let served = 1;
      while (look(cache) !== undefined) served += 1;
      assert.ok(served <= 16, `${served} lookups`);
      assert.deepEqual([cache.get("k"), cache.has("k"), cache.peek("k")], [undefined, false, undefined]);
    }
  });

  it("and ends with the turn", async () => {
    const cache = late();
    await null;
    assert.equal(cache.get("k"), undefined);
  });

  const writes = {
    set: (cache) => cache.set("other", 1),
    "set with options": (cache) => cache.set("other", 1, { tags: ["t"] }),
    setMany: (cache) => cache.setMany([["other", 1]]),
    delete: (cache) => cache.delete("other"),
    invalidate: (cache) => cache.invalidate("other"),
    expire: (cache) => cache.expire("other"),
    cleanupExpired: (cache) => cache.cleanupExpired(),
    "a mutation": (cache) => void routeRequest(cache, { endpoint: "b.update" }, () => 1),
  };
  for (const [name, write] of Object.entries(writes)) {
    it(`and ends with ${name}`, () => {
      const cache = late();
      write(cache);
      assert.equal(cache.get("k"), undefined);
    });
  }

  for (const options of [undefined, { tags: ["t"] }]) {
    it(`and none of theirs for what is stored${options ? " with options" : ""}: it begins to live when it is`, () => {
      const stored = () => {
        const cache = late();
        cache.set("new", 2, options ? { ...options, ttl: 0.009 } : 0.009);
        return cache.get("new") === 2;
      };
      assert.ok(mostly(stored));
    });
  }

  it("and ends with clear", () => {
    const cache = late();
    cache.clear();
    cache.set("k", 2, 0.005);
    busy(10);
    assert.equal(cache.get("k"), undefined);
  });

  it("and ends with a load that is stored", async () => {
    const kept = [];
    for (let round = 0; round < 5; round += 1) {
      const cache = new CacheService();
      assert.equal(await cache.getOrSet("k", () => { busy(10); return 1; }, 0.009), 1);
      kept.push(cache.get("k"));
    }
    assert.ok(kept.includes(1), "its life begins when it is stored, not when it was asked for");
  });

  it("so that a value expires that is set and looked up without a turn in between", () => {
    const cache = new CacheService();
    for (let round = 0; round < 5; round += 1) {
      cache.set("k", 1, 0.005);
      busy(8);
      assert.deepEqual([cache.get("k"), cache.has("k")], [undefined, false]);
    }
  });
});

describe("A6: an instance that breaks", () => {
  for (const bare of [false, true]) {
    it(`leaves the clock as it was, ${bare ? "the host's" : "which is not judged again"}`, () => {
      let ms = 1e12;
      const real = Date.now;
      if (bare) Date.now = () => ms;
      try {
        const cache = new Unbundled(bare ? 300 : { clock: { now: () => ms } });
        cache.set("k", 1);
        ms -= 1e9;
        cache.set("k", 1);
        const [at, has] = [ms, Object.getOwnPropertyDescriptor(Core.prototype, "has")];
        ms = NaN;
        Object.defineProperty(Core.prototype, "has", {
          ...has,
          value() {
            Object.defineProperty(Core.prototype, "has", has);
            throw new WebAssembly.RuntimeError("unreachable");
          },
        });
        assert.equal(cache.has("k"), false);
        ms = at;
        assert.equal(cache.getStats().resets, 1);
        cache.set("k", 1, 10);
        assert.equal(cache.explain("k").age, 0);
        cache.delete("k");
        assert.equal(cache.explain("k").removal.at, at);
        cache.set("k", 1, 10);
        assert.equal(life(cache, "k", (by) => { ms += by; }), 11);
        assert.ok(cache.getStats().clockErrors > 0, "they are counted on");
      } finally {
        Date.now = real;
      }
    });
  }
});
