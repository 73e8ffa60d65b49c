/** Answers that must not reach others, and reads that must not outlive a change: each test is named for what was wrong. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { connect, createServer as createServer2 } from "node:http2";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import fastifyCookie from "@fastify/cookie";
import fastifySession from "@fastify/session";
import compression from "compression";
import cookieParser from "cookie-parser";
import express from "express";
import session from "express-session";
import fastify from "fastify";
import { getRequestHost, H3, setCookie, toNodeHandler } from "h3";
import { Hono } from "hono";
import { getCookie, setCookie as setHonoCookie } from "hono/cookie";
import { CacheService } from "endpoint-cache";
import { cached as cachedExpress } from "endpoint-cache/express";
import { cached as cachedFastify } from "endpoint-cache/fastify";
import { cached as cachedFetch } from "endpoint-cache/fetch";
import { cached as cachedH3 } from "endpoint-cache/h3";
import { cached as cachedHono } from "endpoint-cache/hono";
import { FRAMEWORKS } from "./frameworks.mjs";

const JSON_TYPE = { "content-type": "application/json" };
const ANYBODY = { identity: /** @type {const} */ ("anonymous") };
const NOBODY = { identity: () => null };
const quiet = () => new CacheService({ logger: { debug() {}, info() {}, warn() {}, error() {} } });
const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
const gate = () => {
  let open = () => {};
  const opened = new Promise((resolve) => (open = () => resolve(undefined)));
  return { opened, open: () => open() };
};
/** @param {any} value */
const json = (value) => ({ headers: JSON_TYPE, body: JSON.stringify(value) });

/** One request of its own connection; a body goes with any method. @returns {Promise<{ status: number, headers: any, text: string, note: string, cookie: string }>} */
function ask(/** @type {string} */ url, /** @type {{ method?: string, headers?: any, body?: string }} */ { method = "GET", headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const length = body === undefined || "transfer-encoding" in headers ? {} : { "content-length": Buffer.byteLength(body) };
    const request = httpRequest(url, { method, headers: { ...length, ...headers }, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      response.on("end", () => {
        const cookie = [response.headers["set-cookie"] ?? []].flat().map((one) => String(one).split(";")[0]).join("; ");
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, note: String(response.headers["cache-status"]), cookie });
      });
    });
    request.on("error", reject).end(body);
  });
}

/** A request whose client goes away once the handler is at work. @param {string} url @param {string} method @param {Promise<unknown>} started */
async function leave(url, method, started) {
  const request = httpRequest(url, { method, agent: false }).on("error", () => {});
  request.end();
  await started;
  request.destroy();
  await pause(30);
}

/** @param {any} listener @param {(url: string) => Promise<void>} test */
async function served(listener, test) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await test(`http://127.0.0.1:${/** @type {any} */ (server.address()).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** @param {(app: import("express").Express) => void} build @param {(url: string) => Promise<void>} test */
function onExpress(build, test) {
  const app = express();
  app.set("env", "test");
  build(app);
  return served(app, test);
}

/** @param {(app: any) => Promise<unknown>} build @param {(url: string) => Promise<void>} test @param {any} [options] */
async function onFastify(build, test, options = {}) {
  const app = fastify(options);
  await build(app);
  await app.listen({ port: 0, host: "127.0.0.1" });
  try {
    await test(`http://127.0.0.1:${/** @type {any} */ (app.server.address()).port}`);
  } finally {
    app.server.closeAllConnections?.();
    await app.close();
  }
}

/** One request over HTTP/2. @param {string} url @param {Record<string, string>} headers */
async function ask2(url, headers) {
  const client = connect(url);
  try {
    const stream = client.request(headers);
    const [head] = await once(stream, "response");
    let text = "";
    for await (const chunk of stream) text += chunk;
    return { status: head[":status"], text, note: String(head["cache-status"]) };
  } finally {
    client.close();
  }
}

describe("A1: a change whose client has gone ends when its handler does", () => {
  for (const [name, mount] of Object.entries(FRAMEWORKS)) {
    it(name, async () => {
      let value = 0;
      const [started, work] = [gate(), gate()];
      const app = async (/** @type {any} */ { method }) => {
        if (method === "GET") return json({ value });
        started.open();
        await work.opened;
        value = 1;
        return json({ value });
      };
      const server = await mount(new CacheService(), ANYBODY, app);
      try {
        await leave(`${server.url}/items`, "POST", started.opened);
        assert.equal((await ask(`${server.url}/items`)).text, '{"value":0}');
        work.open();
        await pause(30);
        assert.equal((await ask(`${server.url}/items`)).text, '{"value":1}');
        assert.equal((await ask(`${server.url}/items`)).text, '{"value":1}');
      } finally {
        await server.close();
      }
    });
  }

  it("fastify, a handler that streams", () => {
    let value = 0;
    const [started, work] = [gate(), gate()];
    const change = async function* () {
      yield "one ";
      started.open();
      await work.opened;
      value = 1;
      yield "two";
    };
    return onFastify(async (app) => {
      await app.register(cachedFastify, { cache: new CacheService(), ...ANYBODY });
      app.get("/items", async () => ({ value }));
      app.post("/items", async (/** @type {any} */ _request, /** @type {any} */ reply) => reply.type("text/plain").send(Readable.from(change())));
    }, async (url) => {
      await leave(`${url}/items`, "POST", started.opened);
      await ask(`${url}/items`);
      work.open();
      await pause(30);
      assert.equal((await ask(`${url}/items`)).text, '{"value":1}');
    });
  });

  it("fastify, a handler that answers past the framework; and nobody hears of its end before the cache does", () => {
    let value = 0;
    const [started, work] = [gate(), gate()];
    return onFastify(async (app) => {
      await app.register(cachedFastify, { cache: new CacheService(), ...ANYBODY });
      app.get("/items", async () => ({ value }));
      app.post("/items", async (/** @type {any} */ _request, /** @type {any} */ reply) => {
        reply.hijack();
        started.open();
        await work.opened;
        value += 1;
        reply.raw.end("done");
      });
    }, async (url) => {
      await leave(`${url}/items`, "POST", started.opened);
      await ask(`${url}/items`);
      work.open();
      await pause(30);
      assert.equal((await ask(`${url}/items`)).text, '{"value":1}');
      assert.match((await ask(`${url}/items`)).note, /hit/);
      assert.equal((await ask(`${url}/items`, { method: "POST" })).text, "done");
      assert.equal((await ask(`${url}/items`)).text, '{"value":2}');
    });
  });
});

