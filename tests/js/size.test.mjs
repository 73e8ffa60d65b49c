// The estimate of bytes: its table, its bounds, and what it must not do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { estimateBytes } from "../../src/bindings/host/size.js";

test("the table of the module's head", () => {
  const rows = [
    [null, 8], [undefined, 8], [true, 8], [0, 8], [NaN, 8], ["", 24], ["ab", 28], ["é\u{1f600}", 30], [5n, 24],
    [[], 32], [[1, "a"], 66], [{}, 32], [{ a: 1, b: "x" }, 66], [Object.create(null), 32],
    [new Uint8Array(10), 106], [new ArrayBuffer(10), 106], [new Uint8Array(new ArrayBuffer(100), 0, 1), 196],
    [new DataView(new ArrayBuffer(4)), 100], [new Map([["a", 1]]), 122], [new Set([1, 2]), 128],
    [new Date(0), 64], [/x/, 64], [new Error("x"), 64], [() => 1, 64], [Symbol("s"), 64], [Promise.resolve(), 64],
    [new (class { a = 1; })(), 72],
  ];
  for (const [value, bytes] of rows) assert.equal(estimateBytes(value), bytes, String(Object.prototype.toString.call(value)));
});

test("large containers are extrapolated, within a few per cent and in bounded time", () => {
  const item = { a: 1, b: "xx" };
  const start = performance.now();
  for (const value of [Array(1e6).fill(item), { rows: Array(1e6).fill(item) }, Array(1000).fill(Array(1000).fill(item))]) {
    const share = estimateBytes(value) / (1e6 * estimateBytes(item));
    assert.ok(share > 0.95 && share < 1.05, `${share}`);
  }
  const map = new Map(Array.from({ length: 1e5 }, (_, index) => [index, item]));
  assert.ok(Math.abs(estimateBytes(map) / (1e5 * (24 + 8 + 68)) - 1) < 0.05);
  const object = Object.fromEntries(map);
  assert.ok(Math.abs(estimateBytes(object) / (1e5 * 68) - 1) < 0.05);
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
