// Patterns over keys: what one may cost is decided before the first key, by the pattern alone.
import assert from "node:assert/strict";
import test from "node:test";
import { CacheService } from "../../pkg/index.js";
import { bench, complaint } from "./kit.mjs";

const KEYS = 1_000_000;

/** A million entries, made once. */
const million = (() => {
  /** @type {CacheService | undefined} */
  let cache;
  return () => {
    if (cache !== undefined) return cache;
    cache = new CacheService({ maxEntries: Infinity, maxBytes: Infinity });
    for (let number = 0; number < KEYS; number += 1) cache.set(keyAt(number), number);
    return cache;
  };
})();

function keyAt(number) {
  const resource = ["prompt", "scene", "project"][number % 3];
  const operation = ["list", "get"][number % 2];
  return `storycore.${resource}.${operation}:${number.toString(16).padStart(16, "0")}`;
}

const CODES = ["ERR_PATTERN_BUDGET", "ERR_PATTERN_TOO_LARGE", "ERR_PATTERN_SYNTAX"];

test("B7: ordinary patterns work at a million entries", () => {
  const cache = million();
  for (const [pattern, same = pattern] of [
    ["^storycore\\.(prompt|project)\\.(list|get):"],
    ["[0-9a-f]{16}$"],
    ["a\\.(list|get):[0-9]"],
    [/^storycore\.(?:prompt|scene)\.list:0+[0-9a-f]{1,3}$/],
    ["\\bprompt\\b.*[02468ace]$"],
    ["prompt.{0,50}ffff$"],
    [{ glob: "*prompt*list*ffff" }, "prompt.*list.*ffff$"],
    [{ glob: "*prompt*get*ffff" }, "prompt.*get.*ffff$"],
  ]) {
    const regex = new RegExp(same);
    let expected = 0;
    for (let number = 0; number < KEYS; number += 1) if (regex.test(keyAt(number))) expected += 1;
    assert.equal(cache.preview(pattern).length, expected, String(pattern));
  }
  assert.equal(cache.expire("prompt\\.(list|get):"), 333_334);
  assert.equal(cache.invalidate("^storycore\\.(prompt|project)\\.(list|get):"), 666_667);
  assert.equal(cache.size, KEYS - 666_667);
});

test("B7: hostile patterns are refused in words and remove nothing, or look at each key quickly", () => {
  const { cache } = bench({ maxEntries: 4_000 });
  const keys = [..."ab"].flatMap((letter) => Array.from({ length: 1_000 }, (_, at) => `${letter.repeat(1_016)}.${at.toString(36).padStart(6, "0")}`));
  for (const key of keys) cache.set(key, 1);
  const words = Array.from({ length: 120 }, (_, at) => `a${at}b${at * 7}`).join("|");
  const hostile = [
    "(a{0,50}){0,50}", "(a{0,50}){0,50}$", "((a*)*)*b", "(a+)+$", "(?:a|a|a|aa)*b", "(?:.*a){30}b", "(a|b)*a(a|b){30}", "(a|b)*a(a|b){60}c.{60}d",
    "a.{60}b.{60}c", "\\pL{50}", "\\p{Greek}+", "\\w{1000}", "[^a]{1000}", "(?:\\w+\\W+){30}$", "(?i)[a-y]{300}z", "(?m)^(?:a|^){30}$", "a?".repeat(500), "a".repeat(1_024),
    `${"a".repeat(1_023)}b`, "a.".repeat(512), "(?:a|b)".repeat(146), words, `(${words})+$`, /(?:(?:a?){40}){8}$/, /(x+x+)+y/,
    { glob: "*a".repeat(512) }, { glob: `*${"a?".repeat(500)}b*` }, { glob: `*${"a".repeat(500)}b*` }, { glob: "*".repeat(4_096) }, { glob: `*${"?".repeat(400)}b` },
    { glob: "*a?b*".repeat(100), userId: "u" }, { regex: "(a|b)*a(a|b){60}c.{60}d", tag: "t" },
  ];
  let refused = 0;
  for (const pattern of hostile) {
    for (const method of ["preview", "expire", "invalidate"]) {
      const started = performance.now();
      let error;
      try {
        const found = cache[method](pattern);
        if (method === "preview" && found.length > 0) break;
      } catch (thrown) {
        error = thrown;
      }
      const micros = ((performance.now() - started) * 1e3) / keys.length;
      if (error !== undefined) {
        refused += 1;
        assert.ok(CODES.includes(error.code), `${String(error)}`);
        assert.ok(["RangeError", "SyntaxError"].includes(error.name));
        assert.ok(error.message.length < 400);
      }
      // Twenty times what a quiet machine takes for these, the longest keys there are; a search that backtracks takes years.
      assert.ok(micros < 400, `${method} ${JSON.stringify(pattern).slice(0, 60)}: ${micros} µs a key`);
    }
  }
  assert.ok(refused >= 10, `${refused} refused`);
  assert.deepEqual([cache.size, cache.getStats().invalidations], [keys.length, 0]);
});