describe("A3: requests over HTTP/2", () => {
  it("fastify answers them past the cache, each host its own, and hears their changes", async () => {
    const cache = quiet();
    const build = (/** @type {any} */ app) => {
      app.get("/items", async (/** @type {any} */ request) => ({ host: request.host }));
      app.post("/items", async () => "made");
    };
    const app = fastify({ http2: true });
    await app.register(cachedFastify, { cache, ...ANYBODY });
    build(app);
    await app.listen({ port: 0, host: "127.0.0.1" });
    const url2 = `http://127.0.0.1:${/** @type {any} */ (app.server.address()).port}`;
    try {
      await onFastify(async (other) => (await other.register(cachedFastify, { cache, ...ANYBODY }), build(other)), async (url) => {
        for (const authority of ["a.example", "b.example"]) {
          const found = await ask2(url2, { ":path": "/items", ":authority": authority });
          assert.deepEqual([found.status, found.text], [200, `{"host":"${authority}"}`]);
          assert.match(found.note, /fwd=bypass; detail=http2/);
        }
        await ask(`${url}/items`);
        assert.match((await ask(`${url}/items`)).note, /hit/);
        assert.equal((await ask2(url2, { ":path": "/items", ":method": "POST" })).status, 200);
        assert.match((await ask(`${url}/items`)).note, /fwd=miss/);
      });
    } finally {
      await app.close();
    }
  });

  it("express' middleware in front of Node's own HTTP/2 answers them past the cache and hears their changes", async () => {
    const cache = quiet();
    const middleware = cachedExpress(cache, ANYBODY);
    let calls = 0;
    const listener = (/** @type {any} */ req, /** @type {any} */ res) => middleware(req, res, (error) => res.end(error === undefined ? String((calls += 1)) : String(error)));
    const server = createServer2(listener).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url2 = `http://127.0.0.1:${/** @type {any} */ (server.address()).port}`;
    try {
      await served(listener, async (url) => {
        for (const text of ["1", "2"]) {
          const found = await ask2(url2, { ":path": "/items", ":authority": "a.example" });
          assert.deepEqual([found.status, found.text], [200, text]);
        }
        await ask(`${url}/items`);
        assert.match((await ask(`${url}/items`)).note, /hit/);
        assert.equal((await ask2(url2, { ":path": "/items", ":method": "POST", ":authority": "a.example" })).text, "4");
        assert.match((await ask(`${url}/items`)).note, /fwd=miss/);
      });
    } finally {
      server.close();
    }
  });
});

