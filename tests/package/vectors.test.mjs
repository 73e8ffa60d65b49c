// Cases made by Python itself, through the built package: the keys of requests, and whole lives of a cache.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CacheService, routeRequest } from "../../pkg/index.js";
import { bench } from "./kit.mjs";

const read = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));
const keys = read("keys");
const traces = read("traces");

test(`${keys.length} keys are Python's`, () => {
  for (const { endpoint, params, userId, key } of keys) {
    assert.equal(CacheService.generateCacheKey(endpoint, params, userId), key);
  }
});

test("the same keys, members in the opposite order", () => {
  const reversed = (value) => {
    if (Array.isArray(value)) return value.map(reversed);
    if (typeof value !== "object" || value === null) return value;
    const pairs = Object.entries(value).reverse().map(([name, member]) => [name, reversed(member)]);
    return Object.fromEntries(pairs);
  };
  for (const { endpoint, params, userId, key } of keys) {
    assert.equal(CacheService.generateCacheKey(endpoint, reversed(params), userId), key);
  }
});

test("the same keys, by a user's handle", () => {
  const { cache } = bench();
  for (const { endpoint, params, userId, key } of keys) {
    if (userId === null || userId === undefined) continue;
    assert.equal(cache.forUser(userId).generateCacheKey(endpoint, params), key);
  }
});

test("the same keys, by requests that read", async () => {
  const { cache } = bench({ rules: { "*": { cache: true } } });
  for (const { endpoint, params, userId, key } of keys) {
    cache.clear(); // The same case may stand in the file twice.
    const first = await routeRequest(cache, { endpoint, params, userId }, () => "v");
    const again = await routeRequest(cache, { endpoint, params: structuredClone(params), userId }, () => "w");
    assert.deepEqual([first.metadata.key, first.metadata.cache, again.metadata.cache, again.data], [key, "miss", "hit", "v"]);
  }
});

// A trace's `null` is a value that is absent; it stores no null of its own.
for (const [number, { defaultTtl, ops }] of traces.entries()) {
  test(`trace ${number + 1}: ${ops.length} operations answer as Python's cache did`, () => {
    const { cache, clock } = bench({ defaultTtl });
    ops.forEach(([operation, ...args], at) => {
      const where = `operation ${at}, ${operation}`;
      switch (operation) {
        case "set":
          return cache.set(args[0], args[1], args[2] ?? undefined);
        case "get":
          return assert.deepEqual(cache.get(args[0]) ?? null, args[1], where);
        case "advance":
          return clock.advance(args[0] / 1000);
        case "clear":
          return cache.clear();
        case "getStats": {
          const { size, hits, misses, hitRate, expiredEntries } = cache.getStats();
          return assert.deepEqual([size, hits, misses, hitRate, expiredEntries], args[0], where);
        }
        case "delete":
          return assert.equal(cache.delete(args[0]), args[1], where);
        case "invalidate":
          return assert.equal(cache.invalidate(args[0]), args[1], where);
        case "cleanupExpired":
          return assert.equal(cache.cleanupExpired(), args[0], where);
        default:
          throw new Error(`no such operation: ${operation}`);
      }
    });
  });
}
