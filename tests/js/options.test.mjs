// What callers hand over, read: the names under which Rust gets it, each member read once, and each refusal word for word.
import assert from "node:assert/strict";
import { test } from "node:test";
import { enter, enterKey, readNames, readText, readUser } from "../../build/modules/src/bindings/host/validate.js";
import { LIMITS } from "../../build/modules/src/bindings/host/contract.js";
import { coded } from "../../build/modules/src/bindings/host/errors.js";
import { callOptions, serviceOptions } from "../../build/modules/src/bindings/host/options.js";
import { readPattern } from "../../build/modules/src/bindings/host/patterns.js";
import { namedTags, varyValues } from "../../build/modules/src/bindings/host/request-parts.js";
import { tell } from "../../build/modules/src/bindings/host/notify.js";

const MEMORY = new WebAssembly.Memory({ initial: 1 });
const service = (options) => serviceOptions(options, MEMORY);

/** The members that are not undefined. */
const told = (record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));

/** @param {() => unknown} call */
const complaint = (call) => {
  try {
    call();
  } catch (error) {
    return [error.constructor.name, error.code, error.message];
  }
  return "nothing was thrown";
};

/** An object that counts how often each of its members is read. */
const counted = (members) => {
  const reads = {};
  const read = (_, name) => ((reads[name] = (reads[name] ?? 0) + 1), members[name]);
  return [new Proxy(members, { get: read }), reads];
};

test("an error has its class, its code and, in a pattern, its place", () => {
  const classes = [TypeError, RangeError, SyntaxError, Error];
  for (const [kind, type] of classes.entries()) {
    const error = coded(kind, "ERR_X", "a sentence");
    assert.equal(error.constructor, type);
    assert.deepEqual([error.code, error.message, "position" in error], ["ERR_X", "a sentence", false]);
  }
  assert.equal(coded(2, "ERR_X", "", 0).position, 0);
});

test("an operation begins with a cache that was not disposed of and a key that is one", () => {
  let looks = 0;
  const hostStore = { disposed: false, refresh: () => (looks += 1) };
  enter(hostStore);
  enterKey(hostStore, "k".repeat(1024));
  assert.equal(looks, 2);
  const disposed = ["Error", "ERR_DISPOSED", "this cache was disposed of and cannot be used any more"];
  for (const [key, expected] of [
    [5, ["TypeError", "ERR_KEY", "a key is a string, not 5"]],
    ["", ["TypeError", "ERR_KEY", "a key has at least one character"]],
    ["k".repeat(1025), ["TypeError", "ERR_KEY_LENGTH", "a key has 1024 characters at most, not 1025"]],
    ["\ud800", ["TypeError", "ERR_KEY", "a key is well-formed Unicode, and this one holds a lone surrogate"]],
  ]) {
    assert.deepEqual(complaint(() => enterKey(hostStore, key)), expected);
    assert.deepEqual(complaint(() => enterKey({ ...hostStore, disposed: true }, key)), disposed);
  }
});

test("texts, users and lists of names", () => {
  assert.equal(readText("é", "an endpoint", "ERR_ENDPOINT"), "é");
  for (const bad of [5, null, undefined, {}, "\udc00"]) {
    const [type, code, sentence] = complaint(() => readText(bad, "an endpoint", "ERR_ENDPOINT"));
    assert.deepEqual([type, code], ["TypeError", "ERR_ENDPOINT"]);
    assert.match(sentence, /^an endpoint is a string of well-formed Unicode, not /);
  }
  assert.deepEqual([undefined, null, 7, "u"].map(readUser), [undefined, undefined, "7", "u"]);
  for (const bad of ["", NaN, Infinity, true, {}]) assert.equal(complaint(() => readUser(bad))[1], "ERR_USER_ID");
  const list = ["a", "b"];
  assert.deepEqual(readNames(list, "tags"), list);
  const rule = "tags is an array of non-empty strings without control characters, not ";
  for (const [bad, given] of [
    ["a", '"a"'], [undefined, "undefined"], [["a", 5], "one that holds 5"], [[""], 'one that holds ""'],
    [["\n"], 'one that holds "\\n"'], [["\x7f"], 'one that holds "\x7f"'], [[undefined], "one that holds undefined"],
  ]) {
    assert.deepEqual(complaint(() => readNames(bad, "tags")), ["TypeError", "ERR_OPTION", rule + given]);
  }
  assert.equal(complaint(() => readNames(["\ud800"], "tags"))[1], "ERR_OPTION");
});