describe("A4: what is said when the head is written", () => {
  const sessions = () => session({ secret: "x", resave: false, saveUninitialized: false });
  /** A middleware that adds to the head when it is written. @param {(res: any, req: any) => void} add @returns {import("express").RequestHandler} */
  const atHead = (add) => (req, res, next) => {
    const { writeHead } = res;
    res.writeHead = /** @type {any} */ ((/** @type {number} */ status, /** @type {any[]} */ ...rest) => {
      res.statusCode = status;
      add(res, req);
      return /** @type {any} */ (writeHead).call(res, res.statusCode, ...rest);
    });
    next();
  };
  /** @type {Record<string, (res: any) => void>} */
  const LATE = {
    "a cookie": (res) => res.setHeader("set-cookie", "id=1"),
    "private": (res) => res.setHeader("cache-control", "private, max-age=60"),
    "no-store": (res) => res.setHeader("cache-control", "no-store"),
    "a status": (res) => (res.statusCode = 404),
  };
  let made = 0;
  const csrf = (/** @type {any} */ req, /** @type {any} */ res) => res.json((req.session.csrf ??= `token ${(made += 1)}`));

  for (const [where, order] of Object.entries({ "in front of": [sessions, cachedExpress], behind: [cachedExpress, sessions] })) {
    it(`express-session ${where} the cache: what starts a session is for its visitor, also among those who wait`, () => {
      const [started, work] = [gate(), gate()];
      const cache = quiet();
      return onExpress((app) => {
        for (const make of order) app.use(make === cachedExpress ? cachedExpress(cache, NOBODY) : sessions());
        app.get("/forms", async (req, res) => (started.open(), await work.opened, csrf(req, res)));
      }, async (url) => {
        const all = [ask(`${url}/forms`)];
        await started.opened;
        for (let more = 0; more < 3; more += 1) all.push(ask(`${url}/forms`));
        await pause(30);
        work.open();
        const found = [...(await Promise.all(all)), await ask(`${url}/forms`)];
        assert.equal(new Set(found.map(({ text }) => text)).size, found.length);
        for (const { cookie } of found) assert.match(cookie, /^connect\.sid=/);
        assert.equal(cache.size, 0);
      });
    });
  }

  for (const [title, add] of Object.entries(LATE)) {
    for (const where of ["in front of", "behind"]) {
      it(`express, ${title} said by a middleware ${where} the cache`, () => {
        let calls = 0;
        const [started, work] = [gate(), gate()];
        const cache = quiet();
        return onExpress((app) => {
          if (where === "in front of") app.use(atHead(add));
          app.use(cachedExpress(cache, ANYBODY));
          if (where === "behind") app.use(atHead(add));
          app.get("/forms", async (_req, res) => {
            const mine = (calls += 1);
            started.open();
            await work.opened;
            res.json(mine);
          });
        }, async (url) => {
          const all = [ask(`${url}/forms`)];
          await started.opened;
          all.push(ask(`${url}/forms`));
          await pause(30);
          work.open();
          const texts = [...(await Promise.all(all)), await ask(`${url}/forms`)].map(({ text, note }) => (assert.doesNotMatch(note, /stored|hit/), text));
          assert.deepEqual(texts.sort(), ["1", "2", "3"]);
          assert.equal(cache.size, 0);
        });
      });
    }
  }

  it("express, a head that a middleware in front makes live shorter", () => {
    const clock = { time: 0, now: () => clock.time };
    return onExpress((app) => {
      app.use(atHead((res) => res.setHeader("cache-control", "max-age=5")));
      app.use(cachedExpress(new CacheService({ clock }), ANYBODY));
      app.get("/forms", (_req, res) => void res.json({}));
    }, async (url) => {
      await ask(`${url}/forms`);
      clock.time = 4_000;
      assert.match((await ask(`${url}/forms`)).note, /hit/);
      clock.time = 6_000;
      assert.match((await ask(`${url}/forms`)).note, /fwd=miss/);
    });
  });

  it("express, a failure with a cookie of its own is not told to those who wait", () => {
    let calls = 0;
    const [started, work] = [gate(), gate()];
    return onExpress((app) => {
      app.use(atHead((res) => res.setHeader("set-cookie", "id=1")), cachedExpress(quiet(), ANYBODY));
      app.get("/forms", async (_req, res) => {
        const mine = (calls += 1);
        started.open();
        await work.opened;
        res.status(500).json(mine);
      });
    }, async (url) => {
      const first = ask(`${url}/forms`);
      await started.opened;
      const second = ask(`${url}/forms`);
      await pause(30);
      work.open();
      assert.deepEqual([(await first).text, (await second).text], ["1", "2"]);
    });
  });

  it("express: the rolling cookie of a session says nothing against an answer kept for its user", () =>
    onExpress((app) => {
      app.use(session({ secret: "x", resave: false, saveUninitialized: false, rolling: true }));
      app.get("/login", (req, res) => (/** @type {any} */ (req.session).user = "alice", res.end("in")));
      app.use(cachedExpress(quiet(), { identity: (/** @type {any} */ req) => req.session.user ?? null }));
      app.get("/carts", (/** @type {any} */ req, res) => void res.json({ owner: req.session.user ?? null }));
    }, async (url) => {
      const { cookie } = await ask(`${url}/login`);
      for (const note of [/fwd=miss/, /hit/]) {
        const found = await ask(`${url}/carts`, { headers: { cookie } });
        assert.equal(found.text, '{"owner":"alice"}');
        assert.match(found.note, note);
        assert.match(found.cookie, /^connect\.sid=/);
      }
      assert.equal((await ask(`${url}/carts`)).text, '{"owner":null}');
    }));

  for (const [where, order] of Object.entries({ "in front of": [compression, cachedExpress], behind: [cachedExpress, compression] })) {
    it(`express: compression ${where} the cache, with a session, switches nothing off`, () => {
      const text = JSON.stringify("x".repeat(3_000));
      return onExpress((app) => {
        app.use(sessions());
        for (const make of order) app.use(make === compression ? compression() : cachedExpress(new CacheService(), { ...NOBODY, vary: ["accept-encoding"] }));
        app.get("/forms", (_req, res) => void res.type("json").send(text));
      }, async (url) => {
        const fetched = [];
        for (let turn = 0; turn < 3; turn += 1) fetched.push(await fetch(`${url}/forms`, { headers: { "accept-encoding": "gzip" } }));
        for (const response of fetched) assert.equal(await response.text(), text);
        for (const response of fetched) assert.equal(response.headers.get("content-encoding"), "gzip");
        assert.match(String(fetched[2]?.headers.get("cache-status")), /hit/);
        const etag = String(fetched[2]?.headers.get("etag"));
        assert.equal((await ask(`${url}/forms`, { headers: { "accept-encoding": "gzip", "if-none-match": etag } })).status, 304);
        assert.equal((await ask(`${url}/forms/1`, { headers: { "if-none-match": "*" } })).status, 404);
        assert.equal((await fetch(`${url}/forms`, { method: "HEAD" })).status, 200);
      });
    });
  }

  it("express: 304 to a handler's own answer, under a middleware that waits for the head", () =>
    onExpress((app) => {
      app.use(atHead((res) => res.setHeader("x-late", "1")), cachedExpress(new CacheService(), ANYBODY));
      app.get("/forms", (_req, res) => void res.json({ fixed: true }));
    }, async (url) => {
      const first = await ask(`${url}/forms`, { headers: { "if-none-match": "*" } });
      assert.deepEqual([first.status, first.text, first.headers["content-type"], first.headers["x-late"]], [304, "", undefined, "1"]);
      const second = await ask(`${url}/forms`);
      assert.deepEqual([second.status, second.text], [200, '{"fixed":true}']);
      assert.match(second.note, /hit/);
    }));

  it("express: both of two cookies in a list that is handed to writeHead go out", () =>
    onExpress((app) => {
      app.use(cachedExpress(quiet(), ANYBODY));
      app.use((_req, res) => void res.writeHead(200, ["set-cookie", "a=1", "set-cookie", "b=2"]).end("x"));
    }, async (url) => assert.equal((await ask(`${url}/forms`)).cookie, "a=1; b=2")));

  for (const [title, register] of /** @type {[string, (app: any, caching: () => any) => Promise<void>][]} */ ([
    ["before", async (app, caching) => (await app.register(fastifyCookie), caching())],
    ["after", async (app, caching) => (await caching(), app.register(fastifyCookie))],
  ])) {
    it(`fastify: cookies of a plugin registered ${title} the cache`, () => {
      let calls = 0;
      const [started, work] = [gate(), gate()];
      const cache = quiet();
      return onFastify(async (app) => {
        await register(app, () => app.register(cachedFastify, { cache, ...ANYBODY }));
        app.get("/forms", async (/** @type {any} */ _request, /** @type {any} */ reply) => {
          const mine = (calls += 1);
          started.open();
          await work.opened;
          reply.setCookie("id", String(mine));
          return { mine };
        });
      }, async (url) => {
        const all = [ask(`${url}/forms`)];
        await started.opened;
        all.push(ask(`${url}/forms`));
        await pause(30);
        work.open();
        const found = [...(await Promise.all(all)), await ask(`${url}/forms`)];
        for (const { text, cookie } of found) assert.equal(cookie, `id=${JSON.parse(text).mine}`);
        assert.equal(new Set(found.map(({ cookie }) => cookie)).size, 3);
        assert.equal(cache.size, 0);
      });
    });
  }

  for (const [title, say] of /** @type {[string, (reply: any) => void][]} */ ([
    ["private", (reply) => reply.header("cache-control", "private")],
    ["no-store", (reply) => reply.header("cache-control", "no-store")],
    ["a status", (reply) => reply.code(404)],
    ["an error", () => assert.fail("from a hook")],
  ])) {
    it(`fastify, ${title} said by a later onSend hook`, () => {
      let calls = 0;
      const cache = quiet();
      return onFastify(async (app) => {
        await app.register(cachedFastify, { cache, ...ANYBODY });
        let broken = true;
        app.addHook("onSend", async (/** @type {any} */ _request, /** @type {any} */ reply) => {
          if (title !== "an error") say(reply);
          else if (broken) (broken = false), say(reply);
        });
        app.get("/forms", async () => ({ calls: (calls += 1) }));
      }, async (url) => {
        await ask(`${url}/forms`);
        assert.equal(cache.size, 0);
        await ask(`${url}/forms`);
        assert.equal(calls, 2);
      });
    });
  }

  it("fastify: a later hook that says nothing of the kind, and one that makes a stream of it, switch nothing off", () =>
    onFastify(async (app) => {
      await app.register(cachedFastify, { cache: new CacheService(), ...ANYBODY });
      app.addHook("onSend", async (/** @type {any} */ _request, /** @type {any} */ reply, /** @type {any} */ payload) => {
        reply.header("x-late", "1");
        return payload === null ? payload : Readable.from([String(payload)]);
      });
      app.get("/forms", async () => ({ fixed: true }));
    }, async (url) => {
      const first = await ask(`${url}/forms`);
      assert.deepEqual([first.text, first.headers["x-late"]], ['{"fixed":true}', "1"]);
      const second = await ask(`${url}/forms`);
      assert.deepEqual([second.text, second.headers["x-late"]], ['{"fixed":true}', "1"]);
      assert.match(second.note, /hit/);
      assert.equal((await ask(`${url}/forms`, { headers: { "if-none-match": first.headers.etag } })).status, 304);
    }));

  it("fastify: @fastify/session, what starts a session is for its visitor, and what does not is everybody's", () =>
    onFastify(async (app) => {
      await app.register(fastifyCookie);
      await app.register(fastifySession, { secret: "x".repeat(32), cookie: { secure: false }, saveUninitialized: false });
      await app.register(cachedFastify, { cache: quiet(), ...NOBODY });
      app.get("/forms", async (/** @type {any} */ request) => (request.session.csrf ??= `token ${(made += 1)}`));
      app.get("/items", async () => ({ made: (made += 1) }));
    }, async (url) => {
      const [a, b] = [await ask(`${url}/forms`), await ask(`${url}/forms`)];
      assert.notEqual(a.text, b.text);
      assert.match(a.note, /detail=(unkeyed|set-cookie)/);
      const [c, d] = [await ask(`${url}/items`), await ask(`${url}/items`)];
      assert.equal(c.text, d.text);
    }));

  it("hono and h3: cookies set by the framework's own function are seen, before the cache and behind it", async () => {
    for (const before of [true, false]) {
      const cache = quiet();
      let count = 0;
      const hono = new Hono();
      if (before) hono.use(async (c, next) => (setHonoCookie(c, "id", String((count += 1))), next()));
      hono.use(cachedHono(cache, ANYBODY));
      hono.get("/forms", (c) => {
        if (!before) setHonoCookie(c, "id", String((count += 1)));
        return c.text(String(count));
      });
      const h3 = new H3();
      if (before) h3.use((event) => setCookie(event, "id", String((count += 1))));
      h3.use(cachedH3(cache, ANYBODY));
      h3.get("/forms", (event) => {
        if (!before) setCookie(event, "id", String((count += 1)));
        return String(count);
      });
      for (const app of [hono, h3]) {
        for (let turn = 0; turn < 2; turn += 1) {
          const response = await app.request("http://x.example/forms");
          assert.deepEqual(response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]), [`id=${await response.text()}`]);
        }
      }
      assert.equal(cache.size, 0);
      assert.equal(count, 4);
    }
  });
});

