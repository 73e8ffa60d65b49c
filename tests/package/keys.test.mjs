// Keys made in front of the compiled half: the same as it makes them itself, whatever the params and however often seen.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CacheService } from "../../build/modules/pkg-template/src/index.js";
import { CacheService as Core, initSync } from "../../build/modules/build/wasm/endpoint_cache.js";

const seed = Number(process.env.KEYS_SEED ?? Date.now() % 2 ** 31);
const numRuns = Number(process.env.KEYS ?? 3000);
const keyOf = CacheService.generateCacheKey;

/** The key by the text of the params alone. */
const compiled = (params) => Core.keyOf("a.list", JSON.stringify(params));

const plain = fc.string({ unit: fc.constantFrom(..."abz09 _-./:{}[],'"), maxLength: 20 });
const text = fc.oneof({ weight: 4, arbitrary: plain }, fc.string({ unit: "binary", maxLength: 8 }), fc.string({ unit: fc.constantFrom("\\", '"', "\x7f", "\x1f", "é", "\ud800"), maxLength: 3 }));
const number = fc.oneof({ weight: 4, arbitrary: fc.integer() }, fc.maxSafeInteger(), fc.constantFrom(-0, 2 ** 53, -(2 ** 53), 2 ** 53 - 1, 1e15, 1e21, 0.1), fc.double({ noNaN: true, noDefaultInfinity: true }));
const name = fc.oneof({ weight: 6, arbitrary: plain }, fc.constantFrom("__proto__", "constructor", "", "0", "10", "9"), text);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ depthSize: "small", withCrossShrink: true }, text, number, fc.boolean(), fc.constant(null), fc.array(tie("tree"), { maxLength: 4 }), tie("object")),
  object: fc.dictionary(name, tie("tree"), { maxKeys: 6 }),
}));
const params = fc.dictionary(name, tree, { maxKeys: 6 });

test(`keys: ${numRuns} params with seed ${seed} have the compiled half's keys; KEYS_SEED=${seed} repeats them`, () => {
  keyOf("a.list");
  fc.assert(
    fc.property(params, (given) => {
      const expected = compiled(given);
      const reversed = Object.fromEntries(Object.entries(given).reverse());
      // Hashed, hashed and remembered, remembered.
      for (let time = 0; time < 3; time += 1) assert.equal(keyOf("a.list", given), expected);
      assert.equal(keyOf("a.list", reversed), expected);
      assert.equal(keyOf("a.list", structuredClone(given), "ann"), expected.replace(":", ":user:ann:"));
    }),
    { seed, numRuns },
  );
});

test("params as large as those that are known by their tokens have the compiled half's keys", () => {
  const digits = Array.from({ length: 60 }, (_, n) => -(2 ** 53 - 1) + n);
  const members = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`name-${n}`.padEnd(16, "x"), -(2 ** 53 - 1) + n]));
  const strings = Array.from({ length: 60 }, (_, n) => `${n}-`.padEnd(8, "y"));
  const nested = Array.from({ length: 15 }, (_, n) => ({ n: [-(2 ** 52)] }));
  for (const given of [digits, members, strings, nested]) {
    assert.equal(keyOf("a.list", given), compiled(given));
    assert.equal(keyOf("a.list", given), compiled(given));
  }
});

test("hazard/H10_reentrancy: a getter or a toJSON may make keys of its own", () => {
  const inner = keyOf("a.list", { inner: 1 });
  const given = { b: 1, get a() { return keyOf("a.list", { inner: 1 }); }, when: { toJSON: () => keyOf("a.list", { inner: 2 }) } };
  const settled = { a: inner, b: 1, when: keyOf("a.list", { inner: 2 }) };
  for (let time = 0; time < 3; time += 1) {
    assert.equal(keyOf("a.list", given), compiled(settled));
    assert.equal(keyOf("a.list", { get a() { return keyOf("a.list", { inner: 1 }); } }), compiled({ a: inner }));
  }
});

test("a key is no string of zeros where memory grows while it is made", () => {
  const before = Array.from({ length: 100 }, (_, n) => keyOf("a.list", { grown: n }));
  const wasm = initSync();
  const size = () => wasm.memory.buffer.byteLength;
  // In small steps, so that whatever the making of a key asks for is sooner or later what memory does not hold any more.
  for (let n = 0, grown = 0, last = size(); grown < 3; n += 1) {
    wasm.__wbindgen_malloc(16, 1);
    assert.match(keyOf("a.list", { n }), /^a\.list:[0-9a-f]{16}$/);
    if (size() > last) grown += 1;
    last = size();
  }
  assert.deepEqual(Array.from({ length: 100 }, (_, n) => keyOf("a.list", { grown: n })), before);
  assert.equal(keyOf("a.list", { grown: "yes" }), compiled({ grown: "yes" }));
});

test("hazard/H27_broken_instance: keys are the same on the next one", () => {
  const before = keyOf("a.list", { broken: 1 });
  const own = Object.getOwnPropertyDescriptor(Core.prototype, "has");
  Object.defineProperty(Core.prototype, "has", { ...own, value() { Object.defineProperty(Core.prototype, "has", own); throw new WebAssembly.RuntimeError("unreachable"); } });
  const cache = new CacheService();
  cache.has("a.list");
  assert.equal(cache.getStats().resets, 1);
  assert.equal(keyOf("a.list", { broken: new Date(0) }), compiled({ broken: new Date(0) }));
  assert.equal(keyOf("a.list", { broken: 1 }), before);
  assert.equal(keyOf("a.list", { broken: 2 }), compiled({ broken: 2 }));
});
