// The row of tokens that a hit compares: which params share one, which have none, and what is remembered of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { FingerprintMemo, readTokens } from "../../build/modules/src/bindings/host/params-fingerprint.js";

/** Whether what is remembered for the one params is found by the other ones. */
function share(one, other) {
  const memo = new FingerprintMemo(8);
  assert.ok(readTokens(one) > 0);
  memo.remember("a.list", "ann", "value");
  return memo.find("a.list", "ann", readTokens(other)) === "value";
}

/** The same numbers from the same seed, from 0 up to 1. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A small tree out of few values, so that many are equal. */
function tree(random, depth = 0) {
  const pick = (...values) => values[Math.floor(random() * values.length)];
  const kind = depth === 3 ? 0 : random();
  if (kind < 0.4 && depth > 0) return pick(0, -0, 1, "0", "1", "", "a", "null", null, true, false, "true", 0.5, undefined);
  if (kind < 0.6) return Array.from({ length: Math.floor(random() * 3) }, () => tree(random, depth + 1) ?? null);
  return Object.fromEntries(Array.from({ length: Math.floor(random() * 3) }, () => [pick("a", "b", "1", "", "__proto__"), tree(random, depth + 1)]));
}

test("params share a row exactly where JSON.stringify writes them alike", () => {
  const random = generator(1);
  let alike = 0;
  const trees = Array.from({ length: 600 }, () => tree(random));
  for (const one of trees) {
    const other = trees[Math.floor(random() * trees.length)];
    const equal = JSON.stringify(one) === JSON.stringify(other);
    if (equal) alike += 1;
    assert.equal(share(one, other), equal, `${JSON.stringify(one)} ${JSON.stringify(other)}`);
    assert.equal(share(one, JSON.parse(JSON.stringify(one))), true);
  }
  assert.ok(alike > 20, "the trees are small enough to be equal at times");
});

test("what stands in different places is different, however the tokens are alike", () => {
  const apart = [{}, [], [[]], [{}], { a: {} }, { a: [] }, { a: [[], 1] }, { a: [[1]] }, { a: { b: 1 } }, { a: ["b", 1] }, { a: 1, b: 1 }, { b: 1, a: 1 }, { a: 1 }, { a: "1" }, { a: null }, { a: "a" }, ["a", 1], ["a", "1"], [null], ["null"], [true], ["true"], ["\ud800"], ["\ufffd"], ["\ud801"]];
  for (const one of apart) for (const other of apart) assert.equal(share(one, other), one === other, JSON.stringify([one, other]));
});

test("another endpoint or user finds nothing", () => {
  const memo = new FingerprintMemo(8);
  const reading = readTokens({ a: 1 });
  memo.remember("a.list", "ann", 1);
  for (const [endpoint, user] of [["a.get", "ann"], ["a.list", ""], ["a.list", "bob"], ["a.listann", ""], ["", "a.listann"]]) assert.equal(memo.find(endpoint, user, reading), undefined);
  assert.equal(memo.find("a.list", "ann", reading), 1);
  memo.clear();
  assert.equal(memo.find("a.list", "ann", reading), undefined);
});

test("what is no small plain tree has no row", () => {
  const nest = (levels) => (levels === 1 ? {} : { v: nest(levels - 1) });
  const none = [undefined, null, 1, "a", true, 1n, Symbol("s"), () => 1, { a: NaN }, { a: Infinity }, { a: 1n }, { a() {} }, { a: Symbol("s") }, { a: new Date(0) }, { a: new Map() },
    [undefined], [, 1], new (class Point { x = 1; })(), Object.create({ inherited: 1 }), { toJSON: () => 1 }, runInNewContext("({ a: 1 })"), { get a() { throw new Error("boom"); } },
    nest(9), Array.from({ length: 63 }, () => 1), { a: "x".repeat(512) }, { a: { b: "x".repeat(256) }, c: "x".repeat(256) }, { ["n".repeat(513)]: 1 }];
  for (const params of none) assert.equal(readTokens(params), 0);
  const cycle = { a: 1 };
  cycle.self = cycle;
  assert.equal(readTokens(cycle), 0);
  for (const params of [nest(8), Array.from({ length: 62 }, () => 1), { a: "x".repeat(511) }, Object.assign(Object.create(null), { a: 1 })]) assert.equal(share(params, params), true);
});

test("members of a polluted prototype are not params", () => {
  Object.defineProperty(Object.prototype, "polluted", { value: 1, enumerable: true, configurable: true });
  try {
    assert.equal(readTokens({ a: 1 }), 0);
  } finally {
    delete Object.prototype.polluted;
  }
  Object.defineProperty(Array.prototype, "toJSON", { value: () => 1, configurable: true });
  try {
    assert.equal(readTokens({ a: [] }), 0);
  } finally {
    delete Array.prototype.toJSON;
  }
  assert.ok(readTokens({ a: 1 }) > 0);
});

test("hazard/H10_reentrancy: a getter that has other params read leaves no row behind", () => {
  const memo = new FingerprintMemo(8);
  assert.equal(readTokens({ a: 1, get b() { readTokens({ c: 1 }); return 2; } }), 0);
  assert.ok(readTokens({ a: 1, get b() { return 2; } }) > 0);
  memo.remember("", "", "value");
  const reading = readTokens({ a: 1, b: 2 });
  assert.equal(memo.find("", "", reading), "value");
  readTokens({ a: 1, b: 2 });
  assert.equal(memo.find("", "", reading), undefined);
});

test("the memory is bounded, and what is in use stays", () => {
  const memo = new FingerprintMemo(10);
  for (let n = 0; n < 1000; n += 1) {
    readTokens({ n });
    memo.remember("", "", n);
    assert.ok(memo.young.size + memo.old.size <= 20);
    assert.equal(memo.find("", "", readTokens({ n: 0 })), 0);
  }
  assert.equal(memo.find("", "", readTokens({ n: 500 })), undefined);
});

test("of two params with one fingerprint each is found after it was remembered, and neither for the other", () => {
  // Of a name only the ends and the length are in the fingerprint.
  const [one, other] = [{ abc: "x" }, { adc: "x" }];
  const memo = new FingerprintMemo(8);
  readTokens(one);
  const place = memo.place("", "");
  memo.remember("", "", 1);
  const reading = readTokens(other);
  assert.equal(memo.place("", ""), place);
  assert.equal(memo.find("", "", reading), undefined);
  memo.remember("", "", 2);
  assert.equal(memo.find("", "", reading), 2);
  assert.equal(memo.find("", "", readTokens(one)), undefined);
});