describe("A5: a body with GET or HEAD", () => {
  for (const [name, mount] of Object.entries(FRAMEWORKS)) {
    it(`${name}: its answer is not the plain request's`, async () => {
      const calls = /** @type {any[]} */ ([]);
      const cache = new CacheService();
      const server = await mount(cache, ANYBODY, (asked) => (calls.push(asked), json({ body: asked.body?.f ?? null })));
      try {
        for (const [method, headers] of /** @type {[string, any][]} */ ([["GET", {}], ["HEAD", {}], ["GET", { "transfer-encoding": "chunked", "content-length": undefined }]])) {
          const sent = Object.fromEntries(Object.entries({ ...JSON_TYPE, "content-length": 12, ...headers }).filter(([, value]) => value !== undefined));
          assert.match((await ask(`${server.url}/items`, { method, headers: sent, body: '{"f":"evil"}' })).note, /fwd=bypass; detail=body/);
        }
        assert.equal(cache.size, 0);
        assert.equal((await ask(`${server.url}/items`)).text, '{"body":null}');
        assert.match((await ask(`${server.url}/items`, { headers: { "content-length": "0" } })).note, /hit/);
        // Nor is a stored answer given to a request that says more.
        await ask(`${server.url}/items`, { headers: JSON_TYPE, body: '{"f":"more"}' });
        assert.equal(calls.length, 5);
      } finally {
        await server.close();
      }
    });
  }
});

