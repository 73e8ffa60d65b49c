// Whether the tarball in build/ may be published: node scripts/release-check.mjs   (make release-check, which builds it first)
//
//   --publish   what only a real publish needs is asked for too: a date in the changelog, a repository, nothing uncommitted
//
// Looks at the tarball as a stranger gets it, unpacked beside the project, and at the crate's list of files. Knows what a
// release must hold; knows nothing of how it is built. Every check runs; any complaint makes it fail.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { contents } from "../tests/runtimes/contents.mjs";
import { NOTICES, notices } from "./third-party.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TOOLS = join(ROOT, "scripts", "release", "node_modules", ".bin");
const LICENCES = ["LICENSE-MIT", "LICENSE-APACHE", NOTICES];
const publishing = process.argv.includes("--publish");

const tarballs = readdirSync(join(ROOT, "build")).filter((name) => name.endsWith(".tgz"));
if (tarballs.length !== 1) {
  console.error(`release-check: ${tarballs.length} tarballs in build/\nrelease-check: what you can do: make pack`);
  process.exit(2);
}
// A copy: attw removes what it has read in some of its modes, and a build beside this one may replace it.
const AREA = mkdtempSync(join(tmpdir(), "release-check-"));
process.on("exit", () => rmSync(AREA, { recursive: true, force: true }));
const TARBALL = join(AREA, /** @type {string} */ (tarballs[0]));
cpSync(join(ROOT, "build", /** @type {string} */ (tarballs[0])), TARBALL);
execFileSync("tar", ["-xzf", TARBALL, "-C", AREA]);
const PACKAGE = join(AREA, "package");

const manifest = JSON.parse(read(PACKAGE, "package.json"));
const metadata = execFileSync("cargo", ["metadata", "--locked", "--no-deps", "--format-version", "1"], { cwd: ROOT, encoding: "utf8" });
const crate = JSON.parse(metadata).packages.find((/** @type {any} */ it) => it.name === "endpoint-cache");
const files = readdirSync(PACKAGE, { recursive: true, encoding: "utf8" })
  .filter((path) => statSync(join(PACKAGE, path)).isFile())
  .sort();

/** @type {string[]} */
const later = [];
let failed = 0;
check("versions agree", versions);
check("every file is needed, none is missing", packed);
check("no folder of a machine and no registry's name in any file", leaks);
check("licences", licences);
check("settings for publishing", settings);
check("publint --strict", () => tool("publint", "run", TARBALL, "--strict"));
check("attw", () =>
  tool("attw", TARBALL, "--no-color", "--format", "ascii", "--exclude-entrypoints", "./endpoint_cache.wasm", "./package.json"),
);
check("cargo package", cargoPackage);
check("snippets and links of the documents", () => command(process.execPath, ["--test", "tests/package/readme.test.mjs"]));

sizes();
for (const line of later) console.log(`before publishing: ${line}`);
console.log(`release-check: ${failed === 0 ? "clean" : `${failed} checks failed`}`);
process.exitCode = failed > 0 ? 1 : 0;

// ------------------------------------------------------------------ the checks; each returns its complaints

/** @returns {string[]} */
function versions() {
  const heading = /^## (\S+)(?: - (\d{4}-\d\d-\d\d)| (\(unreleased\)))?/m.exec(read(PACKAGE, "CHANGELOG.md"));
  const locked = /^name = "endpoint-cache"\nversion = "([^"]+)"/m.exec(read(ROOT, "Cargo.lock"))?.[1];
  const named = new Set([...read(PACKAGE, "README.md").matchAll(/endpoint-cache-(\d[\w.-]*)\.tgz/g)].map(([, version]) => version));
  if (!heading?.[2]) whenPublishing(`CHANGELOG.md gives ${heading?.[1]} no date`);
  // What is not released yet may be ahead of the version that everything else still says.
  const ahead = heading?.[3] !== undefined && heading[1] !== crate.version;
  if (ahead) whenPublishing(`CHANGELOG.md is at ${heading?.[1]}, Cargo.toml still at ${crate.version}`);
  return [
    ["package.json", manifest.version],
    ["Cargo.lock", locked],
    ["the newest entry of CHANGELOG.md", ahead ? crate.version : heading?.[1]],
    ["the tarball's name", /-(\d.*)\.tgz$/.exec(tarballs[0] ?? "")?.[1]],
    ...[...named].map((version) => ["a tarball that README.md names", version]),
  ]
    .filter(([, version]) => version !== crate.version)
    .map(([where, version]) => `${where} says ${version}, Cargo.toml ${crate.version}`);
}

function packed() {
  const { needless, missing } = contents(PACKAGE);
  const needed = ["README.md", "CHANGELOG.md", ...LICENCES].filter((name) => !files.includes(name));
  return [...needless.map((path) => `needless: ${path}`), ...[...missing, ...needed].map((path) => `missing: ${path}`)];
}

