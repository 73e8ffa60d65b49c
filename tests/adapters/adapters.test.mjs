/** What every adapter does alike, over real HTTP with concurrent clients: one list of tests, run for each framework. */
import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { describe, it } from "node:test";
import { CacheService } from "endpoint-cache";
import { FRAMEWORKS } from "./frameworks.mjs";

const JSON_TYPE = { "content-type": "application/json" };
const gate = () => {
  let open = () => {};
  const opened = new Promise((resolve) => (open = () => resolve(undefined)));
  return { opened, open: () => open() };
};
/** @param {any} value */
const json = (value) => ({ headers: JSON_TYPE, body: JSON.stringify(value) });

for (const [name, mount] of Object.entries(FRAMEWORKS)) {
  describe(name, () => {
    /**
     * Runs a test against a fresh application.
     *
     * @param {object} setup
     * @param {any} [setup.options]
     * @param {any} [setup.cacheOptions]
     * @param {import("./frameworks.mjs").App} setup.app
     * @param {(tools: { ask: (path: string, init?: any) => Promise<any>, cache: any, calls: any[], url: string, clock: { time: number } }) => Promise<void>} test
     */
    const withApp = async ({ options, cacheOptions, app }, test) => {
      const clock = { time: 1_000_000, now: () => clock.time };
      const cache = new CacheService({ clock, ...cacheOptions });
      const calls = /** @type {any[]} */ ([]);
      const server = await mount(cache, { identity: "anonymous", ...options }, (asked) => {
        calls.push(asked);
        return app(asked);
      });
      const ask = async (/** @type {string} */ path, /** @type {any} */ init = {}) => {
        const response = await fetch(server.url + path, {
          ...init,
          headers: { ...(init.json === undefined ? {} : JSON_TYPE), ...init.headers },
          body: init.json === undefined ? init.body : JSON.stringify(init.json),
        });
        const text = await response.text();
        return { status: response.status, headers: response.headers, text, note: response.headers.get("cache-status") };
      };
      try {
        await test({ ask, cache, calls, url: server.url, clock });
      } finally {
        await server.close();
      }
    };
    let version = 0;
    /** @type {import("./frameworks.mjs").App} */
    const counting = ({ path }) => json({ path, version: (version += 1) });

    it("answers a second read from the cache, with Age, ETag and Cache-Status", () =>
      withApp({ app: counting }, async ({ ask, calls, clock }) => {
        const first = await ask("/prompts");
        assert.equal(first.status, 200);
        assert.match(first.note, /^endpoint-cache; fwd=miss; stored; ttl=180$/);
        clock.time += 7_400;
        const second = await ask("/prompts");
        assert.equal(second.text, first.text);
        assert.equal(second.headers.get("age"), "7");
        assert.equal(second.note, "endpoint-cache; hit; ttl=172");
        assert.match(second.headers.get("etag"), /^W\/".+"$/);
        assert.equal(second.headers.get("etag"), first.headers.get("etag"));
        assert.match(second.headers.get("content-type"), /^application\/json/);
        assert.equal(calls.length, 1);
      }));

    it("answers If-None-Match with 304, from the handler and from the cache", () =>
      withApp({ app: () => json({ fixed: true }) }, async ({ ask, calls }) => {
        const etag = (await ask("/prompts")).headers.get("etag");
        const known = await ask("/prompts", { headers: { "if-none-match": etag } });
        assert.deepEqual([known.status, known.text, known.headers.get("etag")], [304, "", etag]);
        const other = await ask("/prompts/1", { headers: { "if-none-match": etag } });
        assert.deepEqual([other.status, other.text], [304, ""]);
        const changed = await ask("/prompts", { headers: { "if-none-match": '"else"' } });
        assert.deepEqual([changed.status, changed.text], [200, '{"fixed":true}']);
        assert.equal(calls.length, 2);
      }));

    it("answers HEAD from a stored GET", () =>
      withApp({ app: counting }, async ({ ask, calls }) => {
        const first = await ask("/prompts");
        const head = await ask("/prompts", { method: "HEAD" });
        assert.deepEqual([head.status, head.text, head.headers.get("content-length")], [200, "", String(first.text.length)]);
        assert.match(head.note, /hit/);
        assert.equal(calls.length, 1);
      }));

    it("answers HEAD where nothing is stored, and a GET after it in full", () =>
      withApp({ app: counting }, async ({ ask }) => {
        const head = await ask("/prompts", { method: "HEAD" });
        assert.deepEqual([head.status, head.text], [200, ""]);
        assert.match((await ask("/prompts")).text, /version/);
      }));

    it("lets 20 concurrent clients wait for one handler", () => {
      const { opened, open } = gate();
      return withApp({ app: async (asked) => (await opened, counting(asked)) }, async ({ ask, calls }) => {
        const all = Array.from({ length: 20 }, () => ask("/prompts"));
        setTimeout(open, 60);
        const texts = new Set((await Promise.all(all)).map(({ text }) => text));
        assert.equal(texts.size, 1);
        assert.equal(calls.length, 1);
      });
    });

    it("invalidates by a mutation what it touches and nothing else", () =>
      withApp({ app: counting }, async ({ ask, calls }) => {
        for (const path of ["/prompts", "/prompts/42", "/files"]) await ask(path);
        const made = await ask("/prompts", { method: "POST", json: { title: "new" } });
        assert.equal(made.status, 200);
        assert.match(made.note, /detail=mutation/);
        for (const path of ["/prompts", "/prompts/42"]) assert.match((await ask(path)).note, /fwd=miss/);
        assert.match((await ask("/files")).note, /hit/);
        for (const method of ["PUT", "PATCH", "DELETE"]) {
          await ask("/prompts/42", { method });
          assert.match((await ask("/prompts")).note, /fwd=miss/, method);
        }
        assert.equal(calls.length, 3 + 1 + 2 + 6);
      }));

    it("never shows a reader what was read before a mutation that was answered", () => {
      let value = 1;
      const slow = gate();
      const app = async (/** @type {any} */ { method }) => {
        if (method === "PUT") return (value = 2), json({ value });
        const read = value;
        await slow.opened;
        return json({ value: read });
      };
      return withApp({ app }, async ({ ask }) => {
        const before = ask("/prompts/1");
        await new Promise((resolve) => setTimeout(resolve, 30));
        await ask("/prompts/1", { method: "PUT", json: {} });
        const after = ask("/prompts/1");
        slow.open();
        assert.deepEqual([(await before).text, (await after).text], ['{"value":1}', '{"value":2}']);
        assert.equal((await ask("/prompts/1")).text, '{"value":2}');
      });
    });

    it("holds the end of a streamed mutation until it has invalidated", () => {
      const { opened, open } = gate();
      const work = async function* () {
        yield "one ";
        await opened;
        version += 1;
        yield "two";
      };
      const app = (/** @type {any} */ { method, path }) => (method === "POST" ? { headers: { "content-type": "text/plain" }, body: work() } : json({ path, version }));
      return withApp({ app }, async ({ ask, url }) => {
        await ask("/prompts");
        const made = await fetch(`${url}/prompts`, { method: "POST" });
        const reader = /** @type {any} */ (made.body).getReader();
        assert.equal(new TextDecoder().decode((await reader.read()).value), "one ");
        const during = await ask("/prompts");
        open();
        while (!(await reader.read()).done);
        const after = await ask("/prompts");
        assert.notEqual(after.text, during.text);
        assert.equal(JSON.parse(after.text).version, version);
      });
    });

    it("reads RPC paths by GET and by POST, and never takes one for the other", () =>
      withApp({ options: { paths: "rpc" }, app: ({ query, body }) => json({ query: query.get("page"), body: body?.page }) }, async ({ ask, calls }) => {
        const path = "/api/storycore.prompt.list";
        const byQuery = await ask(`${path}?page=1`);
        const byBody = await ask(path, { method: "POST", json: { page: "1" } });
        assert.notEqual(byQuery.text, byBody.text);
        assert.match((await ask(path, { method: "POST", json: { page: "1" } })).note, /hit/);
        assert.match((await ask(`${path}?page=1`)).note, /hit/);
        assert.equal(calls.length, 2);
        await ask("/api/storycore.prompt.create", { method: "POST", json: {} });
        assert.match((await ask(`${path}?page=1`)).note, /fwd=miss/);
      }));

    it("takes the user's own function for paths", () =>
      withApp({ options: { paths: () => ({ endpoint: "own.list", params: { fixed: 1 } }) }, app: counting }, async ({ ask, cache }) => {
        const first = await ask("/anything");
        assert.equal((await ask("/anything/else")).text, first.text);
        assert.equal(cache.invalidate({ endpoint: "own.list" }), 1);
      }));

    it("passes on what is longer than the limit, whole and unstored", () => {
      const long = async function* () {
        for (let at = 0; at < 20; at += 1) yield `${at}-`.padEnd(100, "x");
      };
      return withApp({ options: { maxBodyBytes: 1000 }, app: () => ({ headers: { "content-type": "text/plain" }, body: long() }) }, async ({ ask, calls, cache }) => {
        const [first, second] = await Promise.all([ask("/prompts"), ask("/prompts")]);
        assert.equal(first.text.length, 2000);
        assert.equal(second.text, first.text);
        assert.match((await ask("/prompts")).text, /^0-x+1-x/);
        assert.equal(calls.length, 3);
        assert.equal(cache.size, 0);
      });
    });

    it("passes an event stream on as it comes", () => {
      const { opened, open } = gate();
      const stream = async function* () {
        yield "data: 1\n\n";
        await opened;
        yield "data: 2\n\n";
      };
      return withApp({ app: () => ({ headers: { "content-type": "text/event-stream" }, body: stream() }) }, async ({ url }) => {
        const response = await fetch(`${url}/prompts`);
        const reader = /** @type {any} */ (response.body).getReader();
        assert.match(new TextDecoder().decode((await reader.read()).value), /data: 1/);
        open();
        assert.match(new TextDecoder().decode((await reader.read()).value), /data: 2/);
      });
    });

    it("keeps a body of bytes as it is", () =>
      withApp({ app: () => ({ headers: { "content-type": "text/plain; charset=utf-8" }, body: "žluťoučký 🐎\0" }) }, async ({ ask }) => {
        assert.equal((await ask("/prompts")).text, "žluťoučký 🐎\0");
        assert.equal((await ask("/prompts")).text, "žluťoučký 🐎\0");
      }));

    it("keeps the headers that were chosen, and those by option", () =>
      withApp(
        { options: { headers: ["x-total-count"], xCache: true }, app: () => ({ headers: { ...JSON_TYPE, "x-total-count": "3", "x-request-id": "r1", "last-modified": "Sun, 01 Nov 2026 00:00:00 GMT" }, body: "[]" }) },
        async ({ ask }) => {
          const first = await ask("/prompts");
          assert.deepEqual([first.headers.get("x-request-id"), first.headers.get("x-cache")], ["r1", "MISS"]);
          const second = await ask("/prompts");
          assert.deepEqual([second.headers.get("x-total-count"), second.headers.get("x-request-id"), second.headers.get("x-cache")], ["3", null, "HIT"]);
          const since = await ask("/prompts", { headers: { "if-modified-since": "Sun, 01 Nov 2026 00:00:00 GMT" } });
          assert.equal(since.status, 304);
        },
      ));

    it("lives as long as the handler's Cache-Control says", () =>
      withApp({ app: ({ path }) => ({ headers: { ...JSON_TYPE, "cache-control": path === "/a" ? "public, max-age=10" : "max-age=10, s-maxage=600" }, body: "{}" }) }, async ({ ask, clock }) => {
        for (const path of ["/a", "/b"]) await ask(path);
        clock.time += 10_500;
        assert.match((await ask("/a")).note, /fwd=miss; stored; ttl=10/);
        assert.match((await ask("/b")).note, /hit; ttl=589/);
      }));

    it("serves stale while it revalidates, as the handler's Cache-Control says", () =>
      withApp({ app: (asked) => ({ ...counting(asked), headers: { ...JSON_TYPE, "cache-control": "max-age=10, stale-while-revalidate=30" } }) }, async ({ ask, clock, calls }) => {
        const first = await ask("/prompts");
        clock.time += 15_000;
        const second = await ask("/prompts");
        // Where a handler cannot run behind its caller's back, the first caller is the one who waits.
        if (name === "fetch") assert.deepEqual([second.text, second.note], [first.text, "endpoint-cache; hit; ttl=-5; detail=stale"]);
        else assert.notEqual(second.text, first.text);
        await new Promise((resolve) => setTimeout(resolve, 20));
        assert.equal(calls.length, 2);
        const third = await ask("/prompts");
        assert.notEqual(third.text, first.text);
        assert.match(third.note, /hit; ttl=10/);
        clock.time += 41_000;
        assert.match((await ask("/prompts")).note, /fwd=miss/);
      }));

    it("lets a stale answer stand in for a failure, as the handler's Cache-Control says", () => {
      let broken = false;
      const app = (/** @type {any} */ asked) => (broken ? { status: 503, headers: JSON_TYPE, body: '{"down":true}' } : { ...counting(asked), headers: { ...JSON_TYPE, "cache-control": "max-age=10, stale-if-error=60" } });
      return withApp({ app }, async ({ ask, clock }) => {
        const first = await ask("/prompts");
        broken = true;
        clock.time += 15_000;
        const second = await ask("/prompts");
        assert.deepEqual([second.status, second.text], [200, first.text]);
        assert.match(second.note, /detail=stale/);
        clock.time += 60_000;
        assert.equal((await ask("/prompts")).status, 503);
        broken = false;
        assert.equal((await ask("/prompts")).status, 200);
      });
    });

    it("serves stale and lets stale stand in as a rule says", () => {
      let broken = false;
      const rules = { "prompts.*": { ttl: 10, staleWhileRevalidate: 20, staleIfError: 100 } };
      const app = (/** @type {any} */ asked) => (broken ? { status: 500, body: "down" } : counting(asked));
      return withApp({ cacheOptions: { rules }, app }, async ({ ask, clock, calls }) => {
        const first = await ask("/prompts");
        clock.time += 15_000;
        const second = await ask("/prompts");
        if (name === "fetch") assert.deepEqual([second.text, second.note], [first.text, "endpoint-cache; hit; ttl=-5; detail=stale"]);
        else assert.notEqual(second.text, first.text);
        await new Promise((resolve) => setTimeout(resolve, 20));
        assert.equal(calls.length, 2);
        const third = await ask("/prompts");
        assert.notEqual(third.text, first.text);
        broken = true;
        clock.time += 50_000;
        const fourth = await ask("/prompts");
        assert.deepEqual([fourth.status, fourth.text], [200, third.text]);
        assert.match(fourth.note, /detail=stale/);
      });
    });

    it("loads early as a rule says, and answers no request twice", () =>
      withApp({ cacheOptions: { rules: { "prompts.*": { ttl: 10, eagerRefresh: 0.5 } } }, app: async (asked) => (await null, counting(asked)) }, async ({ ask, clock, calls }) => {
        const first = await ask("/prompts");
        clock.time += 7_000;
        const second = await ask("/prompts");
        assert.equal(second.status, 200);
        assert.equal(second.text === first.text, name === "fetch");
        await new Promise((resolve) => setTimeout(resolve, 20));
        const third = await ask("/prompts");
        assert.notEqual(third.text, first.text);
        assert.match(third.note, /hit; ttl=10/);
        assert.equal(calls.length, 2);
      }));

    it("shows no reader anything older than what was answered before it asked", () => {
      let state = 0;
      let seed = 7;
      const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
      const wait = () => new Promise((resolve) => setTimeout(resolve, random() * 4));
      const app = async (/** @type {any} */ { method }) => {
        await wait();
        if (method !== "GET") state += 1;
        const read = state;
        await wait();
        return json({ read });
      };
      return withApp({ app }, async ({ ask }) => {
        let acked = 0;
        let hits = 0;
        const client = async (/** @type {number} */ which) => {
          for (let turn = 0; turn < 40; turn += 1) {
            const known = acked;
            const writes = which === 0 && turn % 4 === 0;
            const { text, note } = await ask("/prompts/1", writes ? { method: "PUT", json: {} } : {});
            const { read } = JSON.parse(text);
            if (writes) acked = Math.max(acked, read);
            else assert.ok(read >= known, `read ${read} after ${known} was acknowledged`);
            if (/; hit/.test(note)) hits += 1;
          }
        };
        await Promise.all([0, 1, 2, 3, 4, 5].map(client));
        assert.ok(hits > 20, String(hits));
      });
    });

    it("works over a cache that hands out references", () =>
      withApp({ cacheOptions: { isolation: "reference" }, app: counting }, async ({ ask, calls }) => {
        const first = await ask("/prompts");
        assert.equal((await ask("/prompts")).text, first.text);
        assert.equal(calls.length, 1);
      }));

    it("leaves requests alone once the cache is disposed of", () =>
      withApp({ app: counting }, async ({ ask, cache, calls }) => {
        await ask("/prompts");
        cache.dispose();
        for (const init of [{}, {}, { method: "POST", json: {} }]) assert.equal((await ask("/prompts", init)).status, 200);
        assert.equal(calls.length, 4);
      }));

    it("hands a failure to all who wait, and keeps none of it", () => {
      const { opened, open } = gate();
      return withApp({ app: async () => (await opened, { status: 500, headers: JSON_TYPE, body: '{"error":"down"}' }) }, async ({ ask, calls }) => {
        const all = Array.from({ length: 5 }, () => ask("/prompts"));
        setTimeout(open, 60);
        for (const { status, text } of await Promise.all(all)) assert.deepEqual([status, text], [500, '{"error":"down"}']);
        assert.equal(calls.length, 1);
        await ask("/prompts");
        assert.equal(calls.length, 2);
      });
    });

    it("leaves a handler that throws to its framework", () =>
      withApp({ app: () => { throw new Error("broken"); } }, async ({ ask, cache }) => {
        const found = await ask("/prompts");
        assert.equal(found.status, 500, `${found.text} ${found.note}`);
        assert.equal(cache.size, 0);
      }));

    it("goes on for the others when the first caller hangs up", () => {
      const { opened, open } = gate();
      return withApp({ app: async (asked) => (await opened, counting(asked)) }, async ({ ask, url, calls }) => {
        const first = httpRequest(`${url}/prompts`).on("error", () => {});
        first.end();
        await new Promise((resolve) => setTimeout(resolve, 40));
        const second = ask("/prompts");
        await new Promise((resolve) => setTimeout(resolve, 40));
        first.destroy();
        setTimeout(open, 40);
        assert.equal((await second).status, 200);
        assert.equal(calls.length, 1);
      });
    });

    it("answers a batch item by item", () => {
      const asked = /** @type {string[]} */ ([]);
      const batch = {
        path: "/batch",
        handler: (/** @type {any} */ params, /** @type {any} */ context) => {
          asked.push(context.endpoint);
          if (params.bad) throw new Error("secret");
          return { endpoint: context.endpoint, ...params };
        },
      };
      return withApp({ options: { batch }, app: counting }, async ({ ask }) => {
        const send = async (/** @type {any} */ items) => JSON.parse((await ask("/batch", { method: "POST", json: items })).text);
        const items = [{ endpoint: "a.list", params: { page: 1 } }, { endpoint: "b.get", params: { id: 7 } }, { endpoint: "b.get", params: { bad: true } }, { endpoint: 5 }];
        const first = await send(items);
        assert.deepEqual(first.map((/** @type {any} */ { status }) => status), ["success", "success", "error", "error"]);
        assert.deepEqual(first[1].data, { endpoint: "b.get", id: 7 });
        assert.doesNotMatch(JSON.stringify(first), /secret/);
        const second = await send(items.slice(0, 2));
        assert.deepEqual(second.map((/** @type {any} */ { metadata }) => metadata.cache), ["hit", "hit"]);
        const third = await send([items[0], { endpoint: "a.update", params: {} }, items[0], items[1]]);
        assert.deepEqual(third.map((/** @type {any} */ { metadata }) => metadata.cache), ["hit", "mutation", "miss", "hit"]);
        assert.equal(asked.length, 5);
        assert.equal((await ask("/batch", { method: "POST", json: { no: "array" } })).status, 400);
      });
    });
  });
}