test("a call's options by name, absent ones undefined, and its tags", () => {
  const policy = { staleWhileRevalidate: undefined, staleIfError: undefined, softTimeout: undefined, hardTimeout: undefined, jitter: undefined, eagerRefresh: undefined, negativeTtl: undefined, retryBackoff: undefined, ttl: undefined };
  assert.deepEqual(callOptions(undefined, "load"), { policy: {}, tags: [] });
  assert.deepEqual(callOptions(5, "load"), { policy: { ttl: 5000 }, tags: [] });
  assert.deepEqual(callOptions({}, "load"), { policy, tags: [] });
  const [options, reads] = counted({
    retryBackoff: 9, negativeTtl: 8, eagerRefresh: 0.7, jitter: 0.6, hardTimeout: 5, softTimeout: 4, staleIfError: 3,
    staleWhileRevalidate: 2, ttl: 1, tags: ["a"],
  });
  const given = {
    ttl: 1000, staleWhileRevalidate: 2000, staleIfError: 3000, softTimeout: 4000, hardTimeout: 5000, jitter: 0.6, eagerRefresh: 0.7,
    negativeTtl: 8000, retryBackoff: 9000,
  };
  assert.deepEqual(callOptions(options, "load"), { policy: given, tags: ["a"] });
  assert.deepEqual(new Set(Object.values(reads)), new Set([1]));
  for (const [bad, type, code, sentence] of [
    [null, "TypeError", "ERR_TTL", 'ttl must be a number of seconds or a string such as "250ms", got null'],
    [[], "TypeError", "ERR_OPTION", "options are an object, not an array"],
    [{ hardTimeout: 0 }, "RangeError", "ERR_OPTION", "options: hardTimeout is a duration above 0, not 0"],
    [{ jitter: NaN }, "RangeError", "ERR_OPTION", "options: jitter is a number from 0 to 1, not NaN"],
    [{ jitter: "1" }, "TypeError", "ERR_OPTION", 'options: jitter is a number, not "1"'],
  ]) {
    assert.deepEqual(complaint(() => callOptions(bad, "load")), [type, code, sentence]);
  }
});

test("a service's options: limits, policy, rules, what holds keys and values, and what the host reads", () => {
  const plain = service(undefined);
  const { defaultTtlMs, ...limits } = LIMITS;
  assert.deepEqual(plain.engine.limits, limits);
  assert.deepEqual([plain.engine.rules, plain.hostStore.functions, plain.hostStore.observer], [[], { taggers: [], finders: [] }, undefined]);
  assert.deepEqual(told(plain.engine.policy), {});
  const settings = (options) => {
    const { policy, ...rest } = service(options).hostStore.settings;
    return { ...rest, policy: told(policy) };
  };
  assert.deepEqual(settings(undefined), {
    defaultTtl: defaultTtlMs, plainTtl: defaultTtlMs, eagerRefresh: 1, maxWait: 30_000, isolation: "snapshot", singleFlight: "auto", policy: {},
  });
  assert.equal(settings("2m").plainTtl, 120_000);
  assert.deepEqual(settings({ defaultTtl: 5, ttl: 6, jitter: 0.1, maxWait: 7, isolation: "reference" }), {
    defaultTtl: 5000, plainTtl: NaN, eagerRefresh: 1, maxWait: 7000, isolation: "reference", singleFlight: "auto", policy: { ttl: 5000, jitter: 0.1 },
  });
  assert.equal(settings({ ttl: 6, jitter: 0 }).plainTtl, 6000);
  const { maxBytes, maxEntryBytes } = service({ maxBytes: 16 }).engine.limits;
  assert.deepEqual([maxBytes, maxEntryBytes], [16, 2]);
  assert.equal(service({ maxEntries: Infinity }).engine.limits.maxEntries, Infinity);
  assert.notEqual(service({ endpointStats: true }).hostStore.observer, undefined);
  for (const clock of [Date.now, { now: Date.now }]) assert.notEqual(service({ clock }).hostStore.clock, undefined);
  for (const [bad, type, sentence] of [
    [{ maxFollowers: -1 }, "RangeError", "options: maxFollowers is a number from 0 to Infinity, not -1"],
    [{ maxBytes: 64, maxEntryBytes: 65 }, "RangeError", "options: maxEntryBytes is a number from 1 to 64, not 65"],
    [{ clock: {} }, "TypeError", "options: clock is an object with a now() or a function, not an object"],
    [{ clock: null }, "TypeError", "options: clock is an object with a now() or a function, not null"],
    [{ endpointStats: 1 }, "TypeError", "options: endpointStats is true or false, not 1"],
    [{ singleFlight: "no" }, "TypeError", 'options: singleFlight is one of auto, process, request, off, not "no"'],
    [{ seed: -1 }, "RangeError", "options: seed is a number from 0 to 4294967295, not -1"],
    [{ rules: [] }, "TypeError", "options: rules are an object of endpoint patterns, not an array"],
    [{ rules: { "a.*": 5 } }, "TypeError", 'options: rules["a.*"] are an object, not 5'],
    [{ rules: { a: { scope: "all" } } }, "TypeError", 'options: rules["a"]: scope is one of auto, user, shared, not "all"'],
  ]) {
    assert.deepEqual(complaint(() => service(bad)), [type, "ERR_OPTION", sentence]);
  }
});

