/** Ways in which handlers use Node's response, and Express' own: what goes out is what they wrote, from the handler and from the cache. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { describe, it } from "node:test";
import express from "express";
import { CacheService } from "endpoint-cache";
import { cached } from "endpoint-cache/express";

/** How a handler writes, what arrives, and a header that arrives with it. @type {Record<string, [(res: any) => unknown, string, Record<string, string>?]>} */
const WAYS = {
  "pairs of headers": [(res) => (res.writeHead(200, "Fine", [["x-a", "1"]]), res.end("a")), "a", { "x-a": "1" }],
  "headers in turn": [(res) => (res.writeHead(200, ["x-a", "1"]), res.end("a")), "a", { "x-a": "1" }],
  "a length of its own": [(res) => (res.writeHead(200, { "content-length": 3 }), res.write("ab"), res.end("c")), "abc", { "content-length": "3" }],
  "an encoding": [(res) => (res.write("6162", "hex"), res.end("6364", "hex")), "abcd"],
  "callbacks": [(res) => res.write("a", () => res.end("b")), "ab"],
  "a buffer that is used again": [(res) => {
    const bytes = Buffer.from("abc");
    res.write(bytes);
    bytes.fill("z");
    res.end(bytes);
  }, "abczzz"],
  "headers flushed after the end": [(res) => (res.end("done"), res.end("again"), res.flushHeaders()), "done"],
  "an end that somebody wrapped": [(res) => {
    const { end } = res;
    res.end = (/** @type {any[]} */ ...args) => (res.setHeader("x-a", "1"), end.apply(res, args));
    res.send("w");
  }, "w", { "x-a": "1" }],
};

describe("express, a handler that writes", () => {
  for (const [title, [write, text, headers = {}]] of Object.entries(WAYS)) {
    it(title, async () => {
      const app = express();
      app.use(cached(new CacheService(), { identity: "anonymous", headers: ["x-a"] }));
      app.use((_req, res) => void write(res));
      const server = createServer(app).listen(0, "127.0.0.1");
      await once(server, "listening");
      const url = `http://127.0.0.1:${/** @type {any} */ (server.address()).port}/prompts`;
      try {
        for (const note of [/fwd=miss; stored/, /; hit/]) {
          const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
          assert.equal(await response.text(), text);
          assert.match(String(response.headers.get("cache-status")), note);
          for (const [name, value] of Object.entries(headers)) assert.equal(response.headers.get(name), value);
        }
        const head = await fetch(url, { method: "HEAD" });
        assert.equal(head.headers.get("content-length"), String(text.length));
        const unchanged = await fetch(url, { headers: { "if-none-match": "*" } });
        assert.deepEqual([unchanged.status, unchanged.headers.get("content-type"), unchanged.headers.get("content-length")], [304, null, null]);
      } finally {
        server.closeAllConnections();
        server.close();
      }
    });
  }
});
