// The text that names a request: which values have one, which share it, and how a refusal reads.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { MAX_DEPTH, MAX_TEXT } from "../../build/modules/src/bindings/host/contract.js";
import { requestText } from "../../build/modules/src/bindings/host/params.js";

const RULE = "; params may hold only plain objects, arrays, strings, finite numbers, booleans and null";

/** Asserts the refusal word for word. */
function refused(params, sentence, cause) {
  assert.throws(() => requestText(params), (error) => {
    assert.ok(error instanceof TypeError);
    assert.equal(error.code, "ERR_PARAMS");
    assert.equal(error.message, sentence);
    assert.equal(error.cause, cause);
    return true;
  });
}

class Point {
  constructor(x) {
    this.x = x;
  }
}
class Money {
  constructor(cents) {
    this.cents = cents;
  }
  toJSON() {
    return `${this.cents} cents`;
  }
}
const cycle = { a: 1 };
cycle.self = cycle;
const moment = new Date(0);
const foreign = (code) => runInNewContext(`(${code})`);

/** Values as a member `{ v: … }`, by the name of what they are equal to; REFUSED ones have no text. */
const REFUSED = "refused";
const VALUES = [
  ["null", null], ["null", foreign("null")],
  ["absent", undefined], ["absent", { toJSON: () => undefined }],
  ["true", true], ["false", false],
  ["zero", 0], ["zero", -0],
  ["one", 1], ["one", 1.0],
  ["1.5", 1.5], ["1e21", 1e21], ["5e-324", 5e-324], ["2^53", 2 ** 53], ["2^53+2", 2 ** 53 + 2],
  ["text", "text"], ["empty text", ""], ["text 0", "0"], ["text 1", "1"], ["text null", "null"], ["text true", "true"],
  ["text NaN", "NaN"], ["text {}", "{}"], ["text []", "[]"],
  ["é composed", "\u00e9"], ["é decomposed", "e\u0301"], ["astral", "\u{1f600}"],
  ["high half", "\ud83d"], ["low half", "\ude00"], ["replacement", "\ufffd"], ["NUL", "\0"],
  ["epoch", moment], ["epoch", moment.toISOString()], ["later", new Date(1)],
  ["{}", {}], ["{}", { a: undefined }], ["{}", Object.create(null)], ["{}", foreign("{}")], ["{}", { [Symbol("s")]: 1 }],
  ["{}", Object.defineProperty({}, "hidden", { value: 1 })], ["{}", new Proxy({}, {})],
  ["[]", []], ["[]", foreign("[]")],
  ["[null]", [null]], ["[[]]", [[]]], ["[{}]", [{}]], ["[0]", [0]], ["[1,2]", [1, 2]], ["[2,1]", [2, 1]],
  ["{0:1,1:2}", { 0: 1, 1: 2 }], ["{a:1}", { a: 1 }], ["{a:1}", foreign("{ a: 1 }")],
  ["{a:1}", { get a() { return 1; } }], ["{a:null}", { a: null }],
  ["own __proto__", JSON.parse('{"__proto__":1}')], ["own __proto__ {}", JSON.parse('{"__proto__":{}}')],
  ["own constructor", { constructor: 1 }], ["member toJSON", { toJSON: 1 }],
  ["5 cents", new Money(5)], ["5 cents", "5 cents"], ["url", new URL("http://h/")], ["url", "http://h/"],
  [REFUSED, NaN], [REFUSED, Infinity], [REFUSED, -Infinity], [REFUSED, [NaN]], [REFUSED, { a: Infinity }],
  [REFUSED, 1n], [REFUSED, Symbol("s")], [REFUSED, () => 1], [REFUSED, class {}],
  [REFUSED, new Map()], [REFUSED, new Map([[1, 2]])], [REFUSED, new Set()], [REFUSED, new WeakMap()], [REFUSED, /x/],
  [REFUSED, new Error("x")], [REFUSED, new Uint8Array(2)], [REFUSED, new Float64Array(1)], [REFUSED, new ArrayBuffer(2)],
  [REFUSED, new DataView(new ArrayBuffer(2))], [REFUSED, new Number(1)], [REFUSED, new String("x")],
  [REFUSED, new Boolean(true)], [REFUSED, Object(1n)], [REFUSED, new Date(NaN)], [REFUSED, new Point(1)],
  [REFUSED, Object.create({ inherited: 1 })], [REFUSED, Object.create(Object.create(null))],
  [REFUSED, Promise.resolve()], [REFUSED, new Headers()], [REFUSED, foreign("new Map()")],
  [REFUSED, [undefined]], [REFUSED, [, 1]], [REFUSED, cycle], [REFUSED, { toJSON: () => NaN }],
  [REFUSED, { toJSON: () => new Map() }], [REFUSED, { get a() { throw new Error("no"); } }],
  [REFUSED, { toJSON() { throw new Error("no"); } }], [REFUSED, new Proxy({}, { ownKeys() { throw new Error("no"); } })],
];

