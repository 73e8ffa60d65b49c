// Whose code is compiled into the module, and on what terms it travels along: node scripts/third-party.mjs writes LICENSE-THIRD-PARTY
//
// The release check compares the file with what it ought to be. Knows cargo's metadata and where crates keep their licence.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
export const NOTICES = "LICENSE-THIRD-PARTY";

/** The text of the file. @returns {string} */
export function notices() {
  const crates = compiledCrates();
  const chosen = crates.filter(({ license }) => offers(license, "Apache-2.0"));
  const others = crates.filter((crate) => !chosen.includes(crate));
  return [
    "The module of this package holds compiled code of the crates below and of the Rust standard library (MIT OR Apache-2.0).",
    "",
    "Used under Apache-2.0, whose text is in LICENSE-APACHE:",
    "",
    ...chosen.map(({ name, version, license }) => `- ${name} ${version} (${license})`),
    ...others.flatMap((crate) => ["", "-".repeat(80), `${crate.name} ${crate.version} (${crate.license})`, "", licenceText(crate)]),
    "",
  ].join("\n");
}

/** Crates on the way from ours by dependencies that are compiled for the module; macros run in the compiler and stay there. */
function compiledCrates() {
  const args = ["metadata", "--locked", "--filter-platform", "wasm32-unknown-unknown", "--format-version", "1"];
  const { packages, resolve } = JSON.parse(execFileSync("cargo", args, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 26 }));
  const crates = new Map(packages.map((/** @type {any} */ it) => [it.id, it]));
  const nodes = new Map(resolve.nodes.map((/** @type {any} */ node) => [node.id, node]));
  const seen = new Set([resolve.root]);
  for (const id of seen) {
    for (const { pkg, dep_kinds: kinds } of nodes.get(id).deps) {
      const macro = crates.get(pkg).targets.some((/** @type {any} */ it) => it.kind.includes("proc-macro"));
      if (!macro && kinds.some((/** @type {any} */ it) => it.kind === null)) seen.add(pkg);
    }
  }
  return [...crates.values()].filter((it) => seen.has(it.id) && it.id !== resolve.root).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function offers(/** @type {string} */ license, /** @type {string} */ name) {
  return !license.includes(" AND ") && license.split(/ OR |\//).includes(name);
}

function licenceText(/** @type {any} */ { name, manifest_path: manifest }) {
  const folder = dirname(manifest);
  const file = readdirSync(folder).find((it) => /^LICEN[CS]E/i.test(it));
  if (!file) throw new Error(`${name} has no licence file; add its terms by hand`);
  return readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(join(ROOT, NOTICES), notices());
