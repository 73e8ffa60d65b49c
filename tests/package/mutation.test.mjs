// `cache.mutation(scope, run)`: a change that is made outside of `routeRequest`.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CacheService, routeRequest } from "../../pkg/index.js";
import { deferred } from "./kit.mjs";

const turns = async () => { for (let turn = 0; turn < 10; turn += 1) await undefined; };
const ask = (cache, endpoint, handler, more) => routeRequest(cache, { endpoint, ...more }, handler);
const kind = async (answer) => (await answer).metadata.cache;

describe("cache.mutation", () => {
  for (const [what, scope, endpoint] of [
    ["an endpoint pattern", { endpoint: "notes.*" }, "notes.list"],
    ["an endpoint", { endpoint: "notes.list" }, "notes.list"],
    ["a tag", { tag: "t" }, "notes.list"],
    ["a user", { userId: "ann" }, "notes.list"],
    ["several", [{ tag: "other" }, { endpoint: "notes.list", userId: "ann" }], "notes.list"],
  ]) {
    it(`of ${what}: invalidates before and after, and keeps nothing that was loaded meanwhile`, async () => {
      const cache = new CacheService();
      const user = { userId: "ann" };
      const read = (handler, options = { tags: ["t"] }) => routeRequest(cache, { endpoint, ...user }, handler, options);
      await read(() => "old");
      await ask(cache, "other.list", () => "stays");
      const commit = deferred();
      const change = cache.mutation(scope, () => commit.promise);
      await turns();
      assert.equal(await kind(read(() => "still old")), "miss", "gone before it ran");
      const late = deferred();
      const reading = read(() => late.promise);
      await turns();
      commit.resolve("done");
      assert.equal(await change, "done");
      late.resolve("old, and late");
      await reading;
      assert.deepEqual([(await read(() => "new")).data, await kind(ask(cache, "other.list", () => "x"))], ["new", "hit"]);
    });
  }

  it("of a key: that entry alone", async () => {
    const cache = new CacheService();
    await cache.getOrSet("a", () => 1);
    cache.set("b", 2);
    await cache.mutation({ key: "a" }, async () => {
      assert.equal(cache.get("a"), undefined);
      await cache.getOrSet("a", () => "loaded meanwhile");
    });
    assert.deepEqual([cache.get("a"), cache.get("b")], [undefined, 2]);
  });

  it("whose function fails: its error passes through unchanged, after what it touched is invalidated", async () => {
    const cache = new CacheService();
    const mine = new Error("mine");
    await ask(cache, "notes.list", () => 1);
    await assert.rejects(cache.mutation({ endpoint: "notes.*" }, async () => { await ask(cache, "notes.list", () => 2); throw mine; }), (error) => error === mine);
    assert.equal(await kind(ask(cache, "notes.list", () => 3)), "miss");
  });

  it("nests, and in a handler too: each holds until its own end", async () => {
    const cache = new CacheService();
    const outer = deferred();
    const change = cache.mutation({ endpoint: "notes.*" }, async () => {
      await cache.mutation({ endpoint: "notes.list" }, () => ask(cache, "tags.update", () => 1));
      await outer.promise;
    });
    await turns();
    assert.equal((await ask(cache, "notes.list", () => 1)).metadata.reason, "mutation-active");
    outer.resolve();
    await change;
    await ask(cache, "notes.list", () => 2);
    assert.equal(await kind(ask(cache, "notes.list", () => 3)), "hit");
    assert.equal(cache.getStats().mutating, 0);
  });

  it("is told like any mutation", async () => {
    const events = [];
    const cache = new CacheService({ onEvent: (event) => event.type === "mutation" && events.push(event) });
    cache.set("notes.list:1", 1);
    await cache.mutation([{ endpoint: "notes.*" }, { tag: "t" }], () => 1);
    assert.deepEqual(events.map(({ endpoint, phase, count, total }) => [endpoint, phase, count, total]), [
      ["endpoint notes.*, tag t", "begin", 1, undefined],
      ["endpoint notes.*, tag t", "settle", 0, 1],
    ]);
  });

  for (const [scope, sentence] of [
    ["notes.*", 'a scope is an object with endpoint, userId, tag or key, not "notes.*"'],
    [{}, "a scope names at least one of endpoint, userId, tag and key"],
    [{ endpoints: [] }, 'a scope has no member "endpoints"; it has endpoint, userId, tag, key'],
    [{ key: "a", tag: "t" }, "a scope that names a key names nothing else"],
    [{ tag: "" }, "tag in a scope has at least one character"],
    [{ tag: 5 }, "tag in a scope is a string of well-formed Unicode, not 5"],
  ]) {
    it(`refuses ${JSON.stringify(scope)} and runs nothing`, async () => {
      let ran = false;
      await assert.rejects(new CacheService().mutation(scope, () => (ran = true)), { name: "TypeError", code: "ERR_SCOPE", message: sentence });
      assert.equal(ran, false);
    });
  }

  it("refuses what is no endpoint pattern, no user, no function, and a cache that was disposed of", async () => {
    const cache = new CacheService();
    await assert.rejects(cache.mutation({ endpoint: "a..b" }, () => 1), { code: "ERR_ENDPOINT_PATTERN" });
    await assert.rejects(cache.mutation({ userId: "" }, () => 1), { code: "ERR_USER_ID" });
    await assert.rejects(cache.mutation({ tag: "t" }), { code: "ERR_OPTION" });
    cache.dispose();
    await assert.rejects(cache.mutation({ tag: "t" }, () => 1), { code: "ERR_DISPOSED" });
  });
});
