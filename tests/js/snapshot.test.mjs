// What a caller is given cannot be changed by anybody, and nothing is lost on the way.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { snapshot, cloneSnapshot } from "../../build/modules/src/bindings/host/snapshot.js";

/** Asserts that everything reachable through own properties is frozen. */
function assertFrozen(value, seen = new Set()) {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  assert.ok(Object.isFrozen(value), `${Object.prototype.toString.call(value)} is not frozen`);
  for (const key of Reflect.ownKeys(value)) assertFrozen(value[key], seen);
}

function refused(value, sentence) {
  assert.throws(() => snapshot(value), (error) => {
    assert.ok(error instanceof TypeError);
    assert.equal(error.code, "ERR_SNAPSHOT");
    assert.equal(error.message, sentence);
    return true;
  });
}

test("primitives are their own snapshots, undefined and falsy ones included", () => {
  for (const value of [null, undefined, false, true, 0, -0, NaN, "", "x", 5n]) {
    assert.deepEqual(snapshot(value), { value, shared: true });
  }
});

test("hazard/H16_aliasing: neither the handler's objects nor a caller's reach the snapshot", () => {
  const own = { list: [{ n: 1 }, [2]], deep: { er: { x: "y" } }, none: null, gone: undefined };
  const before = structuredClone(own);
  const { value, shared } = snapshot(own);
  assert.equal(shared, true);
  assert.deepEqual(value, before);
  assertFrozen(value);

  own.list[0].n = 99;
  own.list.push("later");
  own.deep.er = null;
  assert.deepEqual(value, before);
  assert.ok(!Object.isFrozen(own) && !Object.isFrozen(own.list) && !Object.isFrozen(own.list[0]));

  for (const attack of [
    () => (value.list[0].n = 5),
    () => value.list.push(5),
    () => delete value.deep,
    () => (value.more = 1),
    () => Object.setPrototypeOf(value, null),
  ]) {
    assert.throws(attack, TypeError);
  }
  assert.deepEqual(value, before);
});

test("shared references and cycles stay what they are", () => {
  const part = { x: 1 };
  const own = { a: part, b: [part], when: undefined };
  own.self = own;
  for (const value of [own, { ...own, when: new Date(0) }]) {
    const copy = snapshot(value).value;
    assert.equal(copy.a, copy.b[0]);
    assert.notEqual(copy.a, part);
    assert.equal(copy.self, value === own ? copy : copy.self.self);
  }
});

test("A1: plain trees are copied with all they have, hidden members and those named by symbols too", () => {
  for (const value of [
    {}, [], { a: [1, , 3] }, [undefined], { a: undefined }, JSON.parse('{"__proto__":{"x":1},"constructor":2}'),
    Object.create(null, { a: { value: 1, enumerable: true } }), runInNewContext("({ a: [1] })"),
    Object.defineProperty({ a: 1 }, "hidden", { value: 2 }), { [Symbol("s")]: 1, b: 2 }, { get a() { return { x: 1 }; } },
  ]) {
    const copy = snapshot(value).value;
    assert.notEqual(copy, value);
    assert.deepStrictEqual(copy, value);
    assert.deepEqual(Reflect.ownKeys(copy), Reflect.ownKeys(value));
    assert.equal(Object.getPrototypeOf(copy), Object.getPrototypeOf(value));
    assertFrozen(copy);
  }
});

test("sec/A15_prototype_names: own members named __proto__ are kept as members", () => {
  const copy = snapshot(JSON.parse('{"__proto__":{"isAdmin":true},"a":1}')).value;
  assert.equal(Object.getPrototypeOf(copy), Object.prototype);
  assert.equal(copy.isAdmin, undefined);
  assert.deepEqual(Object.keys(copy), ["__proto__", "a"]);
  assert.equal({}.isAdmin, undefined);
});

