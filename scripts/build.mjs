// Assembles the npm package: pkg-template/ + the compiled crate -> build/package/, and that bundled -> pkg/
//
//   node scripts/build.mjs            build and print the sizes
//   node scripts/build.mjs --pack     and make the tarball in build/
//   node scripts/build.mjs --quiet    sizes left out
//
// Knows the layout of the package; knows nothing of what the crate or the template do. Every step whose input has not
// changed is skipped, and pkg/ is brought up to date file by file, so a server running from it is not disturbed.
//
// build/package/ has every module as it was written, and its types are checked there. What people install is bundled:
// each entry is one file and the few chunks that it shares with others, because a host takes a millisecond for each. All of
// it is there twice, as ES modules and as CommonJS for `require`; scripts/exports.mjs says which host gets which.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { buildSync } from "esbuild";
import { commonJs, commonTypes } from "./common.mjs";
import { entriesOf, expanded, typesVersions } from "./exports.mjs";
import { improved } from "./glue.mjs";
import { renamed, withImports } from "./imports.mjs";
import { packAsModule } from "./pack-text.mjs";
import { SHORT, inLines, withoutEmpty } from "./short.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CACHE = join(ROOT, "build", "cache");
const TEMPLATE = join(ROOT, "pkg-template");
const STAGE = join(ROOT, "build", "package");
const PKG = join(ROOT, "pkg");
const TARGET = "wasm32-unknown-unknown";
/** Files that say what the crate is; the package gets a copy of each that exists. */
const DOCUMENTS = ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE", "LICENSE-THIRD-PARTY"];

/**
 * Functions with one caller stay apart from it unless they are small: what is inlined gets other local numbers at each
 * place, and the module, 2 % shorter, would be 4 % longer once gzipped. Likewise functions that are much alike stay as they are.
 * Nothing lies in the first kilobyte of memory: it is the far end of the stack.
 */
const PASSES = ["-Oz", "--converge", "--one-caller-inline-max-function-size=40", "--skip-pass=merge-similar-functions", "--low-memory-unused"];

/** Puts functions next to those they are like, as `order.mjs` has named them. Nothing else changes. */
const ORDER = ["--reorder-functions-by-name", "--optimize-level=2", "--shrink-level=2", "--generate-stack-ir", "--optimize-stack-ir"];

/**
 * The standard library compiled with the crate, from its source. As it comes it can say of every panic where and why, in words:
 * an eighth of this module would be code that writes them. Here a panic is a trap, which ends in a new instance either way.
 * The compiler is a stable one; what it is asked for here it has, and does not promise to keep. Cargo would name each crate of it
 * in a line, so it is asked to be quiet.
 */
const OWN_STD = {
  flags: ["-Zunstable-options", "-Cpanic=immediate-abort"],
  args: ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size", "--quiet"],
  env: { RUSTC_BOOTSTRAP: "1" },
};

/**
 * Code is compiled for speed, but for what makes it long: functions become part of their callers as sparingly as where it is
 * compiled for size, loops stay as they are written, and nothing is computed on one path to spare another. As the compiler
 * does it by itself, the module is 12 KB larger once gzipped, a `set` takes a twentieth less time, and a key from params never
 * seen a twelfth less. Compiled for size, it is 2 to 4 KB larger and slower.
 */
const SPARING = [
  "-Cno-vectorize-loops", "-Cno-vectorize-slp",
  ...[
    "inline-threshold=50", "inlinehint-threshold=50", "unroll-threshold=0", "unroll-max-count=1",
    "enable-pre=false", "enable-load-pre=false", "disable-licm-promotion", "disable-lsr",
  ].map((arg) => `-Cllvm-args=-${arg}`),
];

const flags = new Set(process.argv.slice(2));
const unknown = [...flags].find((flag) => !["--pack", "--quiet"].includes(flag));
if (unknown) stop(`unknown option ${unknown}`, "use --pack or --quiet");

const manifest = crateManifest();
const compiled = compile();
const bound = bind(compiled);
const wasm = optimise(bound.wasm);
const files = assemble(bound, wasm);
sync(STAGE, files);
sync(PKG, bundled(files));
checkExports();
if (!flags.has("--quiet")) printSizes();
if (flags.has("--pack")) pack();

// ------------------------------------------------------------------ the crate

