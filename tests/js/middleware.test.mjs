// The middlewares over a core that writes down what it is asked.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bindMiddleware, identityOf } from "../../build/modules/pkg-template/src/middleware.js";

/** A core that answers from a script, and a list of everything that happened. */
function bench(script = {}) {
  const events = [];
  const cache = { set: (key, value, ttl) => events.push(["set", key, value, ttl]) };
  const core = {
    plan(given, request) {
      assert.equal(given, cache);
      events.push(["plan", request]);
      return script.plan?.(request) ?? { kind: "pass" };
    },
    mutate(given, request) {
      events.push(["mutate", request.endpoint, request.params]);
      return script.mutates ?? false;
    },
    fill: (given, ticket, response, ttl) => events.push(["fill", ticket, response, ttl]),
  };
  const functions = bindMiddleware(core);
  return { cache, events, core, ...functions, read: functions.createCacheMiddleware(cache, "v2"), invalidation: functions.createCacheInvalidationMiddleware(cache) };
}

const SUCCESS = { status: "success", data: [1] };
const ticket = { ticket: 1 };
const miss = () => ({ kind: "miss", key: "a.list:1", ttl: 180, ticket });

test("the plan is asked with the whole request, and a hit is the answer", () => {
  const response = { status: "success", data: 1, metadata: {} };
  const { read, events } = bench({ plan: () => ({ kind: "hit", response }) });
  const params = { page: 1 };
  assert.equal(read({ endpoint: "a.list", method: "POST", userId: 0, requestId: "r1" }, params), response);
  const request = { endpoint: "a.list", method: "POST", params, userId: "0", identified: true, requestId: "r1", apiVersion: "v2" };
  assert.deepEqual(events, [["plan", request]]);
});

test("a miss leaves key and TTL in the context, and cacheResponse fills under its ticket", () => {
  const { read, cacheResponse, cache, events } = bench({ plan: miss });
  const context = { endpoint: "a.list" };
  assert.equal(read(context), undefined);
  assert.deepEqual([context.cacheKey, context.cacheTtl], ["a.list:1", 180]);
  assert.equal(cacheResponse(cache, SUCCESS, context), SUCCESS);
  assert.deepEqual(events.slice(1), [["fill", ticket, SUCCESS, 180]]);
});

test("a handler may change the TTL, and take the key away", () => {
  for (const [change, fills] of [[{ cacheTtl: "5s" }, [["fill", ticket, SUCCESS, "5s"]]], [{ cacheKey: undefined }, []], [{ cacheKey: "other" }, []]]) {
    const { read, cacheResponse, cache, events } = bench({ plan: miss });
    const context = { endpoint: "a.list" };
    read(context);
    cacheResponse(cache, SUCCESS, Object.assign(context, change));
    assert.deepEqual(events.slice(1), fills);
  }
});

test("only what succeeded is stored; plain data is, whatever its status says", () => {
  for (const [response, stored] of [
    [SUCCESS, true], [{ status: "running" }, true], [[1], true], [null, true], [0, true],
    [{ status: "error", error: {} }, false], [undefined, false],
  ]) {
    const { read, cacheResponse, cache, events } = bench({ plan: miss });
    const context = { endpoint: "a.list" };
    read(context);
    assert.equal(cacheResponse(cache, response, context), response);
    assert.equal(events.length === 2, stored, JSON.stringify(response));
  }
});

test("a ticket is used once, by copies of the context too", () => {
  const { read, cacheResponse, cache, events } = bench({ plan: miss });
  const context = { endpoint: "a.list" };
  read(context);
  const copy = { ...context };
  cacheResponse(cache, SUCCESS, copy);
  cacheResponse(cache, SUCCESS, copy);
  cacheResponse(cache, SUCCESS, context);
  assert.deepEqual(events.map(([name]) => name), ["plan", "fill"]);
});

test("a context that is used again carries nothing over", () => {
  const plans = [miss(), { kind: "pass" }];
  const { read, cacheResponse, cache, events } = bench({ plan: () => plans.shift() });
  const context = { endpoint: "a.list" };
  read(context);
  context.endpoint = "a.other";
  read(context);
  assert.deepEqual([context.cacheKey, context.cacheTtl], [undefined, undefined]);
  cacheResponse(cache, SUCCESS, context);
  assert.deepEqual(events.map(([name]) => name), ["plan", "plan"]);
});

