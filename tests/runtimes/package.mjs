/** What holds for the packed package as a whole: its files, its entries, its types, and that it installs. */

import assert from "node:assert/strict";
import { cpSync, existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, posix } from "node:path";
import { describe, it } from "node:test";
import { contents } from "./contents.mjs";
import { HERE, NODE_FIRST, NODE_NEW, QUIET, bare, npmInstall, project, start } from "./projects.mjs";
import { EVERY_SUBPATH } from "./runners.mjs";

const OLD = join(HERE, "old");

/** In CommonJS, beside `import`: one instance, whoever asks in which way. Prints what is wrong. */
const MIXED = `const assert = require("node:assert/strict");
(async () => {
  const names = Object.keys(require("endpoint-cache/package.json").exports).filter((path) => !/\\.(wasm|json)$/.test(path)).map((path) => path.replace(".", "endpoint-cache"));
  for (const name of names) {
    const required = require(name);
    const imported = await import(name);
    assert.deepEqual(Object.keys(imported).filter((key) => key !== "module.exports").sort(), Object.keys(required).sort(), name);
    for (const key of Object.keys(required)) assert.equal(imported[key], required[key], name + ": " + key);
  }
  ${EVERY_SUBPATH}
  const own = { cjs: require("endpoint-cache"), esm: await import("endpoint-cache") };
  const tiers = { cjs: require("endpoint-cache/tiered"), esm: await import("endpoint-cache/tiered") };
  const stores = { cjs: require("endpoint-cache/stores/memory"), esm: await import("endpoint-cache/stores/memory") };
  const fetches = { cjs: require("endpoint-cache/fetch"), esm: await import("endpoint-cache/fetch") };
  for (const [maker, user] of [["cjs", "esm"], ["esm", "cjs"]]) {
    const made = new own[maker].CacheService();
    assert.ok(made instanceof own[user].CacheService);
    const read = () => own[user].routeRequest(made, { endpoint: "a.list" }, () => 1);
    assert.deepEqual([(await read()).metadata.cache, (await read()).metadata.cache], ["miss", "hit"]);
    const handler = fetches[user].cached(made, { identity: "anonymous" }, () => new Response("text"));
    await handler(new Request("http://localhost/b"));
    assert.match((await handler(new Request("http://localhost/b"))).headers.get("cache-status"), /hit/);
    const tier = tiers[user].tiered(made, { store: stores[maker].memoryStore() });
    assert.equal((await read()).metadata.cache, "miss");
    await tier.close();
  }
})();
`;

/** @param {string} tarball */
export function describePackage(tarball) {
  const require = createRequire(import.meta.url);

  describe("the package", () => {
    it("holds no file that nothing needs, and all that anything needs", async () => {
      const dir = await project(tarball, "contents");
      assert.deepEqual(contents(join(dir, "node_modules/endpoint-cache")), { needless: [], missing: [] });
    });

    it("every subpath can be imported, also where the framework it is for is not installed", async () => {
      const dir = await project(tarball, "subpaths");
      const { exports } = JSON.parse(readFileSync(join(dir, "node_modules/endpoint-cache/package.json"), "utf8"));
      const names = Object.keys(exports).filter((path) => !/\.(wasm|json)$/.test(path)).map((path) => posix.join("endpoint-cache", path));
      assert.ok(names.length >= 22);
      const code = `for (const name of ${JSON.stringify(names)}) await import(name).catch((error) => console.log(name + " " + error.message));`;
      assert.equal(await start(process.execPath, ["--input-type=module", "--eval", code], dir), "");
    });

    it("D2: what is required is strict, as every ES module is", async () => {
      const root = join(await project(tarball, "strict"), "node_modules/endpoint-cache");
      const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) => /^cjs\/.*\.js$/.test(path));
      assert.ok(files.length > 22);
      assert.deepEqual(files.filter((path) => !readFileSync(join(root, path), "utf8").startsWith('"use strict";')), []);
    });

    for (const [title, program] of [["this Node", process.execPath], ["Node 20.9", NODE_FIRST], ["the current Node", NODE_NEW]]) {
      it(`D2: in ${title} require and import of any subpath share one instance`, { skip: !existsSync(program ?? "") }, async () => {
        const dir = await project(tarball, `mixed-${title}`.replaceAll(" ", "-"), { "mixed.cjs": MIXED });
        assert.equal(await start(program ?? "", ["mixed.cjs"], dir), "");
      });
    }

    it("D3: npm installs it beside frameworks and clients of any age, and an adapter says what it cannot work with", { skip: !existsSync(join(OLD, "node_modules")) }, async () => {
      const dir = bare("old", { "old.mjs": readFileSync(join(OLD, "old.mjs"), "utf8") });
      for (const name of ["package.json", "package-lock.json", "node_modules"]) cpSync(join(OLD, name), join(dir, name), { recursive: true });
      await npmInstall(tarball, dir);
      assert.equal(await start(process.execPath, ["old.mjs"], dir), "");
    });

    it("publint --strict", async () => {
      const { publint } = await import("publint");
      const { formatMessage } = await import("publint/utils");
      const dir = await project(tarball, "publint");
      const pkgDir = join(dir, "node_modules/endpoint-cache");
      const { messages, pkg } = await publint({ pkgDir, strict: true, pack: false });
      assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), []);
    });

    it("attw: types of every entry, however it is resolved", async () => {
      const program = require.resolve("@arethetypeswrong/cli/package.json").replace("package.json", "dist/index.js");
      await start(process.execPath, [program, tarball, "--no-emoji", "--no-color", "--exclude-entrypoints", "endpoint_cache.wasm"], HERE, QUIET);
    });
  });
}
