/** Incidents of other caches, tried on every adapter over real HTTP with concurrent clients. */
import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { describe, it } from "node:test";
import { CacheService } from "endpoint-cache";
import { FRAMEWORKS } from "./frameworks.mjs";
import { ROWS } from "./rows.mjs";

const JSON_TYPE = { "content-type": "application/json" };
const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A request whose path goes out as it is, which `fetch` would tidy up. @returns {Promise<{ status: number, text: string, note: string }>} */
function raw(/** @type {string} */ url, /** @type {string} */ path, /** @type {any} */ options = {}) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const request = httpRequest({ hostname, port, path, ...options }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text, note: String(response.headers["cache-status"]) }));
    });
    request.on("error", reject).end();
  });
}

for (const [name, mount] of Object.entries(FRAMEWORKS)) {
  /** @param {any} options @param {any} app @param {(tools: { ask: any, cache: any, calls: any[], url: string }) => Promise<void>} test */
  const withApp = async (options, app, test) => {
    const cache = new CacheService();
    const calls = /** @type {any[]} */ ([]);
    const server = await mount(cache, { identity: "anonymous", ...options }, (asked) => (calls.push(asked), app(asked)));
    const ask = async (/** @type {string} */ path, /** @type {any} */ init) => {
      const response = await fetch(server.url + path, init);
      return { status: response.status, headers: response.headers, text: await response.text(), note: String(response.headers.get("cache-status")) };
    };
    try {
      await test({ ask, cache, calls, url: server.url });
    } finally {
      await server.close();
    }
  };
  let version = 0;
  const counting = () => ({ headers: JSON_TYPE, body: String((version += 1)) });
  const owned = (/** @type {any} */ { headers }) => ({ headers: JSON_TYPE, body: JSON.stringify({ owner: headers["x-user"] ?? headers.authorization ?? null }) });
  // Node's requests carry plain headers, those of the web an object with `get`.
  const headerOf = (/** @type {any} */ subject, /** @type {string} */ header) =>
    subject.req?.header?.(header) ?? subject.req?.headers?.get?.(header) ?? subject.headers?.get?.(header) ?? subject.headers?.[header];
  const byUser = { identity: (/** @type {any} */ subject) => headerOf(subject, "x-user") ?? null };

  describe(`sec, ${name}`, () => {
    it("sec/A05_cacheability: no header of a request makes an answer cacheable or turns the cache off", () =>
      withApp({}, counting, async ({ ask, calls }) => {
        const odd = [{ "cache-control": "max-age=600" }, { "x-middleware-prefetch": "1" }, { pragma: "no-cache" }, { "cache-control": "no-store" }, { "x-http-method-override": "GET" }];
        for (const headers of odd) await ask("/prompts/42/unknown.thing", { headers });
        assert.equal(calls.length, odd.length);
        await ask("/prompts");
        for (const headers of odd) assert.match((await ask("/prompts", { headers })).note, /hit/);
      }));

    it("sec/A06_errors: errors, 204, empty, partial and cut answers are never stored", () =>
      withApp(
        {},
        ({ query }) => {
          const status = Number(query.get("status") ?? 200);
          return { status, headers: status === 206 ? { "content-range": "bytes 0-1/4" } : {}, body: status === 204 || query.has("empty") ? undefined : "x" };
        },
        async ({ ask, cache }) => {
          for (const search of ["status=500", "status=404", "status=204", "status=206", "status=401", "status=302", "empty=1"]) {
            const found = await ask(`/prompts?${search}`, { redirect: "manual" });
            assert.match(found.note, /fwd=miss; detail/, search);
          }
          assert.equal(cache.size, 0);
        },
      ));

    it("sec/A07_unkeyed: what is not part of the key does not reach an answer that others get", () =>
      withApp({ vary: ["accept-language"] }, ({ headers }) => ({ headers: { ...JSON_TYPE, vary: "accept-language" }, body: JSON.stringify({ language: headers["accept-language"], auth: headers.authorization, cookie: headers.cookie }) }), async ({ ask, calls }) => {
        const language = (/** @type {string} */ value) => ({ headers: { "accept-language": value } });
        const [de, fr] = [await ask("/prompts", language("de")), await ask("/prompts", language("fr"))];
        assert.deepEqual([de.text, fr.text], ['{"language":"de"}', '{"language":"fr"}']);
        assert.equal((await ask("/prompts", language("de"))).text, de.text);
        for (const headers of [{ authorization: "Bearer x" }, { cookie: "session=1" }]) {
          const own = await ask("/prompts", { headers: { "accept-language": "de", ...headers } });
          assert.match(own.note, /fwd=bypass; detail=credentials/);
          assert.notEqual(own.text, de.text);
        }
        assert.equal((await ask("/prompts", language("de"))).text, de.text);
        assert.equal(calls.length, 4);
      }));

    it("sec/A07_unkeyed: a handler whose answer is everybody's sees no cookie, whatever comes with the request", () =>
      withApp({ identity: () => null }, ({ headers }) => ({ headers: JSON_TYPE, body: JSON.stringify({ cookie: headers.cookie ?? null }) }), async ({ ask, calls }) => {
        for (const cookie of ["a=1", "a=2"]) assert.equal((await ask("/prompts", { headers: { cookie } })).text, '{"cookie":null}');
        assert.equal(calls.length, 1);
        assert.equal((await ask("/other/path/thing/", { headers: { cookie: "a=3" } })).text, '{"cookie":"a=3"}');
      }));

    it("sec/A09_private: the table of headers over HTTP", () => {
      const rows = ROWS.filter(([, status]) => status >= 200 && status !== 304);
      return withApp({ vary: ["accept-language"] }, ({ query }) => {
        const [, status, headers] = /** @type {any} */ (rows[Number(query.get("row"))]);
        const { "content-encoding": _, trailer: __, ...sent } = headers;
        return { status, headers: { "content-type": "text/plain", ...sent }, body: status === 204 ? undefined : `row ${query.get("row")}` };
      }, async ({ ask }) => {
        for (const [row, [kept, status, headers]] of rows.entries()) {
          if ("content-encoding" in headers || "trailer" in headers || (headers.expires !== undefined && kept)) continue;
          await ask(`/prompts?row=${row}`, { redirect: "manual" });
          const { note } = await ask(`/prompts?row=${row}`, { redirect: "manual" });
          assert.equal(/; hit/.test(note), kept, `${status} ${JSON.stringify(headers)}: ${note}`);
        }
      });
    });

    it("sec/A10_set_cookie: a cookie goes to the one it is for, also among those who wait", () => {
      let visitors = 0;
      return withApp({}, async () => {
        const visitor = (visitors += 1);
        await pause(30);
        return { headers: { ...JSON_TYPE, "set-cookie": [`id=${visitor}`, "b=2"] }, body: String(visitor) };
      }, async ({ ask, cache }) => {
        const all = await Promise.all(Array.from({ length: 8 }, () => ask("/prompts")));
        const cookies = all.map(({ headers }) => headers.get("set-cookie"));
        assert.equal(new Set(cookies).size, 8);
        for (const [at, { text }] of all.entries()) assert.equal(cookies[at], `id=${text}, b=2`);
        assert.equal(cache.size, 0);
      });
    });

    it("sec/A10_set_cookie: a hit carries none", () => {
      let first = true;
      return withApp({}, () => ({ headers: first ? ((first = false), { ...JSON_TYPE }) : { "set-cookie": "id=2" }, body: "1" }), async ({ ask }) => {
        await ask("/prompts");
        assert.equal((await ask("/prompts")).headers.get("set-cookie"), null);
      });
    });

    it("sec/A11_batch: items of a batch do not lend each other their policy, and every leaf of params counts", () => {
      const batch = { path: "/batch", handler: (/** @type {any} */ params, /** @type {any} */ { endpoint }) => ({ endpoint, params }) };
      return withApp({ batch }, counting, async ({ ask }) => {
        const send = async (/** @type {any} */ items) => JSON.parse((await ask("/batch", { method: "POST", headers: JSON_TYPE, body: JSON.stringify(items) })).text);
        const params = [{ id: 10 }, { id: 12 }, { id: "10" }, { id: [10] }, { id: null }, { id: { id: 10 } }, {}, { Id: 10 }];
        const items = params.map((params) => ({ endpoint: "users.get", params }));
        for (let turn = 0; turn < 2; turn += 1) {
          const answers = await send([...items, { endpoint: "users.delete", params: { id: 10 } }]);
          assert.deepEqual(answers.slice(0, -1).map((/** @type {any} */ { data }) => data.params), params);
          assert.deepEqual(answers.map((/** @type {any} */ { metadata }) => metadata.cache), [...params.map(() => "miss"), "mutation"]);
        }
      });
    });

    it("sec/A11_params: requests that differ in one leaf never share", () =>
      withApp({ paths: "rpc" }, ({ url, body }) => ({ headers: JSON_TYPE, body: JSON.stringify({ search: new URL(url).search, body }) }), async ({ ask, calls }) => {
        const searches = ["", "?a=1", "?a=2", "?a=1&a=2", "?a=2&a=1", "?a=1,2", "?a[]=1", "?A=1", "?a=", "?a=1&b=1", "?__proto__=1", "?constructor=1", "?a=%20", "?a=%00"];
        for (let turn = 0; turn < 2; turn += 1) {
          for (const search of searches) assert.equal(JSON.parse((await ask(`/api/users.get${search}`)).text).search, search);
        }
        assert.equal(calls.length, searches.length);
        const bodies = ["{}", '{"a":1}', '{"a":"1"}', '{"a":[1]}', '{"a":null}', '{"a":{"b":1}}', '{"a":{"b":2}}', '{"@http":{"at":"x"}}'];
        for (let turn = 0; turn < 2; turn += 1) {
          for (const body of bodies) assert.equal(JSON.stringify(JSON.parse((await ask("/api/users.get", { method: "POST", headers: JSON_TYPE, body })).text).body), body);
        }
        assert.equal(calls.length, searches.length + bodies.length + 1);
      }));

    it("sec/A12_hosts: answers of one host are not another's", () =>
      withApp({}, ({ url }) => ({ headers: JSON_TYPE, body: new URL(url).host }), async ({ url }) => {
        for (let turn = 0; turn < 2; turn += 1) {
          for (const host of ["acme.example", "other.example"]) assert.equal((await raw(url, "/prompts", { headers: { host } })).text, host);
        }
      }));

    it("sec/A12_users: 50 users, 1,000 concurrent requests, no foreign answer", () =>
      withApp(byUser, async (asked) => (await pause(1), owned(asked)), async ({ ask, calls }) => {
        await Promise.all(Array.from({ length: 1000 }, async (_, at) => {
          const user = `u${at % 50}`;
          const { text } = await ask("/me", { headers: { "x-user": user } });
          assert.equal(JSON.parse(text).owner, user);
        }));
        assert.equal(calls.length, 50);
      }));

    it("sec/A12_identity: an identity that failed to resolve is not nobody's", () => {
      const ids = { empty: "", nan: NaN, object: {}, undefined: undefined };
      const identity = (/** @type {any} */ subject) => {
        const kind = headerOf(subject, "x-kind");
        if (kind === "throws") throw new Error("no session store");
        return /** @type {any} */ (ids)[kind];
      };
      return withApp({ identity }, owned, async ({ ask, cache }) => {
        for (const kind of ["empty", "nan", "object", "undefined", "throws"]) {
          const headers = { "x-kind": kind, authorization: `Bearer ${kind}` };
          for (let turn = 0; turn < 2; turn += 1) assert.equal(JSON.parse((await ask("/me", { headers })).text).owner, `Bearer ${kind}`);
        }
        assert.equal(cache.size, 0);
        await assert.rejects(async () => mount(new CacheService(), { identity: undefined }, counting), /identity must be/);
      });
    });

    it("sec/A13_authorize: the cache is neither read nor touched before the caller is let in", () => {
      let revoked = false;
      const authorize = (/** @type {any} */ subject) => !(revoked || headerOf(subject, "x-user") === undefined);
      return withApp({ ...byUser, authorize }, counting, async ({ ask, cache, calls }) => {
        const headers = { "x-user": "u1" };
        await ask("/prompts", { headers });
        assert.match((await ask("/prompts", { headers })).note, /hit/);
        assert.equal((await ask("/prompts", { method: "POST" })).status, 403);
        assert.equal(cache.size, 1);
        revoked = true;
        for (const path of ["/prompts", "/prompts/", "/PROMPTS", "/"]) assert.equal((await ask(path, { headers })).status, 403, path);
        assert.equal(calls.length, 1);
      });
    });

    it("sec/A20_deception: a path in any but its plain spelling is not cached", () =>
      withApp({ paths: "rpc" }, counting, async ({ url, cache }) => {
        const paths = ["/api/users.me.get/x.list", "/api/a.get%2elist", "/api/A.GET", "/api/a.get.", "/api/a.get/", "/api/a.get%20", "/api/a.get%0a", "/api/a..get", "/api//a.get", "/api/x/../a.get%2F", "/api/a.get;x", "/api/a%2eget", "/API/a.get.css"];
        for (const path of paths) {
          const [one, two] = [await raw(url, path), await raw(url, path)];
          assert.doesNotMatch(`${one.note} ${two.note}`, /; hit|; stored/, path);
        }
        assert.equal(cache.size, 0);
      }));

    it("sec/A20_deception: a mutation in any spelling invalidates", () =>
      withApp({ paths: "rpc" }, counting, async ({ url, ask }) => {
        for (const path of ["/api/a.create", "/api/a.create/", "/api/a.CREATE", "/api/a%2ecreate", "/api//a.create", "/api/a.create."]) {
          await ask("/api/a.list");
          await raw(url, path, { method: "POST" });
          assert.doesNotMatch((await ask("/api/a.list")).note, /hit/, path);
        }
      }));
  });
}