/** Text and the module alike: messages of panics name the source files of the machine that compiled them. */
function leaks() {
  const registry = spawnSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).stdout.trim();
  const host = URL.canParse(registry) ? new URL(registry).hostname : "";
  const literal = [ROOT.replace(/\/$/, ""), homedir(), host].filter((text) => text.length > 4);
  const shapes = [
    /\/(?:home|Users)\/\w+|\b[A-Z]:\\Users\\/,
    /\/\.cargo\/|registry\/src\//,
    /\bregistry\.[a-z][\w-]*\.[a-z]+/,
    /\bindex\.[\w.]+-[0-9a-f]{16}/,
  ];
  return files.flatMap((path) => {
    const text = readFileSync(join(PACKAGE, path), "latin1");
    const found = [...literal.filter((it) => text.includes(it)), ...shapes.flatMap((shape) => shape.exec(text)?.[0] ?? [])];
    return found.map((it) => `${path} holds ${JSON.stringify(it)}`);
  });
}

/** @returns {string[]} */
function licences() {
  const complaints = LICENCES.filter((name) => files.includes(name) && read(PACKAGE, name) !== read(ROOT, name)).map(
    (name) => `${name} differs from the project's`,
  );
  if (manifest.license !== crate.license) complaints.push(`package.json says ${manifest.license}, Cargo.toml ${crate.license}`);
  if (read(ROOT, NOTICES) !== notices()) complaints.push(`${NOTICES} does not say what is compiled in; run node scripts/third-party.mjs`);
  return complaints;
}

function settings() {
  const complaints = [];
  const { publishConfig, repository, scripts = {}, dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  if (publishConfig?.access !== "public" || publishConfig?.provenance !== true)
    complaints.push('publishConfig is not { access: "public", provenance: true }');
  if (manifest.private) complaints.push("private is set");
  for (const name of Object.keys(scripts)) complaints.push(`a script would travel along: ${name}`);
  for (const name of Object.keys(dependencies)) complaints.push(`a dependency would be installed: ${name}`);
  for (const [name, range] of Object.entries(peerDependencies)) {
    if (!peerDependenciesMeta[name]?.optional) complaints.push(`${name} is not optional`);
    if (range !== "*") complaints.push(`${name} at ${range} could stop an install; the adapter says what it cannot work with`);
  }
  for (const field of ["description", "keywords", "engines", "sideEffects", "types"]) if (!manifest[field]) complaints.push(`no ${field}`);
  if (!repository) whenPublishing("package.json names no repository; provenance is refused without the one that publishes");
  if (!crate.repository) whenPublishing("Cargo.toml names no repository");
  const dirty = execFileSync("git", ["status", "--porcelain"], { cwd: ROOT, encoding: "utf8" }).trim();
  if (dirty) whenPublishing(`not committed:\n${dirty}`);
  return complaints;
}

function cargoPackage() {
  const list = execFileSync("cargo", ["package", "--list", "--allow-dirty", "--quiet"], {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  })
    .trim()
    .split("\n");
  const wanted = new Set(["Cargo.toml", "Cargo.lock", "README.md", "CHANGELOG.md", ...LICENCES, ...sources()]);
  const made = new Set([".cargo_vcs_info.json", "Cargo.toml.orig"]);
  return [
    ...list.filter((path) => !wanted.has(path) && !made.has(path)).map((path) => `needless: ${path}`),
    ...[...wanted].filter((path) => !list.includes(path)).map((path) => `missing: ${path}`),
  ];
}

function sources() {
  return readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(join(ROOT, "src", path)).isFile())
    .map((path) => `src/${path.replaceAll("\\", "/")}`);
}

// ------------------------------------------------------------------ helpers

/** The largest files as they lie in the tarball; what an entry costs once bundled stands in the build's own table. */
function sizes() {
  const rows = files.map((path) => ({ path, bytes: readFileSync(join(PACKAGE, path)) })).sort((a, b) => b.bytes.length - a.bytes.length);
  console.log(`\n${files.length} files, ${kb(statSync(TARBALL).size)} packed; the largest${"raw        gzip".padStart(36)}`);
  for (const { path, bytes } of rows.slice(0, 10)) {
    console.log(`  ${path.padEnd(42)}${kb(bytes.length).padStart(12)}${kb(gzipSync(bytes, { level: 9 }).length).padStart(12)}`);
  }
}

function kb(/** @type {number} */ bytes) {
  return `${(bytes / 1000).toFixed(1)} KB`;
}

function check(/** @type {string} */ title, /** @type {() => string[]} */ run) {
  const complaints = run();
  console.log(`${complaints.length === 0 ? "ok    " : "FAILED"} ${title}`);
  for (const line of complaints) console.log(`       ${line.replaceAll("\n", "\n       ")}`);
  if (complaints.length > 0) failed += 1;
}

function whenPublishing(/** @type {string} */ what) {
  later.push(what);
  if (publishing) failed += 1;
}

function tool(/** @type {string} */ name, /** @type {string[]} */ ...args) {
  if (!existsSync(join(TOOLS, name))) return [`${name} is not installed; run scripts/setup.sh npm:scripts/release`];
  return command(process.execPath, [join(TOOLS, name), ...args]);
}

/** The end of what a program said, if it failed. */
function command(/** @type {string} */ program, /** @type {string[]} */ args) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
  });
  return status === 0 ? [] : [`${stdout}${stderr}`.trim().split("\n").slice(-40).join("\n")];
}

function read(/** @type {string} */ dir, /** @type {string} */ name) {
  return existsSync(join(dir, name)) ? readFileSync(join(dir, name), "utf8") : "";
}
