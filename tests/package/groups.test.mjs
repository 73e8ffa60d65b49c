// Which group a key belongs to, against a map that has none: keys whose groups look alike, groups that come and go, entries
// evicted for others. Seeded; the seed stands in each message.
import assert from "node:assert/strict";
import { it } from "node:test";
import { bench } from "./kit.mjs";

/** Seeded numbers below `limit`. */
function random(seed) {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

// Endpoints and users that differ in one place only, here and there, and in their lengths.
const ENDPOINTS = ["a.get", "a.list", "long.resource.name.get", "lonk.resource.name.get", "long.resourse.name.get", "long.resource.nbme.get", "long.resource.name.gets"];
const USERS = ["", "u1", "u2", "0123456789abcdef", "1123456789abcdef", "0123456789abcdee", "01234567x9abcdef", "a%3Ab"];
const HASHES = Array.from({ length: 12 }, (_, at) => at.toString(16).padStart(16, "0"));
const TAILS = [...HASHES, "short", "x".repeat(40)];

function entry(pick) {
  const endpoint = ENDPOINTS[pick(ENDPOINTS.length)];
  const user = USERS[pick(USERS.length)];
  // What looks like a user's key and names nobody, because nothing stands between the two colons and the end.
  if (user === "" && pick(4) === 0) return { endpoint, user, key: `${endpoint}:user:${HASHES[0].slice(5)}` };
  const part = user === "" ? endpoint : `${endpoint}:user:${user}`;
  return { endpoint, user, key: `${part}:${TAILS[pick(TAILS.length)]}` };
}

/** What `{ endpoint, userId }` covers, by the letter. */
const covers = (pattern) => ([, { endpoint, user }]) =>
  (pattern.endpoint === undefined || endpoint === pattern.endpoint) && (pattern.userId === undefined || user === pattern.userId.replace(":", "%3A"));

function play(seed, maxEntries) {
  const pick = random(seed);
  const { cache } = bench({ maxEntries, maxBytes: Infinity, defaultTtl: 0 });
  const model = new Map();
  const roomy = maxEntries > 10_000;
  for (let step = 0; step < 6_000; step += 1) {
    const { endpoint, user, key } = entry(pick);
    const said = `seed ${seed}, step ${step}, ${key}`;
    const what = pick(20);
    if (what < 11) {
      assert.equal(cache.set(key, step), true, said);
      model.set(key, { endpoint, user, value: step });
    } else if (what < 18) {
      const got = cache.get(key);
      if (roomy || got !== undefined) assert.equal(got, model.get(key)?.value, said);
    } else {
      const pattern = what === 18 || user === "" ? { endpoint } : { endpoint, userId: user.replace("%3A", ":") };
      const gone = [...model].filter(covers(pattern)).map(([name]) => name);
      const count = cache.invalidate(pattern);
      if (roomy) assert.equal(count, gone.length, said);
      for (const name of gone) model.delete(name);
    }
    if (step % 500 === 0) {
      const keys = [...cache.keys()];
      assert.equal(new Set(keys).size, keys.length, said);
      assert.equal(cache.size, keys.length, said);
      assert.ok(keys.every((name) => model.has(name)), said);
      if (roomy) assert.equal(keys.length, model.size, said);
    }
  }
  cache.clear();
  assert.equal(cache.size, 0);
}

for (const seed of [1, 2, 3]) {
  it(`groups that look alike are told apart (seed ${seed})`, () => play(seed, 100_000));
  it(`entries evicted for others leave nothing behind (seed ${seed})`, () => play(seed, 40));
}

it("thousands of groups, each invalidated alone", () => {
  const { cache } = bench({ maxEntries: 100_000, maxBytes: Infinity });
  const users = Array.from({ length: 9_000 }, (_, at) => `u${at}`);
  for (const round of [1, 2]) for (const user of users) cache.set(`long.resource.get:user:${user}:${round}`, round);
  for (const user of users) assert.equal(cache.invalidate({ userId: user }), 2, user);
  assert.equal(cache.size, 0);
  cache.set("long.resource.get:user:u1:1", 3);
  assert.equal(cache.get("long.resource.get:user:u1:1"), 3);
});

it("an invalidation that leaves nothing of many entries, and what is stored after it", () => {
  const { cache } = bench({ maxEntries: 50_000, maxBytes: Infinity });
  for (let at = 0; at < 20_000; at += 1) cache.set(`a.get:user:u${at % 50}:${at}`, at);
  assert.equal(cache.invalidate({ endpoint: "a.*" }), 20_000);
  assert.equal(cache.get("a.get:user:u1:1"), undefined);
  cache.set("a.get:user:u1:1", "new");
  assert.equal(cache.get("a.get:user:u1:1"), "new");
  assert.equal(cache.get("a.get:user:u1:51"), undefined);
  assert.equal(cache.invalidate({ userId: "u1" }), 1);
  assert.deepEqual([...cache.keys()], []);
});

it("keys of any script and of any length are stored under their own group", () => {
  const { cache } = bench({ maxEntries: 10_000, maxBytes: Infinity });
  const letters = ["a", "\u00e9", "\u20ac", "\ud83d\ude00", "\u0000", "\uffff"];
  const keys = letters.flatMap((letter) => [`x.get:user:${letter}:1`, `${letter}.get:1`, `x.get:${letter.repeat(Math.floor(1_018 / letter.length))}`]);
  for (const [at, key] of keys.entries()) assert.equal(cache.set(key, at), true, key);
  // Stored twice: a new key and one that is there go different ways.
  for (const [at, key] of keys.entries()) assert.equal(cache.set(key, -at), true, key);
  for (const [at, key] of keys.entries()) assert.equal(cache.get(key), -at, key);
  for (const letter of letters) {
    assert.equal(cache.invalidate({ userId: letter }), 1, letter);
    assert.equal(cache.get(`x.get:user:${letter}:1`), undefined);
    assert.equal(cache.get(`${letter}.get:1`) !== undefined, true);
  }
  for (const wrong of ["x".repeat(1_025), "x:\ud800"]) assert.throws(() => cache.set(wrong, 1), TypeError);
  assert.equal(cache.size, keys.length - letters.length);
});

it("a cache that makes the memory grow leaves the others in place", () => {
  const [first, second] = [bench({ maxEntries: 200_000, maxBytes: Infinity }), bench({ maxEntries: 200_000, maxBytes: Infinity })];
  first.cache.set("a.get:1", "before");
  for (let at = 0; at < 60_000; at += 1) second.cache.set(`b.get:user:u${at}:1`, at);
  assert.equal(first.cache.set("a.get:2", "after"), true);
  assert.equal(first.cache.get("a.get:1"), "before");
  assert.equal(first.cache.get("a.get:2"), "after");
  assert.equal(second.cache.get("b.get:user:u59999:1"), 59_999);
  assert.equal(first.cache.invalidate({ endpoint: "a.get" }), 2);
  assert.equal(second.cache.size, 60_000);
});