describe("A6: what names the asker and is not in the key", () => {
  const cookie = "me=alice; s%3Ax=1";
  for (const [name, mount] of Object.entries(FRAMEWORKS)) {
    it(`${name}: is hidden from every handler whose answer others get, by GET, HEAD and POST`, async () => {
      for (const method of ["GET", "HEAD", "POST"]) {
        const seen = /** @type {any[]} */ ([]);
        const server = await mount(new CacheService(), { ...NOBODY, paths: "rpc" }, (asked) => {
          if (name !== "fastify" || asked.method !== "HEAD") seen.push(asked.headers.cookie ?? null, asked.headers["if-none-match"] ?? null);
          return json({ me: asked.headers.cookie ?? null, body: asked.body ?? null });
        });
        try {
          const body = method === "POST" ? { body: '{"a":1}' } : {};
          const plain = method === "POST" ? { method, headers: JSON_TYPE, ...body } : {};
          const url = `${server.url}/api/users.get`;
          await ask(url, { method, headers: { ...JSON_TYPE, cookie, "if-none-match": '"x"' }, ...body });
          assert.equal((await ask(url, plain)).text, `{"me":null,"body":${body.body ?? null}}`);
          assert.deepEqual([...new Set(seen)], [null], method);
        } finally {
          await server.close();
        }
      }
    });
  }

  it("express: cookie-parser in front of the cache", () => {
    const after = /** @type {any[]} */ ([]);
    return onExpress((app) => {
      app.use(cookieParser("secret"));
      app.use((req, res, next) => (res.on("finish", () => after.push(req.cookies.me, req.headers.cookie)), next()));
      app.use(cachedExpress(new CacheService(), { identity: (/** @type {any} */ req) => req.get("x-user") ?? null }));
      app.get("/mes", (req, res) => void res.json([req.cookies.me ?? null, req.signedCookies.x ?? null, Object.keys(req.cookies).length]));
    }, async (url) => {
      for (const headers of [{ cookie }, {}]) assert.equal((await ask(`${url}/mes`, { headers })).text, "[null,null,0]");
      assert.match((await ask(`${url}/mes`, { headers: { cookie } })).note, /hit/);
      // One user's own answer may depend on the cookies, as ever.
      assert.equal((await ask(`${url}/mes`, { headers: { cookie, "x-user": "alice" } })).text, '["alice",null,2]');
      // To the middlewares around the cache nothing is hidden.
      assert.deepEqual(after.slice(0, 2), ["alice", cookie]);
    });
  });

  it("fastify: @fastify/cookie before the cache and after it", async () => {
    for (const first of [true, false]) {
      await onFastify(async (app) => {
        if (first) await app.register(fastifyCookie);
        await app.register(cachedFastify, { cache: new CacheService(), identity: (/** @type {any} */ request) => request.headers["x-user"] ?? null });
        if (!first) await app.register(fastifyCookie);
        app.get("/mes", async (/** @type {any} */ request) => [request.cookies.me ?? null, request.headers.cookie ?? null]);
      }, async (url) => {
        for (const headers of [{ cookie }, {}]) assert.equal((await ask(`${url}/mes`, { headers })).text, "[null,null]");
        assert.match((await ask(`${url}/mes`, { headers: { cookie } })).note, /hit/);
        assert.equal(JSON.parse((await ask(`${url}/mes`, { headers: { cookie, "x-user": "alice" } })).text)[0], "alice");
      });
    }
  });

  it("raw headers and distinct ones of Node's request, in every framework that hands it on", async () => {
    const told = (/** @type {any} */ req) => JSON.stringify([req.headers.cookie ?? null, req.headersDistinct.cookie ?? null, req.rawHeaders.filter((/** @type {string} */ one) => /alice|cookie/i.test(one))]);
    const nothing = "[null,null,[]]";
    const check = async (/** @type {string} */ url) => {
      for (const headers of [{ COOKIE: cookie }, {}]) assert.equal((await ask(`${url}/mes`, { headers })).text, nothing);
    };
    await onExpress((app) => app.use(cachedExpress(new CacheService(), NOBODY), (req, res) => void res.send(told(req))), check);
    await onFastify(async (app) => (await app.register(cachedFastify, { cache: new CacheService(), ...NOBODY }), app.get("/mes", async (/** @type {any} */ request) => told(request.raw))), check);
    const h3 = new H3();
    h3.use(cachedH3(new CacheService(), NOBODY));
    h3.get("/mes", (event) => told(event.runtime?.node?.req));
    await served(toNodeHandler(h3), check);
    const { getRequestListener } = await import("@hono/node-server");
    const hono = new Hono();
    hono.use(cachedHono(new CacheService(), NOBODY));
    hono.get("/mes", (c) => c.text(told(/** @type {any} */ (c.env).incoming)));
    await served(getRequestListener(hono.fetch, { overrideGlobalObjects: false }), check);
    const handler = cachedFetch(new CacheService(), NOBODY, (_request, /** @type {any} */ env) => new Response(told(env.incoming)));
    await served(getRequestListener(/** @type {any} */ (handler), { overrideGlobalObjects: false }), check);
  });

  it("a headers' schema of fastify keeps no cookie", () =>
    onFastify(async (app) => {
      await app.register(cachedFastify, { cache: new CacheService(), ...NOBODY });
      const schema = { headers: { type: "object", properties: { "x-count": { type: "number" } } } };
      app.get("/mes", { schema }, async (/** @type {any} */ request) => [request.headers.cookie ?? null, request.headers["x-count"] ?? null]);
    }, async (url) => assert.equal((await ask(`${url}/mes`, { headers: { cookie } })).text, "[null,null]")));

  it("a session or user in front: who looks at it answers its asker alone, and sees all of it", async () => {
    const check = async (/** @type {string} */ url, /** @type {string} */ path, /** @type {boolean} */ shared) => {
      const alice = await ask(`${url}${path}`, { headers: { "x-me": "alice" } });
      const other = await ask(`${url}${path}`);
      if (shared) assert.match(other.note, /hit/, path);
      else assert.deepEqual([alice.text, other.text, /unkeyed/.test(alice.note)], ['"alice"', "null", true], path);
    };
    const me = (/** @type {string | undefined} */ name) => (name === undefined ? undefined : { name });
    await onExpress((app) => {
      app.use((/** @type {any} */ req, _res, next) => (Object.assign(req, { user: me(req.get("x-me")) }), next()));
      app.use(cachedExpress(quiet(), NOBODY));
      app.get("/mes", (/** @type {any} */ req, res) => void res.json(req.user?.name ?? null));
      app.get("/items", (_req, res) => void res.json(null));
    }, async (url) => (await check(url, "/mes", false), await check(url, "/items", true)));
    await onFastify(async (app) => {
      app.decorateRequest("user", null);
      app.addHook("onRequest", async (/** @type {any} */ request) => void (request.user = me(request.headers["x-me"]) ?? null));
      await app.register(cachedFastify, { cache: quiet(), ...NOBODY });
      app.get("/mes", async (/** @type {any} */ request, /** @type {any} */ reply) => reply.send(JSON.stringify(request.user?.name ?? null)));
      app.get("/items", async () => "null");
    }, async (url) => (await check(url, "/mes", false), await check(url, "/items", true)));
    /** @type {Hono<any>} */
    const hono = new Hono();
    hono.use(async (c, next) => (c.set("user", me(c.req.header("x-me"))), next()));
    hono.use(cachedHono(quiet(), NOBODY));
    hono.get("/mes", (c) => c.json(c.get("user")?.name ?? null));
    hono.get("/profiles", (c) => c.json(c.var.user?.name ?? null));
    hono.get("/items", (c) => c.json(c.get("other") ?? null));
    const { getRequestListener } = await import("@hono/node-server");
    await served(getRequestListener(hono.fetch, { overrideGlobalObjects: false }), async (url) => {
      for (const [path, shared] of /** @type {const} */ ([["/mes", false], ["/profiles", false], ["/items", true]])) await check(url, path, shared);
    });
    const h3 = new H3();
    h3.use((event) => void (event.context.user = me(event.req.headers.get("x-me") ?? undefined)));
    h3.use(cachedH3(quiet(), NOBODY));
    h3.get("/mes", (event) => JSON.stringify(/** @type {any} */ (event.context.user)?.name ?? null));
    h3.get("/items", () => "null");
    await served(toNodeHandler(h3), async (url) => (await check(url, "/mes", false), await check(url, "/items", true)));
  });

  it("a session that is only read when it is asked for is read with its cookie", () =>
    onExpress((app) => {
      app.use((req, _res, next) => (Object.defineProperty(req, "session", { configurable: true, get: () => ({ cookie: req.headers.cookie ?? null }) }), next()));
      app.use(cachedExpress(quiet(), NOBODY));
      app.get("/mes", (/** @type {any} */ req, res) => void res.json(req.session.cookie));
    }, async (url) => {
      assert.equal((await ask(`${url}/mes`, { headers: { cookie } })).text, JSON.stringify(cookie));
      assert.equal((await ask(`${url}/mes`)).text, "null");
    }));

  it("hono: what reads cookies by the framework's own function sees none", async () => {
    const app = new Hono();
    app.use(cachedHono(new CacheService(), { identity: (c) => c.req.header("x-user") ?? null, paths: "rpc" }));
    app.all("/api/users.get", (c) => c.json({ me: getCookie(c, "me") ?? null, all: c.req.header().cookie ?? null }));
    for (const init of [{ method: "HEAD" }, {}, { method: "POST", body: "{}" }, { method: "POST", body: "{}" }]) {
      const response = await app.request("/api/users.get", { ...init, headers: { ...JSON_TYPE, cookie } });
      if (init.method !== "HEAD") assert.equal(await response.text(), '{"me":null,"all":null}');
    }
  });

  it("a body that only the handler reads reaches it, where a function names the params", async () => {
    const paths = () => ({ endpoint: "users.get", params: {} });
    const init = { method: "POST", headers: JSON_TYPE, body: '{"a":1}' };
    const hono = new Hono();
    hono.use(cachedHono(new CacheService(), { ...NOBODY, paths }));
    hono.post("/x", async (c) => c.json(await c.req.json()));
    const h3 = new H3();
    h3.use(cachedH3(new CacheService(), { ...NOBODY, paths }));
    h3.post("/x", async (event) => event.req.json());
    const handler = cachedFetch(new CacheService(), { ...NOBODY, paths }, async (request) => Response.json(await request.json()));
    for (const response of [await hono.request("/x", init), await h3.request("http://x.example/x", init), await handler(new Request("http://x.example/x", init))]) {
      assert.equal(await response.text(), '{"a":1}');
    }
  });
});