/** Name, version and target directory, as cargo sees them, and the folders that hold the sources of other crates. */
function crateManifest() {
  const args = ["metadata", "--locked", "--filter-platform", TARGET, "--format-version", "1"];
  const text = execFileSync("cargo", args, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 26 });
  /** @type {{ packages: any[], target_directory: string }} */
  const { packages, target_directory: targetDirectory } = JSON.parse(text);
  const crate = packages.find((it) => it.name === "endpoint-cache");
  const foreign = packages.filter((it) => it.source !== null).map((it) => dirname(dirname(it.manifest_path)));
  return { version: crate.version, description: crate.description, license: crate.license, targetDirectory, foreign: [...new Set(foreign)] };
}

/**
 * The release build; cargo itself knows when there is nothing to do. Messages of panics name source files: without the
 * machine's folders in them, two machines build the same module, and it says nothing of either. The last prefix that
 * fits is the one that is replaced.
 */
function compile() {
  const sysroot = execFileSync("rustc", ["--print", "sysroot"], { cwd: ROOT, encoding: "utf8" }).trim();
  const prefixes = [[homedir(), "home"], [sysroot, "rust"], [ROOT, "endpoint-cache/"], ...manifest.foreign.map((dir) => [dir, "crates"])];
  const flags = [...SPARING, ...prefixes.map(([from, to]) => `--remap-path-prefix=${from}=${to}`)];
  console.error("build: compiling the crate (half a minute where nothing of it is there yet)");
  const source = existsSync(join(sysroot, "lib", "rustlib", "src", "rust", "library", "Cargo.toml"));
  if (!source || !cargo([...flags, ...OWN_STD.flags], OWN_STD)) {
    const why = source ? "that failed: once more" : "its source is not here:";
    console.error(`build: ${why} with the standard library as it comes, which makes the module an eighth larger`);
    if (!cargo(flags)) stop("cargo could not build the crate", "its message stands above; scripts/setup.sh wasm installs what it needs");
  }
  return join(manifest.targetDirectory, TARGET, "release", "endpoint_cache.wasm");
}

/** @returns whether it could be built */
function cargo(/** @type {string[]} */ flags, /** @type {{ args?: readonly string[], env?: Record<string, string> }} */ { args = [], env = {} } = {}) {
  const config = `target.${TARGET}.rustflags=${JSON.stringify(flags)}`;
  const build = ["build", "--lib", "--release", "--locked", "--target", TARGET, "--config", config, ...args];
  const { status } = spawnSync("cargo", build, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, ...env } });
  return status === 0;
}

