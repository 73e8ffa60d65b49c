/**
 * Empty projects with the packed package installed, as a user would have them: one npm install each, from the tarball.
 *
 * Knows how to pack, install and start a program; knows nothing of runtimes or of what is tested.
 */

import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = join(HERE, "..", "..");
const BUILD = join(ROOT, "build");
const scratch = mkdtempSync(join(tmpdir(), "endpoint-cache-runtimes-"));

/** The tarball of the package as it is now; the build says what it holds. @returns {string} */
export function pack() {
  execFileSync(process.execPath, [join(ROOT, "scripts", "build.mjs"), "--quiet", "--pack"], { stdio: ["ignore", "inherit", "inherit"] });
  const [name] = readdirSync(BUILD).filter((file) => file.endsWith(".tgz"));
  if (name === undefined) throw new Error("the build left no tarball");
  return join(BUILD, name);
}

const behaviour = readFileSync(join(HERE, "behave.mjs"), "utf8");
const cases = readFileSync(join(HERE, "cases.json"), "utf8");

/** How many cases there are. */
export const CASES = JSON.parse(cases).length;

/** What every project is given besides its own files. */
const SHARED = {
  "package.json": JSON.stringify({ private: true, type: "module" }),
  "behave.mjs": behaviour,
  "cases.mjs": `export default JSON.parse(${JSON.stringify(JSON.stringify(JSON.parse(cases)))});\n`,
  // A cache at module scope belongs to it: some hosts allow little there.
  "run.mjs": `import * as api from "endpoint-cache";
import { behave } from "./behave.mjs";
import cases from "./cases.mjs";
export const atModuleScope = new api.CacheService();
export const run = async () => {
  const result = await behave(api, cases);
  if (!atModuleScope.set("a", 1) || atModuleScope.get("a") !== 1) result.failed.push("the cache made at module scope");
  return result;
};
`,
  "main.mjs": `import { run } from "./run.mjs";
run().then((result) => console.log("RESULT " + JSON.stringify(result)));
`,
};

/**
 * A new project with the package and these files in it.
 * @param {string} tarball
 * @param {string} name
 * @param {Record<string, string>} [files]
 */
export async function project(tarball, name, files = {}) {
  const dir = join(scratch, name);
  for (const [path, text] of Object.entries({ ...SHARED, ...files })) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  await start("npm", ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error", tarball], dir);
  return dir;
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
    execFile(command, args, { cwd, env: { ...process.env, ...env }, timeout: 60_000, maxBuffer: 1 << 24 }, (error, out, err) => {
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
