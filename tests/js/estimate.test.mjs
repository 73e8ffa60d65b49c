// B6: what a value weighs, as the cache counts it, against what V8 keeps for it. The whole comparison, over the package and
// with the heap measured, is `node benches/js/run.mjs --only estimate`; here the figures of V8's layout are written down.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { Met } from "../../build/modules/src/bindings/host/member-sizes.js";
import { estimateBytes } from "../../build/modules/src/bindings/host/size.js";
import { ownText, textBytes } from "../../build/modules/src/bindings/host/strings.js";

/** Within the bounds of the rule: heap / estimate from 0.7 to 1.5. */
const near = (value, heap, met) => {
  const said = estimateBytes(value, met);
  assert.ok(heap / said >= 0.66 && heap / said <= 1.5, `${said} for ${heap}`);
};
const list = (length, item) => Array.from({ length }, (_, at) => item(at));
const keyed = (count, name) => Object.fromEntries(list(count, (at) => [name(at), at]));

test("B6: strings are counted by the width of their characters", () => {
  assert.equal(textBytes("a".repeat(1000)), 1020);
  assert.equal(textBytes("é".repeat(1000)), 1020);
  assert.equal(textBytes("語".repeat(1000)), 2020);
  assert.equal(textBytes("a".repeat(999) + "語"), 2020);
  assert.equal(textBytes("a"), 0);
  near("published", 32);
});

test("B6: numbers that are no 32-bit integers take a box where an array does not hold them itself", () => {
  near(list(1000, () => 0.5), 8032);
  near(Object.freeze(list(1000, () => 0.5)), 24_048);
  near([null, ...list(1000, () => 0.5)], 24_056);
  near(list(1000, (at) => at), 8032);
  near(list(1000, () => 2 ** 40), 8032);
  near({ lat: 0.5, lng: 1.5 }, 72);
});

test("B6: an object keyed by ids weighs its table and its names, a row of a table does not", () => {
  for (const [count, each] of [[1, 272], [5, 131], [12, 118], [200, 92], [5000, 71]]) near(keyed(count, (at) => `id-${count}-${at}`), count * each);
  near(keyed(50, (at) => 1e5 + at * 997), 3182);
  near(keyed(50, (at) => at), 729);
  const met = new Met();
  const names = list(40, (at) => `column${String.fromCharCode(97 + at % 26)}${at > 25 ? "x" : "y"}`);
  const row = () => Object.fromEntries(names.map((name) => [name, 1]));
  estimateBytes(row(), met);
  near(row(), 345, met);
  // The same names end with digits: known, they are a table's no more.
  estimateBytes({ line1: 1, line2: 2 }, met);
  near({ line1: 1, line2: 2 }, 56, met);
});

test("B6: the last names are remembered in bounds, and long ones are not", () => {
  const met = new Met();
  for (let i = 0; i < 10_000; i += 1) met.knows(`name${i}`);
  assert.ok(met.young.size + met.old.size <= 1024);
  met.knows("x".repeat(10_000));
  assert.equal(met.knows("x".repeat(10_000)), false);
});

test("B6: a BigInt is as large as its magnitude", () => {
  assert.equal(estimateBytes(5n), 24);
  near(10n ** 1000n, 432);
  near(-(2n ** 8000n), 1016);
});

test("B6: a word that repeats within a value is counted once", () => {
  const rows = list(100, (at) => ({ status: "published", kind: "an article about something", id: at }));
  near(rows, 100 * 56 + 900 + 80);
});

test("B6: many views of one buffer hold one buffer, and Buffers of one slab hold one slab", () => {
  const bytes = new Uint8Array(100_000);
  const views = list(10, (at) => bytes.subarray(at, at + 1));
  near(views, 100_080 + 10 * 104 + 112);
  const met = new Met();
  const slab = new ArrayBuffer(8192);
  const first = estimateBytes(new Uint8Array(slab, 0, 10), met);
  assert.ok(first > 8192);
  near(new Uint8Array(slab, 10, 10), 104, met);
  near(bytes.subarray(0, 1), 100_184, met);
  near(bytes.subarray(0, 1), 100_184, met);
});

test("B6: Maps and Sets weigh their tables, holes nothing", () => {
  near(new Map(list(1000, (at) => [at, at])), 28_744);
  near(new Set(list(1000, (at) => at)), 20_552);
  near(new Map(), 184);
  const sparse = [];
  sparse[9000] = 1;
  near(sparse, 180);
});

test("B6: ownText is the same text", () => {
  for (const text of ["", "a", "short", "x".repeat(50), "é".repeat(50), "\u{1f600}".repeat(20), "\ud83d" + "a".repeat(20), "a".repeat(20) + "\udc00"]) {
    assert.equal(ownText(text), text);
  }
});

test("B6: what was cut from a long text does not hold it, as a value, in an object, or as many", () => {
  const script = `
    const { estimateBytes } = await import(${JSON.stringify(new URL("../../build/modules/src/bindings/host/size.js", import.meta.url).href)});
    const { ownText } = await import(${JSON.stringify(new URL("../../build/modules/src/bindings/host/strings.js", import.meta.url).href)});
    const page = (i) => JSON.parse(JSON.stringify((Math.random() + "-" + i + "-").repeat(10_000)));
    const used = () => { for (let i = 0; i < 5; i++) gc(); return process.memoryUsage().heapUsed; };
    const kept = [];
    const before = used();
    for (let i = 0; i < 50; i++) {
      kept.push(ownText(page(i).slice(100, 200)));
      const row = { title: page(i).slice(300, 400), tags: [page(i).slice(500, 550)] };
      estimateBytes(row);
      kept.push(row);
    }
    console.log((used() - before) / kept.length);
  `;
  const each = Number(execFileSync(process.execPath, ["--expose-gc", "--input-type=module", "-e", script], { encoding: "utf8" }));
  assert.ok(each < 20_000, `${each} bytes each`);
});
