/**
 * The same cases in every runtime and out of every bundler, on the package as npm would deliver it.
 *
 * A row that cannot run where this is run is counted as skipped and says why. The table at the end is the result.
 */

import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { BUNDLERS, forEdgeLight, forWorkerd } from "./bundle.mjs";
import { describePackage } from "./package.mjs";
import { CASES, HERE, NODE_FIRST, NODE_NEW, QUIET, pack, project, removeProjects, resultIn, start } from "./projects.mjs";
import { bunTest, jest, nodeTest, tsJest, vitest } from "./runners.mjs";

const PROGRAMS = join(HERE, "node_modules");
const DENO = join(PROGRAMS, "@deno", "linux-x64-glibc", "deno");
const BUN = join(PROGRAMS, "@oven", "bun-linux-x64", "bin", "bun");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
/** With `require`, and one instance of the module however it is asked for. */
const REQUIRED = `const api = require("endpoint-cache");
(async () => {
  const { behave } = await import("./behave.mjs");
  const { default: cases } = await import("./cases.mjs");
  const { busyWait, expiry, withFakeDate } = await import("./expiry.mjs");
  const result = await behave(api, cases);
  const older = new api.CacheService();
  result.failed.push(...expiry(api, busyWait, older));
  withFakeDate((advance) => result.failed.push(...expiry(api, advance, older)));
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

/** @param {string} program @param {string} name @param {import("./runners.mjs").Runner} runner @param {string} version */
async function runTests(program, name, { files, args }, version) {
  const dir = await project(tarball, name, files);
  await start(program, args, dir, QUIET);
  return { version, result: JSON.parse(readFileSync(join(dir, "result.json"), "utf8")) };
}

/** @param {string} dir @param {string[]} modules */
async function inWorkerd(dir, modules) {
  const result = resultIn(await start(NODE_NEW, [join(HERE, "workerd.mjs"), ...modules.map((path, at) => (at === 0 ? join(dir, path) : path))], dir, QUIET));
  return { version: packageVersion("workerd"), result, more: 2 + 10 };
}

describe("runtimes", { concurrency: 2 }, () => {
  row("Node, import", process.execPath, async () => runIn(process.execPath, ["main.mjs"], await project(tarball, "node-import")));
  const required = async (/** @type {string} */ name) => project(tarball, name, { "main.cjs": REQUIRED });
  row("Node, require", process.execPath, async () => runIn(process.execPath, ["main.cjs"], await required("node-require")));
  row("Node, require where ES modules are none of it", process.execPath, async () => {
    const flag = process.allowedNodeEnvironmentFlags.has("--experimental-require-module") ? ["--no-experimental-require-module"] : [];
    return runIn(process.execPath, [...flag, "main.cjs"], await required("node-require-only"));
  });
  row("Node 20.9, import", NODE_FIRST, async () => runIn(NODE_FIRST, ["main.mjs"], await project(tarball, "node-first-import")));
  row("Node 20.9, require", NODE_FIRST, async () => runIn(NODE_FIRST, ["main.cjs"], await required("node-first-require")));
  row("current Node, import", NODE_NEW, async () => runIn(NODE_NEW, ["main.mjs"], await project(tarball, "node-new-import")));
  row("current Node, require", NODE_NEW, async () => runIn(NODE_NEW, ["main.cjs"], await required("node-new-require")));
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

describe("test runners", { concurrency: 2 }, () => {
  row("Jest", join(PROGRAMS, "jest"), () => runTests(process.execPath, "jest", jest(), packageVersion("jest")));
  row("Vitest", join(PROGRAMS, "vitest"), () => runTests(process.execPath, "vitest", vitest(), packageVersion("vitest")));
  row("node:test", process.execPath, () => runTests(process.execPath, "node-test", nodeTest(), process.versions.node));
  row("bun test", BUN, () => runTests(BUN, "bun-test", bunTest(), packageVersion("@oven/bun-linux-x64")));
  it("ts-jest, with types found as Node 10 found modules", { skip: !existsSync(join(PROGRAMS, "ts-jest")) }, async () => {
    const { files, args } = tsJest();
    await start(process.execPath, args, await project(tarball, "ts-jest", files), QUIET);
  });
});

describePackage(tarball);

after(() => {
  removeProjects();
  console.log(`\nruntime                            version         of ${CASES} cases`);
  for (const { title, version, outcome } of rows) console.log(`${title.padEnd(35)}${version.padEnd(16)}${outcome}`);
});