it("what is not kept is said once for each endpoint, with its own reason", () => {
  const said = /** @type {string[]} */ ([]);
  const logger = { debug() {}, info() {}, error() {}, warn: (/** @type {any} */ { endpoint, reason }) => void said.push(`${endpoint} ${reason}`) };
  return onExpress((app) => {
    app.use((req, _res, next) => (Object.assign(req, { user: {} }), next()));
    app.use(cachedExpress(new CacheService(/** @type {any} */ ({ logger })), NOBODY));
    app.get("/mes", (/** @type {any} */ req, res) => void res.json(req.user));
    app.get("/cookies", (_req, res) => void res.cookie("a", "1").json({}));
    app.get("/secrets", (_req, res) => void res.set("cache-control", "private").json({}));
  }, async (url) => {
    for (const path of ["/mes", "/cookies", "/secrets", "/mes"]) await ask(`${url}${path}`);
    assert.deepEqual(said, ["mes.list unkeyed", "cookies.list set-cookie"]);
  });
});

describe("A8: routes of fastify that are chosen by more than method and path", () => {
  const custom = {
    name: "tenant",
    storage() {
      /** @type {Record<string, any>} */
      const handlers = {};
      return { get: (/** @type {string} */ key) => handlers[key] ?? null, set: (/** @type {string} */ key, /** @type {any} */ store) => void (handlers[key] = store) };
    },
    validate: () => true,
    deriveConstraint: (/** @type {any} */ req) => req.headers["x-tenant"],
  };
  const build = (/** @type {any} */ app) => {
    for (const v of [1, 2]) {
      app.get("/users", { constraints: { version: `${v}.0.0` } }, async () => ({ v }));
      app.get("/tenants", { constraints: { tenant: `t${v}` } }, async () => ({ v }));
      app.get("/hosts", { constraints: { host: new RegExp(`^h${v}\\.`) } }, async () => ({ v }));
    }
    app.get("/users/:id", async () => ({ plain: true }));
  };
  for (const [title, setup] of /** @type {[string, (app: any, cache: any) => Promise<void> | void][]} */ ([
    ["registered after the cache", async (app, cache) => (await app.register(cachedFastify, { cache, ...ANYBODY, host: false }), build(app))],
    ["registered before it", (app, cache) => (build(app), app.register(cachedFastify, { cache, ...ANYBODY, host: false }))],
    ["in a scope of their own", async (app, cache) => (await app.register(cachedFastify, { cache, ...ANYBODY, host: false }), app.register(async (/** @type {any} */ child) => build(child)))],
  ])) {
    it(title, () =>
      onFastify(async (app) => void (await setup(app, quiet())), async (url) => {
        for (let turn = 0; turn < 2; turn += 1) {
          for (const v of [1, 2]) {
            assert.equal((await ask(`${url}/users`, { headers: { "accept-version": `${v}.x` } })).text, `{"v":${v}}`);
            assert.equal((await ask(`${url}/tenants`, { headers: { "x-tenant": `t${v}` } })).text, `{"v":${v}}`);
            assert.equal((await ask(`${url}/hosts`, { headers: { host: `h${v}.example` } })).text, `{"v":${v}}`);
          }
        }
        await ask(`${url}/users/1`);
        assert.match((await ask(`${url}/users/1`)).note, title === "registered before it" ? /constraints/ : /hit/);
      }, { constraints: { tenant: custom } }));
  }

  it("routes that were there before the cache are cached where none has constraints", () =>
    onFastify(async (app) => {
      app.get("/users", async () => ({}));
      await app.register(cachedFastify, { cache: new CacheService(), ...ANYBODY });
    }, async (url) => (await ask(`${url}/users`), assert.match((await ask(`${url}/users`)).note, /hit/))));
});