test("a rule by name; each member is read once", () => {
  const tagger = () => [];
  const [rule, reads] = counted({
    cache: false, mutation: true, scope: "shared", ttl: 1, tags: ["t"], vary: ["v", "w"], invalidates: [],
    alsoInvalidates: ["x.*"], resourceId: "id",
  });
  const { engine, hostStore } = service({ rules: { "a.get": rule, "b.list": { tags: tagger, resourceId: String } } });
  assert.deepEqual(engine.rules.map(({ policy, ...rest }) => ({ ...told(rest), policy: told(policy) })), [
    {
      pattern: "a.get", cache: false, mutation: true, visibility: "shared", policy: { ttl: 1000 }, tags: ["t"], vary: ["v", "w"],
      invalidates: [], alsoInvalidates: ["x.*"], resourceId: "id",
    },
    { pattern: "b.list", policy: {}, tags: [], vary: [], alsoInvalidates: [], resourceIdBy: 0, tagger: 0 },
  ]);
  assert.deepEqual(hostStore.functions, { taggers: [tagger], finders: [String] });
  assert.deepEqual(new Set(Object.values(reads)), new Set([1]));
});

test("a pattern is texts, each behind a letter", () => {
  for (const [pattern, parts] of [
    ["a.*", ["ra.*"]], ["", ["r"]], [/a\/b/giu, ["ja\\/b", "fgiu"]], [{ regex: "a" }, ["ra"]], [{ regex: /a/ }, ["ja", "f"]],
    [{ glob: "g*" }, ["gg*"]], [{ prefix: "p" }, ["pp"]],
    [{ tag: "t", userId: 5, endpoint: "e.*", glob: "g" }, ["gg", "ee.*", "u5", "tt"]],
  ]) {
    assert.deepEqual(readPattern(pattern), parts);
  }
  for (const [bad, code, sentence] of [
    [5, "ERR_PATTERN", "a pattern is a regular expression (a string or a RegExp) or an object with regex, glob, prefix, endpoint, userId or tag, not 5"],
    [{ tags: [] }, "ERR_PATTERN", 'a pattern has no member "tags"; it has regex, glob, prefix, endpoint, userId, tag'],
    [{ regex: 5 }, "ERR_PATTERN", "regex in a pattern is a string or a RegExp, not 5"],
    [{ regex: "", glob: "a" }, "ERR_PATTERN", "a pattern has one of regex, glob and prefix, not several"],
    [{ userId: null }, "ERR_PATTERN", "userId in a pattern names somebody"],
    [{ userId: "" }, "ERR_PATTERN_EMPTY", "userId in a pattern has at least one character"],
    [{ userId: {} }, "ERR_USER_ID", "a user id is a string of well-formed Unicode, not an object"],
    [{ tag: 5 }, "ERR_PATTERN", "tag in a pattern is a string of well-formed Unicode, not 5"],
    ["\ud800", "ERR_PATTERN", 'a regular expression is a string of well-formed Unicode, not "\\ud800"'],
    [{}, "ERR_PATTERN", "a pattern names at least one of regex, glob, prefix, endpoint, userId and tag"],
  ]) {
    assert.deepEqual(complaint(() => readPattern(bad)), ["TypeError", code, sentence]);
  }
});

test("what of a request is named by a rule", () => {
  assert.deepEqual(varyValues(["a", "b", "c"], { a: "x", b: 5, c: null, d: 1 }), { a: "x", b: 5 });
  assert.deepEqual(varyValues(["a"], undefined), {});
  // Two that differ stay apart, lone surrogates too (A2).
  assert.deepEqual(varyValues(["a"], { a: "\ud800" }), { a: "\ud800" });
  assert.throws(() => varyValues(["a"], 5), TypeError);
  const seen = [];
  assert.deepEqual(namedTags((...given) => (seen.push(given), ["t"]), { p: 1 }, "a.get", undefined), ["t"]);
  assert.deepEqual(seen, [[{ p: 1 }, { endpoint: "a.get", userId: undefined }]]);
  assert.throws(() => namedTags(() => "t", {}, "a.get", "u"), { code: "ERR_OPTION" });
});

test("an observer is told by name, and tells at once", () => {
  const told = [];
  const observer = { set: (...about) => told.push(["set", ...about]), expired: (...about) => told.push(["expired", ...about]), flush: () => told.push("flush") };
  tell({ observer }, 2, "k", 5, 64);
  tell({ observer }, 5, "k", 3, 0);
  assert.deepEqual(told, [["set", "k", 5, 64], "flush", ["expired", "k", 3, 0], "flush"]);
});
