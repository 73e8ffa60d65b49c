/** A project's entry in Chromium, as native modules from a server of plain files. Knows the browser; knows nothing of the cases. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join, normalize } from "node:path";
import { chromium } from "playwright-core";

const PAGE = `<!doctype html><script type="importmap">{ "imports": { "endpoint-cache": "/node_modules/endpoint-cache/index.js" } }</script>
<script type="module">import { run } from "/run.mjs"; globalThis.result = await run();</script>`;

/** @param {string} dir @param {string} executablePath */
export async function inChromium(dir, executablePath) {
  const server = createServer(async ({ url = "/" }, response) => {
    const path = normalize(new URL(url, "http://localhost").pathname);
    try {
      const html = path === "/";
      const body = html ? PAGE : await readFile(join(dir, path));
      // WebAssembly is all that a page with a policy has to allow.
      response.writeHead(200, {
        "content-type": html ? "text/html" : "text/javascript",
        "content-security-policy": "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'",
      }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"] });
  try {
    const page = await browser.newPage();
    /** @type {string[]} */
    const errors = [];
    page.on("pageerror", ({ message }) => errors.push(message));
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.waitForFunction("globalThis.result", undefined, { timeout: 30_000 }).catch((error) => {
      throw new Error(`${errors.join("; ") || error.message}`);
    });
    return { result: /** @type {any} */ (await page.evaluate("globalThis.result")), version: browser.version() };
  } finally {
    await browser.close();
    server.close();
  }
}