test("hazard/H17_params_matrix: two values share a text exactly where the table says that they are equal", () => {
  const texts = VALUES.map(([name, value]) => {
    try {
      return requestText({ v: value });
    } catch (error) {
      assert.equal(error.code, "ERR_PARAMS", `${name}: ${error.stack}`);
      return undefined;
    }
  });
  let pairs = 0;
  for (const [i, [left]] of VALUES.entries()) {
    assert.equal(texts[i] === undefined, left === REFUSED, `${left}: ${texts[i]}`);
    for (const [j, [right]] of VALUES.entries()) {
      if (left === REFUSED || right === REFUSED) continue;
      assert.equal(texts[i] === texts[j], left === right, `${left} and ${right}: ${texts[i]} and ${texts[j]}`);
      pairs++;
    }
  }
  assert.ok(VALUES.length >= 60 && pairs > 3000, `${VALUES.length} values, ${pairs} pairs`);
});

test("the same values anywhere: as params themselves, as an element, nested", () => {
  for (const [name, value] of VALUES) {
    const outcomes = [[value], { a: [{ b: value }] }].map((params) => {
      try {
        return JSON.stringify(JSON.parse(requestText(params)));
      } catch (error) {
        assert.equal(error.code, "ERR_PARAMS");
        return undefined;
      }
    });
    // What a member may leave out, an element may not.
    if (name === REFUSED || name === "absent") assert.equal(outcomes[0], undefined, name);
    if (name === REFUSED) assert.equal(outcomes[1], undefined);
    else assert.notEqual(outcomes[1], undefined, name);
  }
});

test("the text is that of JSON.stringify, by the quick walk and by the careful one", () => {
  const plain = [{ b: 1, a: [1, "x", { c: null, d: true }], 2: -0, "k\ud800": "\u2028\"\\", e: 1e-7 }, [], {}, [[[]]], "s", 5, true];
  for (const params of plain) {
    assert.equal(requestText(params), JSON.stringify(params));
    const careful = { first: new Date(5), params };
    assert.equal(requestText(careful), JSON.stringify(careful));
  }
  assert.equal(requestText(undefined), "{}");
  assert.equal(requestText(null), "{}");
  assert.equal(requestText({ toJSON: () => undefined }), "{}");
  assert.equal(requestText({ a: { toJSON: (name) => `called as ${name}` } }), '{"a":"called as a"}');
});

test("sec/A15_prototype_names: own members of every name count, and nothing is polluted", () => {
  const before = Object.getOwnPropertyNames(Object.prototype).join();
  for (const name of ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "toJSON"]) {
    const params = JSON.parse(`{${JSON.stringify(name)}:{"polluted":1},"d":1}`);
    assert.equal(requestText(params), JSON.stringify(params), name);
    params.d = new Date(0);
    assert.equal(requestText(params), JSON.stringify(params), name);
    assert.notEqual(requestText({ [name]: 1 }), "{}");
  }
  assert.equal(Object.getOwnPropertyNames(Object.prototype).join(), before);
  assert.equal({}.polluted, undefined);
});