test("B7: a refusal depends on the pattern alone, not on the keys there are", () => {
  const few = bench();
  const many = bench();
  for (let at = 0; at < 500; at += 1) many.cache.set(`a.get:${"ab".repeat(at)}`, at);
  for (const pattern of ["(a|b)*a(a|b){60}c.{60}d", "\\w{1000}\\b", { glob: `*${"a?".repeat(500)}b*` }]) {
    const [name, code, sentence] = complaint(() => few.cache.invalidate(pattern));
    assert.deepEqual([name, code], ["RangeError", "ERR_PATTERN_BUDGET"]);
    assert.match(sentence, /^matching ".+ against the keys takes too long; nothing was removed$/);
    assert.deepEqual(complaint(() => many.cache.invalidate(pattern)), [name, code, sentence]);
  }
});

test("B7: a clock that steps does not fail an invalidation", () => {
  const real = Date.now;
  const cache = new CacheService();
  for (let at = 0; at < 10; at += 1) cache.set(`a.list:${at}`, at);
  let time = real();
  Date.now = () => (time += 3_600_000);
  try {
    assert.equal(cache.preview("a\\.(list|get):[0-9]").length, 10);
    assert.equal(cache.invalidate("a\\.(list|get):[0-9]"), 10);
  } finally {
    Date.now = real;
  }
});

test("B7: patterns together with scopes", () => {
  const { cache } = bench();
  for (const user of ["ann", "bob"]) {
    for (const operation of ["list", "get", "search"]) cache.set(`a.b.${operation}:user:${user}:0123456789abcdef`, 1, { tags: [operation] });
  }
  assert.deepEqual(cache.preview({ regex: "(list|get):.*[0-9a-f]{16}$", userId: "ann" }).sort(), ["a.b.get:user:ann:0123456789abcdef", "a.b.list:user:ann:0123456789abcdef"]);
  assert.equal(cache.expire({ regex: "^a\\.b\\.(list|get)", endpoint: "a.b.get" }), 2);
  assert.equal(cache.invalidate({ glob: "a.?.*:*", tag: "search" }), 2);
  assert.equal(cache.invalidate({ regex: /bob|ann/, userId: "bob" }), 2);
  assert.equal(cache.size, 2);
});

test("B7: keys with line feeds and long texts are found as any others", () => {
  const { cache } = bench();
  const long = "storycore.prompt.".repeat(6);
  cache.set(`${long}list:1`, 1);
  cache.set("a\nb.list:2", 2);
  cache.set("a.b\n", 3);
  const escaped = long.replaceAll(".", "\\.");
  for (const [pattern, expected] of [
    [escaped, 1], [`^${escaped}list`, 1], [`${escaped}get`, 0], [{ glob: `*${long}list*` }, 1], [{ glob: `*${long}get*` }, 0],
    ["a.b", 1], ["a\\nb", 1], ["(?s)a.b", 2], ["^a.*list", 0], ["list.*$", 2], ["b$", 0], ["(?m)b$", 1], [/^b/m, 1], [{ glob: "a?b*" }, 2],
  ]) {
    assert.equal(cache.preview(pattern).length, expected, JSON.stringify(pattern));
  }
});

test("what no key can hold is refused before it is copied", () => {
  const { cache } = bench();
  cache.set("a", 1);
  const huge = "a".repeat(20_000_000);
  for (const pattern of [huge, new RegExp("a".repeat(20_000)), { glob: huge }, { prefix: huge }, { regex: huge }]) {
    const [name, code, sentence] = complaint(() => cache.invalidate(pattern));
    assert.deepEqual([name, code], ["RangeError", "ERR_PATTERN_TOO_LARGE"]);
    assert.match(sentence, / has \d+ characters; at most 4096 are allowed$/);
  }
  for (const [pattern, wanted] of [[{ tag: huge }, "ERR_PATTERN"], [{ userId: huge }, "ERR_KEY_LENGTH"], [{ endpoint: huge }, "ERR_PATTERN"]]) {
    const [, code, sentence] = complaint(() => cache.invalidate(pattern));
    assert.equal(code, wanted);
    assert.match(sentence, / 1,?024 /);
  }
  assert.equal(cache.size, 1);
});
