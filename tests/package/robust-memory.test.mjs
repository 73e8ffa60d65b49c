// Linear memory never grows for what is refused: every public door, a thousand times, with names and params of megabytes.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import {
  CACHE_TTL_CONFIG, CacheService, createCacheInvalidationMiddleware, createCacheMiddleware, getTtlForEndpoint, routeRequest,
} from "../../build/modules/pkg-template/src/index.js";
import { scratch } from "../../build/modules/build/wasm/endpoint_cache.js";

const keyOf = CacheService.generateCacheKey;
const memory = () => scratch().buffer.byteLength;

describe("A3: linear memory never grows for what is refused", () => {
  const huge = "x".repeat(3_000_000);
  const expression = new RegExp(huge);
  // Joined by `join`: a text put together by `+` is copied whole each time somebody looks at its end.
  const change = ["a", huge, "update"].join(".");
  const cache = new CacheService({ rules: { "docs.list": { vary: ["language"] }, "found.*": { resourceId: () => huge } } });
  const ann = cache.forUser("ann");
  const refused = (call, ...codes) => () => assert.throws(call, ({ code }) => codes.includes(code));
  const doors = {
    get: refused(() => cache.get(huge), "ERR_KEY_LENGTH"),
    set: refused(() => cache.set(huge, 1), "ERR_KEY_LENGTH"),
    "set with options": refused(() => cache.set(huge, 1, { ttl: 5 }), "ERR_KEY_LENGTH"),
    has: refused(() => cache.has(huge), "ERR_KEY_LENGTH"),
    peek: refused(() => cache.peek(huge), "ERR_KEY_LENGTH"),
    delete: refused(() => cache.delete(huge), "ERR_KEY_LENGTH"),
    explain: refused(() => cache.explain(huge), "ERR_KEY_LENGTH"),
    getMany: refused(() => cache.getMany([huge]), "ERR_KEY_LENGTH"),
    setMany: refused(() => cache.setMany([[huge, 1]]), "ERR_KEY_LENGTH"),
    getOrSet: () => assert.rejects(cache.getOrSet(huge, () => 1), { code: "ERR_KEY_LENGTH" }),
    "a tag": refused(() => cache.set("k", 1, { tags: [huge] }), "ERR_OPTION"),
    "a tag of a load": () => assert.rejects(cache.getOrSet("k", ({ addTags }) => addTags(huge)), { code: "ERR_OPTION" }),
    ...Object.fromEntries(
      ["invalidate", "expire", "preview"].flatMap((name) => [
        [`${name} by expression`, refused(() => cache[name](huge), "ERR_PATTERN_TOO_LARGE")],
        [`${name} by RegExp`, refused(() => cache[name](expression), "ERR_PATTERN_TOO_LARGE")],
        ...["regex", "glob", "prefix"].map((member) => [`${name} by ${member}`, refused(() => cache[name]({ [member]: huge }), "ERR_PATTERN_TOO_LARGE")]),
        ...["endpoint", "tag"].map((member) => [`${name} by ${member}`, refused(() => cache[name]({ [member]: huge }), "ERR_PATTERN")]),
        [`${name} by user`, refused(() => cache[name]({ userId: huge }), "ERR_KEY_LENGTH")],
      ]),
    ),
    "routeRequest: endpoint": () => routeRequest(cache, { endpoint: huge }, () => 1),
    "routeRequest: a change": () => routeRequest(cache, { endpoint: change }, () => 1),
    "routeRequest: params": () => routeRequest(cache, { endpoint: "a.list", params: { huge } }, () => 1),
    "routeRequest: a change's params": () => routeRequest(cache, { endpoint: "a.update", params: { huge } }, () => 1),
    "an id that a rule's function finds": () => routeRequest(cache, { endpoint: "found.update", params: { id: 1 } }, () => 1),
    "routeRequest: user": () => routeRequest(cache, { endpoint: "a.list", userId: huge }, () => 1),
    "routeRequest: vary": () => routeRequest(cache, { endpoint: "docs.list", vary: { language: huge } }, () => 1),
    "routeRequest: tags": () => routeRequest(cache, { endpoint: "a.list" }, () => 1, { tags: [huge] }),
    "a chain: endpoint": () => createCacheMiddleware(cache)({ endpoint: huge }, {}),
    "a chain: params": () => createCacheMiddleware(cache)({ endpoint: "a.list" }, { huge }),
    "a chain: user": () => createCacheMiddleware(cache)({ endpoint: "a.list", userId: huge }, {}),
    "a chain's change": () => createCacheInvalidationMiddleware(cache)({ endpoint: change }, { huge }),
    "generateCacheKey: endpoint": refused(() => keyOf(huge), "ERR_ENDPOINT"),
    "generateCacheKey: params": refused(() => keyOf("a.list", { huge }), "ERR_PARAMS"),
    "generateCacheKey: params of many": refused(() => keyOf("a.list", { list: Array(40_000).fill(1) }), "ERR_PARAMS"),
    "generateCacheKey: user": refused(() => keyOf("a.list", {}, huge), "ERR_KEY_LENGTH"),
    "getInvalidationPattern: endpoint": refused(() => CacheService.getInvalidationPattern(huge), "ERR_ENDPOINT"),
    "getInvalidationPattern: type": refused(() => CacheService.getInvalidationPattern("a.b", huge), "ERR_ENDPOINT"),
    "getInvalidationPattern: id": refused(() => CacheService.getInvalidationPattern("a.b", "c", huge), "ERR_KEY_LENGTH"),
    getTtlForEndpoint: refused(() => getTtlForEndpoint(huge), "ERR_ENDPOINT"),
    CACHE_TTL_CONFIG: refused(() => (CACHE_TTL_CONFIG.list = huge), "ERR_TTL"),
    "a ttl": refused(() => cache.set("k", 1, huge), "ERR_TTL"),
    forUser: refused(() => cache.forUser(huge), "ERR_KEY_LENGTH"),
    "a user's handle": refused(() => ann.get(huge), "ERR_ENDPOINT"),
    ...Object.fromEntries(
      [{ [huge]: {} }, { "a.*": { tags: [huge] } }, { "a.*": { vary: [huge] } }, { "a.*": { invalidates: [huge] } }, { "a.*": { alsoInvalidates: [huge] } }, { "a.*": { resourceId: huge } }].map((given, at) => [
        `rules, number ${at}`,
        refused(() => new CacheService({ rules: given }), "ERR_OPTION", "ERR_ENDPOINT_PATTERN"),
      ]),
    ),
  };
  // What short calls take is taken before; a long one is never tried first, as what it took would be there for the next.
  before(async () => {
    for (let n = 0; n < 2000; n += 1) {
      cache.set(`k${n}`, n, { tags: [`t${n % 9}`] });
      for (const endpoint of ["a.list", "docs.list", `e${n}.list`, `e${n}.update`]) {
        await routeRequest(cache, { endpoint, params: { n }, userId: n % 9, vary: { language: "de" } }, () => n);
      }
      cache.invalidate({ tag: `t${n % 9}` });
      cache.invalidate(`^k${n}`);
    }
    cache.clear();
  });
  for (const [door, call] of Object.entries(doors)) {
    it(door, async () => {
      const started = [memory(), cache.getStats().resets];
      for (let n = 0; n < 1000; n += 1) await call();
      assert.deepEqual([memory(), cache.getStats().resets], started);
    });
  }
});