test("members of a polluted prototype do not become the copy's own", () => {
  Object.defineProperty(Object.prototype, "polluted", { value: 1, enumerable: true, configurable: true });
  try {
    assert.deepEqual(Object.keys(snapshot({ a: { b: 1 } }).value.a), ["b"]);
  } finally {
    delete Object.prototype.polluted;
  }
});

test("A1: class instances are refused, errors keep their class", () => {
  class Prompt {
    #secret = 1;
    title = "t";
    shout() {}
  }
  refused({ prompt: new Prompt() }, "the value holds a Prompt, which has no copy");
  const { value, shared } = snapshot({ error: new RangeError("far", { cause: { x: [1] } }) });
  assert.equal(shared, true);
  assert.ok(value.error instanceof RangeError);
  assert.equal(value.error.message, "far");
  assertFrozen(value);
});

test("what stays mutable when frozen is thawed for each caller", () => {
  const own = {
    when: new Date(5), map: new Map([["k", { n: 1 }]]), set: new Set([{ n: 2 }]), re: /x/g,
    bytes: new Uint8Array([1, 2]), view: new DataView(new ArrayBuffer(2)), plain: { a: [1] },
  };
  const { value, shared } = snapshot(own);
  assert.equal(shared, false);
  own.when.setTime(0);
  own.map.get("k").n = 9;
  own.bytes[0] = 9;

  const first = cloneSnapshot(value);
  assert.throws(() => (first.plain.a[0] = 9), TypeError);
  assert.throws(() => (first.map.get("k").n = 9), TypeError);
  first.when.setTime(0);
  first.map.clear();
  first.set.clear();
  first.bytes[0] = 9;
  first.re.lastIndex = 1;
  first.view.setInt8(0, 9);

  const second = cloneSnapshot(value);
  assert.equal(second.when.getTime(), 5);
  assert.deepEqual(second.map, new Map([["k", { n: 1 }]]));
  assert.equal(second.set.size, 1);
  assert.deepEqual([...second.bytes], [1, 2]);
  assert.equal(second.re.lastIndex, 0);
  assert.equal(second.view.getInt8(0), 0);
});

test("every mutable kind is found wherever it stands", () => {
  for (const make of [() => new Date(0), () => new Map(), () => new Set(), () => /x/, () => new ArrayBuffer(1), () => new Float32Array(1)]) {
    for (const value of [make(), [make()], { a: { b: make() } }, new Map([[make(), 1]]), new Set([[make()]]), new Error("x", { cause: make() })]) {
      assert.equal(snapshot(value).shared, false);
    }
  }
});

test("what has no faithful copy is refused, not emptied", () => {
  refused(() => 1, "the value holds a function, which has no copy");
  refused({ a: [Symbol("s")] }, "the value holds a symbol, which has no copy");
  refused({ load() {} }, "the value holds a function, which has no copy");
  refused({ get a() { throw new Error("no"); } }, "the value could not be read");
  refused(new Response("x"), "the value holds a Response, which has no copy");
  refused({ a: [new Headers()] }, "the value holds a Headers, which has no copy");
  refused(new Map([[1, new URL("http://h/")]]), "the value holds a URL, which has no copy");
  refused({ p: Promise.resolve() }, "the value holds a Promise, which has no copy");
  refused([new ReadableStream()], "the value holds a ReadableStream, which has no copy");
  refused({ w: new WeakMap() }, "the value holds a WeakMap, which has no copy");
  refused(new SharedArrayBuffer(1), "the value holds a SharedArrayBuffer, which has no copy");
  refused([new Uint8Array(new SharedArrayBuffer(1))], "the value holds a view of a SharedArrayBuffer, which has no copy");
});

test("a tree of 500 levels is copied and frozen to the bottom", () => {
  let deep = { leaf: [1] };
  for (let level = 0; level < 500; level++) deep = { deep };
  let { value } = snapshot(deep);
  assert.notEqual(value, deep);
  for (let level = 0; level < 500; level++) {
    assert.ok(Object.isFrozen(value));
    value = value.deep;
  }
  assertFrozen(value);
});
