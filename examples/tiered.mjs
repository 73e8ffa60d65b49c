// @ts-check
// Two processes over one store: each has a cache of its own, and a write in one ends the stale answers of the other.
// Both live in this one file, and the store is in memory. In production: redisStore(client) of endpoint-cache/stores/redis.
import { CacheService, routeRequest } from "endpoint-cache";
import { memoryStore } from "endpoint-cache/stores/memory";
import { tiered } from "endpoint-cache/tiered";

const store = memoryStore();
const prompts = ["first"]; // stands for a database

const [here, there] = [new CacheService(), new CacheService()];
const tiers = [tiered(here, { store, l1Ttl: "2s" }), tiered(there, { store, l1Ttl: "2s" })];

const list = (/** @type {CacheService} */ cache) => routeRequest(cache, { endpoint: "prompts.list" }, async () => [...prompts]);
const create = (/** @type {CacheService} */ cache, /** @type {string} */ title) =>
  routeRequest(cache, { endpoint: "prompts.create", params: { title } }, async () => prompts.push(title));

console.log("here: ", (await list(here)).metadata.cache); // → here:  miss
await Promise.all(tiers.map((tier) => tier.settled())); // the answer is in the store now
console.log("there:", (await list(there)).metadata.cache); // → there: hit

await create(here, "second");
await Promise.all(tiers.map((tier) => tier.refresh())); // what a bus does at once, and otherwise happens within l1Ttl
const { data, metadata } = await list(there);
console.log("there:", metadata.cache, data?.length); // → there: miss 2

await Promise.all(tiers.map((tier) => tier.close()));
