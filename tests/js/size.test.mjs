// The estimate of bytes: its table, its bounds, and what it must not do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { estimateBytes } from "../../build/modules/src/bindings/host/size.js";

test("the table of the module's head", () => {
  const rows = [
    [null, 8], [undefined, 8], [true, 8], [0, 8], [0.5, 16], ["", 8], ["ab", 24], ["é\u{1f600}", 24], ["a".repeat(20), 40], ["語".repeat(20), 60], [5n, 24],
    [2n ** 200n, 48], [[], 44], [[1, "ab"], 86], [{}, 40], [{ a: 1, b: "xx" }, 80], [Object.create(null), 152],
    [new Uint8Array(10), 200], [new ArrayBuffer(10), 96], [new Uint8Array(new ArrayBuffer(100), 0, 1), 288],
    [new DataView(new ArrayBuffer(4)), 192], [new Map([["ab", 1]]), 274], [new Set([1, 2]), 226],
    [new Date(0), 136], [/x/, 160], [new Error("x"), 250], [() => 1, 64], [Symbol("s"), 64], [Promise.resolve(), 64],
    [new (class { a = 1; })(), 72],
  ];
  for (const [value, bytes] of rows) assert.equal(estimateBytes(value), bytes, String(Object.prototype.toString.call(value)));
});

test("large containers are extrapolated, within a few per cent and in bounded time", () => {
  const item = { a: 1, b: 0.5 };
  const each = estimateBytes(item) + 9;
  const start = performance.now();
  for (const value of [Array(1e6).fill(item), { rows: Array(1e6).fill(item) }, Array(1000).fill(Array(1000).fill(item))]) {
    const share = estimateBytes(value) / (1e6 * each);
    assert.ok(share > 0.95 && share < 1.05, `${share}`);
  }
  const map = new Map(Array.from({ length: 1e5 }, (_, index) => [index, item]));
  assert.ok(Math.abs(estimateBytes(map) / (1e5 * (8 + 72) + 2 ** 17 * 28) - 1) < 0.05);
  const object = Object.fromEntries(map);
  assert.ok(Math.abs(estimateBytes(object) / (1e5 * 72 + 1.2e6) - 1) < 0.05);
  assert.ok(performance.now() - start < 2000);
});

test("cycles, deep nesting and graphs that unfold end", () => {
  const cycle = { a: 1 };
  cycle.self = cycle;
  cycle.list = [cycle, cycle];
  let deep = {};
  for (let level = 0; level < 1e5; level++) deep = { deep };
  let bomb = { leaf: 1 };
  for (let level = 0; level < 60; level++) bomb = { a: bomb, b: bomb };
  const start = performance.now();
  for (const value of [cycle, deep, bomb]) assert.ok(estimateBytes(value) >= 32);
  assert.ok(performance.now() - start < 500);
});

test("it never throws and runs no getter of a class instance", () => {
  const throwing = () => { throw new Error("no"); };
  let ran = 0;
  class Row {
    constructor() {
      Object.defineProperty(this, "lazy", { enumerable: true, get: () => ++ran });
    }
  }
  assert.equal(estimateBytes(new Row()), 72);
  assert.equal(ran, 0);
  assert.equal(estimateBytes({ get a() { return throwing(); } }), 64);
  for (const trap of ["ownKeys", "getPrototypeOf", "get", "getOwnPropertyDescriptor"]) {
    assert.ok(estimateBytes(new Proxy({ a: 1 }, { [trap]: throwing })) >= 32);
  }
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.equal(estimateBytes(proxy), 64);
});

test("it changes nothing", () => {
  const value = { a: [1, { b: new Map([["k", new Set([1])]]) }] };
  const before = structuredClone(value);
  estimateBytes(value);
  assert.deepEqual(value, before);
});
