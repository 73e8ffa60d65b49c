// Runs the suites one after the other and adds up what they report: node scripts/test.mjs [suite ...]
//
// Suites: rust, wasm, wasm-browser, js, package, adapters, runtimes, next, browser, python, distributed; all without an argument
// but wasm-browser, next and distributed. Every suite runs, whatever the ones before it did;
// the last line is "N passed, N failed" and the exit code says the same. A suite that ran no test counts as a failure,
// because that is what a wrong pattern or a build that stopped half-way looks like.
//
// Knows how to start each suite and how to read its summary; knows nothing of what is tested.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {(line: string, counts: Counts) => void} Reader
 * @typedef {{ command: string[], read?: Reader }} Step a step without a reader only prepares
 */
/** @type {Record<string, () => Step[]>} */
const SUITES = {
  rust: () => [{ command: ["cargo", "test", "--locked"], read: readCargo }],
  wasm: () => [{ command: ["wasm-pack", "test", "--node"], read: readCargo }],
  // The same tests in Chromium. The variable is what lets tests run there that name no place to run in. By its own name
  // only, and with a time limit: a browser that does not come up would hold up all the others.
  "wasm-browser": () => [
    {
      command: [
        "timeout",
        "300",
        "env",
        "WASM_BINDGEN_USE_BROWSER=1",
        "wasm-pack",
        "test",
        "--headless",
        "--chrome",
        "--",
        "--test",
        "wasm",
      ],
      read: readCargo,
    },
  ],
  // The JavaScript modules of the crate, one by one.
  js: () => nodeTests("tests/js"),
  package: () => nodeTests("tests/package"),
  // Over real HTTP in real frameworks, which find a copy of the package where a project has it.
  adapters: () => {
    const [build, ...tests] = nodeTests("tests/adapters");
    return [.../** @type {Step[]} */ (build ? [build] : []), { command: [process.execPath, "tests/adapters/install.mjs"] }, ...tests];
  },
  // The packed package in every runtime and out of every bundler; needs the packages of that folder.
  runtimes: () => nodeTests("tests/runtimes").filter(({ read }) => read),
  // An application of Next.js that is built and started; needs the packages of that folder, so it runs by its own name only.
  next: () => nodeTests("tests/next"),
  // The page of www/ in Chromium.
  browser: () => nodeTests("tests/browser"),
  // Needs redis-server and the packages of that folder, so it runs by its own name only.
  distributed: () => nodeTests("tests/distributed"),
  // The same comparison is part of the Rust suite with fewer cases.
  python: () => [
    {
      command: [
        "env",
        `GOLDEN_COUNT=${process.env.GOLDEN_COUNT ?? 30_000}`,
        "cargo",
        "test",
        "--locked",
        "--test",
        "rust",
        "python_parity",
      ],
      read: readCargo,
    },
    ...nodeTests("tests/python"),
  ],
};

const names =
  process.argv.length > 2
    ? process.argv.slice(2)
    : Object.keys(SUITES).filter((name) => !["distributed", "next", "wasm-browser"].includes(name));
const strangers = names.filter((name) => !Object.hasOwn(SUITES, name));
if (strangers.length > 0) {
  console.error(`test: no suite called ${strangers.join(", ")}; there are ${Object.keys(SUITES).join(", ")}`);
  process.exit(2);
}

const rows = [];
for (const name of names) rows.push(await runSuite(name));

console.log("\nsuite           passed  failed  skipped     time");
for (const { name, counts, seconds, remark } of rows) {
  const cells = [counts.passed, counts.failed, counts.skipped].map((count) => String(count).padStart(8)).join("");
  console.log(`${name.padEnd(14)}${cells}${`${seconds.toFixed(1)} s`.padStart(10)}${remark ? `   ${remark}` : ""}`);
}
const passed = rows.reduce((sum, { counts }) => sum + counts.passed, 0);
const failed = rows.reduce((sum, { counts }) => sum + counts.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

async function runSuite(/** @type {string} */ name) {
  const steps = /** @type {() => Step[]} */ (SUITES[name])();
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const start = performance.now();
  let remark = "";
  for (const { command, read } of steps) {
    console.log(`\n== ${name}: ${command.join(" ").replace(process.execPath, "node")}`);
    const code = await execute(command, (line) => read?.(line, counts));
    if (code !== 0) remark = `${command.join(" ").slice(0, 60)} ended with ${code}`;
    if (code !== 0 && !read) break;
  }
  if (!remark && counts.passed + counts.failed === 0) remark = "no test ran";
  // A compiler error or a crash of the runner itself reports no failed test; it must not pass for that.
  if (remark && counts.failed === 0) counts.failed = 1;
  return { name, counts, remark, seconds: (performance.now() - start) / 1000 };
}

/**
 * Runs to the end with the output shown as it comes, and each line handed to `onLine` without its colours.
 * @returns {Promise<number>}
 */
function execute(/** @type {string[]} */ [command, ...args], /** @type {(line: string) => void} */ onLine) {
  return new Promise((resolve) => {
    const child = spawn(/** @type {string} */ (command), args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      let rest = "";
      /** @type {import("node:stream").Readable} */ (from)
        .setEncoding("utf8")
        .on("data", (text) => {
          /** @type {NodeJS.WriteStream} */ (to).write(text);
          const lines = (rest + text).split("\n");
          rest = lines.pop() ?? "";
          for (const line of lines) onLine(stripVTControlCharacters(line));
        })
        .on("end", () => onLine(rest));
    }
    child.on("error", (error) => {
      console.error(`test: ${error.message}`);
      resolve(127);
    });
    child.on("close", (code, signal) => resolve(signal ? 128 : (code ?? 1)));
  });
}

/** Every `*.test.mjs` of a folder, against the package as it is built now. @returns {Step[]} */
function nodeTests(/** @type {string} */ dir) {
  const names = existsSync(join(ROOT, dir)) ? readdirSync(join(ROOT, dir)) : [];
  const files = names
    .filter((name) => name.endsWith(".test.mjs"))
    .sort()
    .map((name) => `${dir}/${name}`);
  // Without a file node --test would go looking for tests everywhere.
  if (files.length === 0) return [];
  return [
    { command: [process.execPath, "scripts/build.mjs"] },
    { command: [process.execPath, "--test", "--test-reporter=spec", ...files], read: readNode },
  ];
}

/** `test result: ok. 5 passed; 0 failed; 1 ignored; …`, of cargo and of wasm-bindgen's runner alike. */
function readCargo(/** @type {string} */ line, /** @type {Counts} */ counts) {
  const found = /^test result: .*?(\d+) passed; (\d+) failed; (\d+) ignored/.exec(line);
  if (found) add(counts, found);
}

/** The summary of node:test: `ℹ pass 5`, `ℹ fail 0`, `ℹ skipped 0`, cancelled tests being failed ones. */
function readNode(/** @type {string} */ line, /** @type {Counts} */ counts) {
  const found = /^ℹ (pass|fail|cancelled|skipped|todo) (\d+)$/.exec(line);
  if (!found) return;
  const count = Number(found[2]);
  if (found[1] === "pass") counts.passed += count;
  else if (found[1] === "fail" || found[1] === "cancelled") counts.failed += count;
  else counts.skipped += count;
}

function add(/** @type {Counts} */ counts, /** @type {RegExpExecArray} */ [, passed, failed, skipped]) {
  counts.passed += Number(passed);
  counts.failed += Number(failed);
  counts.skipped += Number(skipped);
}