test("members of a polluted prototype are not params", () => {
  Object.defineProperty(Object.prototype, "polluted", { value: () => 1, enumerable: true, configurable: true });
  try {
    assert.equal(requestText({ a: 1 }), '{"a":1}');
    assert.equal(requestText({ a: new Date(0) }), '{"a":"1970-01-01T00:00:00.000Z"}');
  } finally {
    delete Object.prototype.polluted;
  }
});

test("an array method toJSON that somebody defined is asked once", () => {
  Object.defineProperty(Array.prototype, "toJSON", { value() { return this.length; }, configurable: true });
  try {
    assert.equal(requestText({ a: [1, 2] }), '{"a":2}');
  } finally {
    delete Array.prototype.toJSON;
  }
});

test("a refusal names the path and what was found", () => {
  const boom = new Error("boom");
  refused({ filter: { tags: [1, 2, NaN] } }, `params.filter.tags[2] is NaN${RULE}`);
  refused({ a: [, 1] }, `params.a[0] is a hole${RULE}`);
  refused({ a: [undefined] }, `params.a[0] is undefined${RULE}`);
  refused({ "not a name": new Map() }, `params["not a name"] is an instance of Map${RULE}`);
  refused({ größe: { $x: 1n } }, `params.größe.$x is a BigInt${RULE}`);
  refused(new Point(1), `params is an instance of Point${RULE}`);
  refused(Object.create(Object.create(null)), `params is an instance of an unnamed class${RULE}`);
  refused({ f() {} }, `params.f is a function${RULE}`);
  refused(Symbol("s"), `params is a symbol${RULE}`);
  refused(-Infinity, `params is -Infinity${RULE}`);
  refused({ when: new Date(NaN) }, `params.when is an invalid Date${RULE}`);
  refused(cycle, `params.self refers back to params, a cycle`);
  refused({ in: [cycle] }, `params.in[0].self refers back to params.in[0], a cycle`);
  refused({ get a() { throw boom; } }, `params.a could not be read${RULE}`, boom);
  refused({ p: new Proxy({}, { ownKeys() { throw boom; } }) }, `params.p could not be read${RULE}`, boom);
  refused({ d: { toJSON() { throw boom; } } }, `params.d could not be read${RULE}`, boom);
});

test("depth ends at 100 levels, and a repeated part is not a cycle", () => {
  const nest = (levels, leaf) => {
    let value = leaf;
    for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { v: value };
    return value;
  };
  assert.equal(MAX_DEPTH, 100);
  for (const leaf of [1, { toJSON: () => 1 }]) {
    assert.equal(requestText(nest(100, leaf)), JSON.stringify(nest(100, leaf)));
    refused(nest(101, leaf), "params nest deeper than 100 levels");
  }
  refused(nest(20_000, 1), "params nest deeper than 100 levels");
  const part = { x: [1] };
  assert.equal(requestText({ a: part, b: part, d: new Date(0) }).includes('"b":{"x":[1]}'), true);
});

test("a small graph that unfolds into an endless tree is refused at once", () => {
  let bomb = { leaf: 1 };
  for (let level = 0; level < 60; level++) bomb = { a: bomb, b: bomb };
  const start = performance.now();
  refused(bomb, `params are longer than ${MAX_TEXT} characters of JSON text`);
  assert.ok(performance.now() - start < 1000);
});

test("the careful walk reads a member once, so one that answers differently each time slips nothing unchecked in", () => {
  let reads = 0;
  const toggling = { d: new Date(0), get a() { return reads++ % 2 ? NaN : 1; } };
  assert.equal(requestText(toggling), '{"d":"1970-01-01T00:00:00.000Z","a":1}');
  refused(toggling, `params.a is NaN${RULE}`);
});

test("hazard/H10_reentrancy: a getter may ask for the text of other params", () => {
  const params = { get a() { return requestText({ inner: new Date(0) }); }, b: 1 };
  assert.equal(requestText(params), JSON.stringify({ a: params.a, b: 1 }));
});
