// `make demo` as a person meets it: the walk shows what it should and ends well, the server serves the page and nothing else,
// and Ctrl-C ends it cleanly.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { request as send } from "node:http";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const DEMO = fileURLToPath(new URL("../../scripts/demo.mjs", import.meta.url));

/** Starts the demo; `said` resolves with all output once it holds `text`, `ended` with the exit code. */
function start(env) {
  const child = spawn(process.execPath, [DEMO], { env: { ...process.env, ONCE: "", PORT: "", ...env }, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  const waiting = new Set();
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
    for (const wait of waiting) wait();
  });
  const ended = new Promise((resolve) => child.on("close", (code) => resolve(code)));
  const said = (text) => new Promise((resolve) => {
    const look = () => output.includes(text) && resolve(output);
    waiting.add(look);
    look();
  });
  return { child, said, ended, output: () => output };
}

/** A request whose path is sent as it stands, unlike `fetch`, which tidies it up first. */
function raw(base, path) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base);
    send({ hostname, port, path, agent: false }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode));
    }).on("error", reject).end();
  });
}

test("ONCE=1 walks through and ends with 0", { timeout: 60_000 }, async () => {
  const demo = start({ ONCE: "1" });
  assert.equal(await demo.ended, 0);
  const output = demo.output();
  assert.match(output, /endpoint-cache; fwd=miss; stored[\s\S]*endpoint-cache; hit; ttl=180[\s\S]*mutation, 1 invalidated[\s\S]*fwd=miss; stored/);
  assert.match(output, /1 handler call for 100 callers/);
  assert.match(output, /the new prompt is there/);
  assert.doesNotMatch(output, /NOT AS EXPECTED/);
});

test("it serves the page, the API and nothing else, and Ctrl-C ends it with 0", { timeout: 60_000 }, async () => {
  const demo = start({});
  const [, base] = /The page: +(\S+?)\/\n/.exec(await demo.said("Ctrl-C ends it."));
  assert.match(await (await fetch(`${base}/`)).text(), /<title>endpoint-cache/);
  assert.equal((await fetch(`${base}/pkg/index.js`)).headers.get("content-type"), "text/javascript; charset=utf-8");
  for (const path of ["/package.json", "/www/../Cargo.toml", "/www/%2e%2e/Cargo.toml", "/www/..%2fCargo.toml", "/pkg/../../etc/passwd", "/www/%00", "/www/%zz", "//etc/passwd"]) {
    assert.equal(await raw(base, path), 404, path);
  }
  assert.equal((await fetch(`${base}/api/storycore.nothing.list`)).status, 404);
  assert.equal((await fetch(`${base}/api/storycore.prompt.list`, { method: "POST", body: "{" })).status, 400);
  const denied = await (await fetch(`${base}/api/storycore.prompt.get?id=99`)).json();
  assert.equal(denied.status, "error");
  assert.match(await (await fetch(`${base}/metrics`)).text(), /^endpoint_cache_hits/m);
  demo.child.kill("SIGINT");
  assert.equal(await demo.ended, 0);
});