test("a ticket of another cache is worth nothing here", () => {
  const { read, cacheResponse, events } = bench({ plan: miss });
  const context = { endpoint: "a.list" };
  read(context);
  cacheResponse({ set: () => events.push("set") }, SUCCESS, context);
  assert.deepEqual(events.map(([name]) => name), ["plan"]);
});

test("a key put into the context by hand is stored by hand", () => {
  const { cacheResponse, cache, events } = bench();
  const context = { endpoint: "a.list", cacheKey: "mine", cacheTtl: 60 };
  cacheResponse(cache, SUCCESS, context);
  cacheResponse(cache, { status: "error" }, context);
  cacheResponse(cache, SUCCESS, { endpoint: "a.list" });
  assert.deepEqual(events, [["set", "mine", SUCCESS, 60]]);
});

test("a mutation invalidates before its handler, and again when its response passes", () => {
  const { invalidation, read, cacheResponse, cache, events } = bench({ mutates: true });
  const context = { endpoint: "a.create" };
  const params = { id: 7 };
  assert.equal(invalidation(context, params), undefined);
  assert.equal(read(context, params), undefined);
  cacheResponse(cache, { status: "error" }, context);
  assert.deepEqual(events.filter(([name]) => name === "mutate"), [["mutate", "a.create", params], ["mutate", "a.create", params]]);
  assert.equal(events.some(([name]) => name === "set" || name === "fill"), false);
});

test("what is no mutation is left alone by the invalidation middleware", () => {
  const { invalidation, cacheResponse, cache, events } = bench();
  const context = { endpoint: "a.list" };
  invalidation(context);
  cacheResponse(cache, SUCCESS, context);
  assert.deepEqual(events, [["mutate", "a.list", undefined]]);
});

test("nothing that fails reaches the request", () => {
  const fail = () => { throw new Error("no"); };
  const functions = bindMiddleware({ plan: fail, mutate: fail, fill: fail });
  const cache = { set: fail };
  const context = { endpoint: "a.list", cacheKey: "k" };
  assert.equal(functions.createCacheMiddleware(cache)(context, {}), undefined);
  assert.equal(functions.createCacheInvalidationMiddleware(cache)(context, {}), undefined);
  assert.equal(functions.cacheResponse(cache, SUCCESS, context), SUCCESS);
  const { read, cacheResponse } = bench({ plan: miss });
  assert.equal(read(Object.freeze({ endpoint: "a.list" })), undefined);
  assert.equal(read({ get endpoint() { return fail(); } }), undefined);
  assert.equal(cacheResponse(cache, SUCCESS, null), SUCCESS);
});

test("identity: 0 is a user, an empty or unresolved one is nobody to be served as anybody", () => {
  const user = (userId) => ({ userId, identified: true });
  const unresolved = { userId: undefined, identified: false };
  const anonymous = { userId: undefined, identified: true };
  for (const [context, expected] of [
    [{}, anonymous], [{ user: null, userId: null }, anonymous], [{ user: undefined }, anonymous],
    [{ userId: "u" }, user("u")], [{ userId: 0 }, user("0")], [{ userId: -0 }, user("0")], [{ userId: 42 }, user("42")],
    [{ user: { userId: "u" }, userId: "other" }, user("u")], [{ user: { userId: 0 }, userId: "other" }, user("0")],
    [{ user: {}, userId: "u" }, user("u")], [{ user: { userId: null }, userId: 7 }, user("7")],
    [{ userId: "" }, unresolved], [{ user: { userId: "" }, userId: "u" }, unresolved], [{ user: {} }, unresolved],
    [{ user: { userId: null } }, unresolved], [{ userId: NaN }, unresolved], [{ userId: Infinity }, unresolved],
    [{ userId: false }, unresolved], [{ userId: {} }, unresolved], [{ userId: ["u"] }, unresolved], [{ user: "bob" }, unresolved],
  ]) {
    assert.deepEqual(identityOf(context), expected, JSON.stringify(context));
  }
});
