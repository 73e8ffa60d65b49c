/**
 * The application of docs/nextjs.md, built and started by Next itself: what a route handler writes, the page shows.
 *
 * Its files are the document's; what is added here is the layout that every application has. Needs the packages of this folder.
 */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const PACKAGE = join(HERE, "..", "..", "pkg");
const NEXT = join(HERE, "node_modules", "next", "dist", "bin", "next");
const ENV = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", CI: "1", NO_COLOR: "1", NODE_ENV: undefined };
const LAYOUT = "export default function Layout({ children }) {\n  return <html lang=\"en\"><body>{children}</body></html>;\n}\n";

/** What the document shows, by the path that each block begins with. @returns {Record<string, string>} */
function documented() {
  const text = readFileSync(join(PACKAGE, "docs", "nextjs.md"), "utf8");
  return Object.fromEntries([...text.matchAll(/^```js\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)].map(([, path, code]) => [path, code]));
}

/** @returns {Promise<number>} a port that is free now */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/** @param {string} url */
async function untilAnswered(url) {
  for (let tries = 0; tries < 150; tries += 1) {
    if (await fetch(url).then((response) => response.ok, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`nobody answers at ${url}`);
}

before(() => {
  const copy = join(HERE, "node_modules", "endpoint-cache");
  rmSync(copy, { recursive: true, force: true });
  cpSync(PACKAGE, copy, { recursive: true });
});

for (const [title, name, changed] of /** @type {[string, string, Record<string, string>][]} */ ([
  ["as documented", "app-external", {}],
  ["A7: with the package bundled into page and route handler alike", "app-bundled", { "next.config.mjs": "export default {};\n" }],
])) {
  describe(`Next, ${title}`, () => {
    const dir = join(HERE, ".next-apps", name);
    /** @type {import("node:child_process").ChildProcess} */
    let server;
    let url = "";

    before(async () => {
      rmSync(dir, { recursive: true, force: true });
      const files = { ...documented(), "app/layout.js": LAYOUT, ...changed };
      assert.ok(Object.keys(files).length >= 6, "the document has its files");
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(dir, path)), { recursive: true });
        writeFileSync(join(dir, path), text);
      }
      const { status, stdout, stderr } = spawnSync(process.execPath, [NEXT, "build", dir], { cwd: HERE, env: ENV, encoding: "utf8", timeout: 240_000 });
      assert.equal(status, 0, stdout + stderr);
      const port = await freePort();
      url = `http://127.0.0.1:${port}`;
      server = spawn(process.execPath, [NEXT, "start", dir, "-p", String(port), "-H", "127.0.0.1"], { cwd: HERE, env: ENV, stdio: "ignore" });
      await untilAnswered(`${url}/api/prompts`);
    });
    after(() => void server?.kill());

    const page = async () => {
      const html = await (await fetch(url)).text();
      return { titles: [...html.matchAll(/<li>(.*?)<\/li>/g)].map(([, text]) => text), cache: /<ul title="(\w+)"/.exec(html)?.[1] };
    };
    const list = async () => (await fetch(`${url}/api/prompts`)).json();

    it("page and route handler share one cache", async () => {
      assert.equal((await list()).metadata.cache, "hit");
      assert.deepEqual(await page(), { titles: ["first"], cache: "hit" });
    });

    it("what the route handler writes is on the page at once", async () => {
      for (const title of ["second", "third"]) {
        await page();
        const created = await fetch(`${url}/api/prompts`, { method: "POST", body: JSON.stringify({ title }) });
        assert.equal(created.status, 201);
        const { titles, cache } = await page();
        assert.deepEqual([titles.at(-1), cache], [title, "miss"]);
        assert.deepEqual([(await list()).data.at(-1), (await page()).cache], [title, "hit"]);
      }
    });
  });
}