/** Runs wasm-bindgen; returns the glue, its types, the host modules of the crate and the module, all in memory. */
function bind(/** @type {string} */ input) {
  const options = ["--target", "web", "--omit-default-module-path", "--remove-name-section", "--remove-producers-section",
    // An instance that trapped is replaced by a new one.
    "--experimental-reset-state-function"];
  const out = cached("bind", [readFileSync(input), JSON.stringify(options), ...hostModules()], (dir) => {
    run("wasm-bindgen", [input, "--out-dir", dir, "--out-name", "endpoint_cache", ...options]);
  });
  /** @type {Map<string, Buffer>} */
  const files = new Map();
  let glue = readFileSync(join(out, "endpoint_cache.js"), "utf8");
  // The crate's own JavaScript lands under snippets/<crate>-<hash>/src/bindings/; the package gives it a name without a
  // hash, so that the hand-written modules can import the same file. Only the import statements change: the same text
  // as a property name is what the module itself asks for.
  const snippets = /(from\s+['"])\.\/snippets\/endpoint-cache-[0-9a-f]+\/src\/bindings\//g;
  glue = glue.replace(snippets, "$1./");
  const { wasm, names, rest } = withTable(join(out, "endpoint_cache_bg.wasm"), join(out, "endpoint_cache.js"));
  const imports = renamed(WebAssembly.Module.imports(new WebAssembly.Module(wasm)));
  glue = improved(glue, { imports, names, rest });
  for (const path of walk(out)) {
    const short = path.replace(/^snippets\/endpoint-cache-[0-9a-f]+\/src\/bindings\//, "");
    if (short !== path) files.set(short, readFileSync(join(out, path)));
    else if (path.startsWith("snippets/")) stop(`${path} lies outside src/bindings`, "keep JavaScript modules of the crate there");
  }
  files.set("endpoint_cache.js", Buffer.from(glue));
  files.set("endpoint_cache.d.ts", readFileSync(join(out, "endpoint_cache.d.ts")));
  return { files, wasm: withImports(wasm, imports) };
}

/** The text of the crate's JavaScript: wasm-bindgen copies it, so a change in it is a change of its input. */
function hostModules() {
  const dir = join(ROOT, "src", "bindings");
  return walk(dir).filter((path) => path.endsWith(".js")).map((path) => path + readFileSync(join(dir, path), "utf8"));
}

/** Where the first of these scripts lies, and the text of it and of those that it imports: a change in one is a change of its input. */
function scripts(/** @type {string[]} */ ...names) {
  const paths = names.map((name) => join(ROOT, "scripts", name));
  return [...paths.slice(0, 1), ...paths.map((path) => readFileSync(path, "utf8"))];
}

/** Moves the exported functions into a table: the module, their names and those of the other exports. */
function withTable(/** @type {string} */ input, /** @type {string} */ glue) {
  const [script = "", ...texts] = scripts("table.mjs", "glue.mjs");
  const out = cached("table", [readFileSync(input), readFileSync(glue), ...texts, binaryenVersion()], (dir) => {
    run(process.execPath, [script, input, glue, join(dir, "out.wasm"), join(dir, "out.json")]);
  });
  /** @type {{ names: string[], rest: string[] }} */
  const { names, rest } = JSON.parse(readFileSync(join(out, "out.json"), "utf8"));
  return { wasm: readFileSync(join(out, "out.wasm")), names, rest };
}

/** Runs wasm-opt, and once more to put functions in order. */
function optimise(/** @type {Buffer} */ input) {
  const [script = "", ...texts] = scripts("order.mjs", "sections.mjs");
  const out = cached("optimise", [input, ...texts, `${PASSES} ${ORDER} ${binaryenVersion()}`], (dir) => {
    const raw = join(dir, "in.wasm");
    const small = join(dir, "small.wasm");
    const named = join(dir, "named.wasm");
    writeFileSync(raw, input);
    run(process.execPath, [binaryen("wasm-opt"), raw, ...PASSES, "-o", small]);
    run(process.execPath, [script, small, named]);
    run(process.execPath, [binaryen("wasm-opt"), named, ...ORDER, "-o", join(dir, "out.wasm")]);
  });
  return readFileSync(join(out, "out.wasm"));
}

/** The module that reads the text in which the module travels. */
function reader() {
  const source = join(ROOT, "scripts", "unpack.wat");
  const out = cached("reader", [readFileSync(source), binaryenVersion()], (dir) => {
    run(process.execPath, [binaryen("wasm-as"), source, "-o", join(dir, "out.wasm")]);
  });
  return readFileSync(join(out, "out.wasm"));
}

function binaryen(/** @type {string} */ tool) {
  const path = join(ROOT, "scripts", "node_modules", "binaryen", "bin", tool);
  return existsSync(path) ? path : stop("scripts/node_modules has no binaryen", "run scripts/setup.sh node");
}

function binaryenVersion() {
  return JSON.parse(readFileSync(join(dirname(dirname(binaryen("wasm-opt"))), "package.json"), "utf8")).version;
}

// ------------------------------------------------------------------ the package

/** Every module and document as it was written, and the manifest. */
function assemble(/** @type {ReturnType<typeof bind>} */ { files }, /** @type {Buffer} */ module) {
  /** @type {Map<string, Buffer>} */
  const out = new Map();
  for (const path of walk(TEMPLATE)) out.set(path, readFileSync(join(TEMPLATE, path)));
  for (const name of DOCUMENTS) {
    if (!out.has(name) && existsSync(join(ROOT, name))) out.set(name, readFileSync(join(ROOT, name)));
  }
  // What the README shows and links to lies in the template here, and beside it in the package.
  const readme = out.get("README.md")?.toString().replaceAll("](pkg-template/", "](");
  if (readme !== undefined) out.set("README.md", Buffer.from(readme));
  for (const [path, bytes] of files) out.set(`wasm/${path}`, bytes);
  out.set("wasm/endpoint_cache.wasm", module);
  out.set("wasm/endpoint_cache.wasm.d.ts", Buffer.from("declare const module: WebAssembly.Module;\nexport default module;\n"));
  out.set("wasm/inline.js", Buffer.from(
    packAsModule(module, reader(), "endpoint_cache.wasm as text, for hosts that cannot import or read a file; lib/unpack.js reads it."),
  ));
  const { name, version: _, description: __, exports, ...rest } = template();
  const description = rest.description ?? manifest.description;
  const whole = {
    name, version: manifest.version, description, license: manifest.license, ...rest,
    exports: expanded(exports), typesVersions: typesVersions(exports),
  };
  out.set("package.json", Buffer.from(`${JSON.stringify(whole, null, 2)}\n`));
  for (const [path, bytes] of [...out]) {
    if (path.endsWith(".d.ts") && !path.startsWith("wasm/")) out.set(path.replace(/\.ts$/, ".cts"), Buffer.from(commonTypes(String(bytes))));
  }
  return out;
}

/**
 * What people install: the entries and what they share, bundled, and every file that is no module as it is.
 *
 * A host reads all of a source before it runs any. Without blanks and long-hand that takes it a millisecond less, of five;
 * short names would save a quarter of one more, and say nothing in a stack. All other than
 * ASCII is written as an escape: a source with one such character is read with two bytes for each of its own.
 */
function bundled(/** @type {Map<string, Buffer>} */ files) {
  const { exports } = JSON.parse(String(files.get("package.json")));
  const entries = [...new Set(targets(exports))].filter((path) => path.endsWith(".js")).map((path) => path.replace("./", ""));
  const out = new Map([...files].filter(([path]) => !path.endsWith(".js")));
  /** @type {import("esbuild").BuildOptions} */
  const options = {
    outdir: PKG, chunkNames: "chunks/[hash]", format: "esm", platform: "neutral", target: "esnext",
    external: ["*.wasm", "*.wasm?module"], packages: "external", ...SHORT,
  };
  // The entries that share an instance share the files it is in; any other holds all it needs.
  const apart = entries.filter((entry) => !needs(entry, "wasm/endpoint_cache.js", options));
  const together = entries.filter((entry) => !apart.includes(entry));
  const modules = withoutEmpty([
    ...bundle({ ...options, entryPoints: together, splitting: true }),
    ...apart.flatMap((entry) => bundle({ ...options, entryPoints: [entry], outbase: STAGE })),
  ]);
  for (const { path, text } of modules) out.set(relative(PKG, path).split(sep).join("/"), Buffer.from(inLines(text)));
  const common = new Set([...entriesOf(template().exports).values()].map((path) => path.replace("./", "")));
  const both = (/** @type {string[]} */ list) => list.filter((entry) => common.has(entry));
  for (const { path, text } of commonJs(both(together), both(apart), { ...options, absWorkingDir: STAGE })) out.set(path, Buffer.from(text));
  return out;
}

/** The manifest as it was written: each entry is one file there. */
function template() {
  return JSON.parse(readFileSync(join(TEMPLATE, "package.json"), "utf8"));
}

/** Whether an entry imports this module, itself or through others. */
function needs(/** @type {string} */ entry, /** @type {string} */ module, /** @type {import("esbuild").BuildOptions} */ options) {
  const { metafile } = buildSync({ ...options, absWorkingDir: STAGE, entryPoints: [entry], bundle: true, write: false, metafile: true });
  return metafile !== undefined && module in metafile.inputs;
}

/** Writes what differs and removes what no longer belongs. */
function sync(/** @type {string} */ dir, /** @type {Map<string, Buffer>} */ wanted) {
  mkdirSync(dir, { recursive: true });
  for (const path of walk(dir)) if (!wanted.has(path)) rmSync(join(dir, path));
  for (const [path, bytes] of wanted) writeIfChanged(join(dir, path), bytes);
}

/** A path in `exports` that does not exist is found here and not by the first user. */
function checkExports() {
  const { exports, sideEffects } = JSON.parse(readFileSync(join(PKG, "package.json"), "utf8"));
  const missing = [...targets(exports), ...sideEffects]
    .filter((path) => !path.includes("*") && !existsSync(join(PKG, path)));
  if (missing.length > 0) stop(`package.json names files that do not exist: ${[...new Set(missing)].join(", ")}`, "add them to pkg-template/");
}

/** @returns {string[]} */
function targets(/** @type {any} */ node) {
  if (typeof node === "string") return [node];
  return node === null ? [] : Object.values(node).flatMap(targets);
}

function pack() {
  const out = join(ROOT, "build");
  for (const name of readdirSync(out)) if (name.endsWith(".tgz")) rmSync(join(out, name));
  const [report] = JSON.parse(execFileSync(
    "npm", ["pack", PKG, "--pack-destination", out, "--json", "--ignore-scripts", "--loglevel=error"], { cwd: ROOT, encoding: "utf8" }));
  console.log(`build/${report.filename}: ${report.files.length} files, ${kb(report.size)} packed, ${kb(report.unpackedSize)} unpacked`);
}

// ------------------------------------------------------------------ sizes

/** What each entry costs the person who bundles it: itself and all it imports, minified. */
function printSizes() {
  const module = readFileSync(join(PKG, "wasm", "endpoint_cache.wasm"));
  /** @type {[string, Buffer][]} */
  const rows = [["wasm/endpoint_cache.wasm", module], ["wasm/endpoint_cache.js (glue)", readFileSync(join(STAGE, "wasm", "endpoint_cache.js"))]];
  const entries = new Map(Object.entries({ "index.js (wasm inside)": "index.js", "workerd.js (+ .wasm)": "workerd.js", "slim.js (+ .wasm)": "slim.js" }));
  const { exports } = JSON.parse(readFileSync(join(PKG, "package.json"), "utf8"));
  for (const [subpath, node] of Object.entries(exports)) {
    const file = targets(node).find((path) => path.endsWith(".js"));
    if (file && ![...entries.values()].includes(file.replace("./", ""))) entries.set(`${subpath} alone`, file.replace("./", ""));
  }
  for (const [title, file] of entries) {
    const [whole] = bundle({
      entryPoints: [file], minify: true, format: "esm", platform: "neutral", external: ["*.wasm", "*.wasm?module"], packages: "external",
    });
    if (whole) rows.push([title, Buffer.from(whole.contents)]);
  }
  console.log(`\nendpoint-cache ${manifest.version}, entries bundled and minified${"raw         gzip      brotli".padStart(29)}`);
  for (const [title, bytes] of rows) {
    const cells = [bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length];
    console.log(`  ${title.padEnd(42)}${cells.map((size) => kb(size).padStart(12)).join("")}`);
  }
}

function kb(/** @type {number} */ bytes) {
  return `${(bytes / 1000).toFixed(1)} KB`;
}

// ------------------------------------------------------------------ helpers

/** Files out of entries of build/package/ and all they import. */
function bundle(/** @type {import("esbuild").BuildOptions} */ options) {
  try {
    return buildSync({ ...options, absWorkingDir: STAGE, bundle: true, write: false, logLevel: "warning" }).outputFiles ?? [];
  } catch {
    return stop(`esbuild could not bundle build/package/${options.entryPoints}`, "its message stands above");
  }
}

/** A folder made by `make` for these inputs, kept until the inputs change. */
function cached(/** @type {string} */ step, /** @type {(string | Buffer)[]} */ inputs, /** @type {(dir: string) => void} */ make) {
  const hash = createHash("sha256");
  for (const input of inputs) hash.update(input).update("\0");
  const dir = join(CACHE, `${step}-${hash.digest("hex").slice(0, 16)}`);
  const done = join(dir, ".done");
  if (existsSync(done)) return dir;
  mkdirSync(CACHE, { recursive: true });
  for (const old of readdirSync(CACHE)) if (old.startsWith(`${step}-`)) rmSync(join(CACHE, old), { recursive: true });
  mkdirSync(dir, { recursive: true });
  make(dir);
  writeFileSync(done, "");
  return dir;
}

/** Files below a folder as paths with forward slashes, sorted; names that start with a dot are left out. */
function walk(/** @type {string} */ dir) {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((path) => !path.split(sep).some((part) => part.startsWith(".")) && statSync(join(dir, path)).isFile())
    .map((path) => relative(".", path).split(sep).join("/"))
    .sort();
}

function writeIfChanged(/** @type {string} */ path, /** @type {Buffer} */ bytes) {
  if (existsSync(path) && readFileSync(path).equals(bytes)) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

function run(/** @type {string} */ command, /** @type {string[]} */ args) {
  try {
    execFileSync(command, args, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
  } catch (error) {
    const { code, status } = /** @type {any} */ (error);
    stop(`${command} ${args.join(" ")} ${code === "ENOENT" ? "is not there" : `ended with ${status}`}`, "run scripts/setup.sh wasm node");
  }
}

/** @returns {never} */
function stop(/** @type {string} */ what, /** @type {string} */ hint) {
  console.error(`build: ${what}\nbuild: what you can do: ${hint}`);
  process.exit(1);
}