describe("A9: hosts behind a proxy", () => {
  const HEADERS = [{ "x-forwarded-host": "a.example" }, { "x-forwarded-host": "b.example" }, { "x-forwarded-host": "b.example", "x-forwarded-proto": "https" }, {}, { "x-forwarded-proto": "https" }];
  /** @param {string} url @param {(headers: any, host: string) => string} expected */
  const check = async (url, expected) => {
    for (let turn = 0; turn < 2; turn += 1) {
      for (const headers of HEADERS) {
        const found = await ask(`${url}/tenants`, { headers });
        assert.equal(found.text, expected(headers, new URL(url).hostname));
        if (turn === 1) assert.match(found.note, /hit/);
      }
    }
  };
  const forwarded = (/** @type {any} */ headers, /** @type {string} */ host) => `${headers["x-forwarded-proto"] ?? "http"} ${headers["x-forwarded-host"] ?? host}`;

  it("express, where it trusts it, and in an application mounted in one that does not", async () => {
    const tell = (/** @type {any} */ req, /** @type {any} */ res) => void res.send(`${req.protocol} ${req.hostname}`);
    await onExpress((app) => app.set("trust proxy", true).use(cachedExpress(new CacheService(), ANYBODY)).get("/tenants", tell), (url) => check(url, forwarded));
    await onExpress((app) => app.use(cachedExpress(new CacheService(), ANYBODY)).get("/tenants", tell), (url) => check(url, (_, host) => `http ${host}`));
    const inner = express().set("trust proxy", true).get("/tenants", tell);
    await onExpress((app) => app.use(cachedExpress(new CacheService(), ANYBODY)).use(inner), (url) => check(url, forwarded));
  });

  it("express, where it trusts some addresses only", () => {
    let trusted = true;
    return onExpress((app) => {
      app.set("trust proxy", () => trusted).use(cachedExpress(new CacheService(), ANYBODY));
      app.get("/tenants", (req, res) => void res.send(req.hostname));
    }, async (url) => {
      const headers = { "x-forwarded-host": "a.example" };
      assert.equal((await ask(`${url}/tenants`, { headers })).text, "a.example");
      trusted = false;
      assert.equal((await ask(`${url}/tenants`, { headers })).text, "127.0.0.1");
    });
  });

  it("express, where it cannot tell", () => {
    let broken = false;
    return onExpress((app) => {
      app.set("trust proxy", () => broken && assert.fail("no such address")).use(cachedExpress(new CacheService(), ANYBODY));
      app.get("/tenants", (_req, res) => void res.send("x"));
    }, async (url) => {
      broken = true;
      const found = await ask(`${url}/tenants`, { headers: { "x-forwarded-host": "a.example" } });
      assert.deepEqual([found.text, found.note], ["x", "endpoint-cache; fwd=bypass; detail=host"]);
    });
  });

  it("fastify", async () => {
    for (const trustProxy of [true, false]) {
      await onFastify(async (app) => {
        await app.register(cachedFastify, { cache: new CacheService(), ...ANYBODY });
        app.get("/tenants", async (/** @type {any} */ request) => `${request.protocol} ${request.hostname}`);
      }, (url) => check(url, trustProxy ? forwarded : (_, host) => `http ${host}`), { trustProxy });
    }
  });

  it("hono, h3 and fetch handlers, which may believe the header", async () => {
    const cache = new CacheService();
    const read = (/** @type {Headers} */ headers) => String(headers.get("x-forwarded-host"));
    const hono = new Hono();
    hono.use(cachedHono(cache, { ...ANYBODY, prefix: "/hono/" })).get("/hono/tenants", (c) => c.text(read(c.req.raw.headers)));
    const h3 = new H3();
    h3.use(cachedH3(cache, { ...ANYBODY, prefix: "/h3/" }));
    h3.get("/h3/tenants", (event) => getRequestHost(event, { xForwardedHost: true }));
    const handler = cachedFetch(cache, { ...ANYBODY, prefix: "/fetch/" }, async (request) => new Response(read(request.headers)));
    for (let turn = 0; turn < 2; turn += 1) {
      for (const host of ["a.example", "b.example"]) {
        const headers = { "x-forwarded-host": host };
        for (const response of [await hono.request("http://x.example/hono/tenants", { headers }), await h3.request("http://x.example/h3/tenants", { headers }), await handler(new Request("http://x.example/fetch/tenants", { headers }))]) {
          assert.equal(await response.text(), host);
        }
      }
    }
  });

  it("a scheme is not another's", async () => {
    const handler = cachedFetch(new CacheService(), ANYBODY, async (request) => new Response(new URL(request.url).protocol));
    for (const scheme of ["http:", "https:", "http:"]) assert.equal(await (await handler(new Request(`${scheme}//x.example/tenants`))).text(), scheme);
  });
});
