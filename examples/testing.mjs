// @ts-check
// A test that moves the time instead of waiting: node examples/testing.mjs
import assert from "node:assert/strict";
import { test } from "node:test";
import { CacheService, routeRequest } from "endpoint-cache";

test("a list is loaded anew when it has expired, and after a change", async () => {
  let now = 0; // milliseconds
  const cache = new CacheService({ clock: { now: () => now }, rules: { "prompts.list": { ttl: "1m" } } });
  const prompts = ["first"];
  const list = async () => (await routeRequest(cache, { endpoint: "prompts.list" }, () => [...prompts])).metadata.cache;

  assert.equal(await list(), "miss");
  now += 60_000; // alive at its deadline ...
  assert.equal(await list(), "hit");
  now += 1; // ... and expired after it
  assert.equal(await list(), "miss");

  await routeRequest(cache, { endpoint: "prompts.create" }, () => prompts.push("second"));
  assert.equal(await list(), "miss");
});
