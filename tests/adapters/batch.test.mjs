/** Batches: items that ask the same are one question, however they say it. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CacheService } from "endpoint-cache";
import { FRAMEWORKS } from "./frameworks.mjs";

for (const [name, mount] of Object.entries(FRAMEWORKS)) {
  describe(name, () => {
    it("D10: items without params are cached and joined as those with {}", async () => {
      let ran = 0;
      const batch = { path: "/batch", handler: async (/** @type {any} */ params) => ({ ran: (ran += 1), params }) };
      const cache = new CacheService({ logger: { debug() {}, info() {}, warn() {}, error() {} } });
      const server = await mount(cache, { identity: "anonymous", batch }, () => ({ body: "x" }));
      try {
        const send = async (/** @type {any} */ items) => {
          const response = await fetch(`${server.url}/batch`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(items) });
          return (await response.json()).map((/** @type {any} */ { metadata, data }) => [metadata?.cache, data?.ran]);
        };
        assert.deepEqual(await send([{ endpoint: "a.list" }, { endpoint: "a.list", params: {} }, { endpoint: "a.list", params: null }]), [["miss", 1], ["joined", 1], ["joined", 1]]);
        assert.deepEqual(await send([{ endpoint: "a.list" }, { endpoint: "a.list", params: {} }]), [["hit", 1], ["hit", 1]]);
        // What is no params is no question that can be kept.
        for (const params of [[], 5, "x", false]) assert.equal((await send([{ endpoint: "a.list", params }]))[0][0], "bypass", JSON.stringify(params));
      } finally {
        await server.close();
      }
    });
  });
}
