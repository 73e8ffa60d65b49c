// Builds the npm package: cargo -> wasm-bindgen -> wasm-opt -> esbuild -> pkg/
// Cargo knows by itself when there is nothing to compile, wasm-bindgen and wasm-opt are skipped where what they read is the same,
// and esbuild takes no time. How code is generated stands in .cargo/, what package.json says in exports.mjs.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { entriesOf, expanded, formsOf, typesVersions } from "./exports.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const ROOT = process.cwd();
const TARGET = "wasm32-unknown-unknown";
/** What wasm-bindgen writes, and the module optimised, as such and as text: `#wasm/…` in the sources. */
const WASM = "build/wasm";
/** Every module of the sources by itself, for tests of what the package does not export. */
const MODULES = "build/modules";
const PKG = "pkg";
const OWN_STD = process.env.OWN_STD === "1";
/** An instance that trapped is replaced by a new one, hence the function that resets its state. */
const BINDGEN = ["--target=web", "--omit-default-module-path", "--experimental-reset-state-function"];
const NAMELESS = ["--remove-name-section", "--remove-producers-section"];

/** Where esbuild finds what is imported by another name than a file's. @type {import("esbuild").Plugin} */
const PLACES = {
  name: "places",
  setup({ onResolve, resolve }) {
    // The glue becomes part of a bundle; the module, in both forms, is a file of its own in the package.
    onResolve({ filter: /^#wasm\// }, ({ path }) => {
      const file = path.replace("#wasm/", "");
      return file === "endpoint_cache.js" ? { path: join(ROOT, WASM, file) } : { path: `./wasm/${file}`, external: true };
    });
    // The glue imports copies of the crate's own JavaScript. It gets the sources, as all others do: there is one of each.
    onResolve({ filter: /^\.\/snippets\// }, ({ kind }) => resolve("./src/bindings/host/index", { kind, resolveDir: ROOT }));
  },
};
const FORM = /** @type {const} */ ({ format: "esm", platform: "neutral", target: "esnext", packages: "external" });
/** The glue names a module once for each of its functions that the crate imports. */
const QUIET = /** @type {const} */ ({ "duplicate-object-key": "silent" });
const BUNDLE = { ...FORM, bundle: true, plugins: [PLACES], chunkNames: "chunks/[hash]", logOverride: QUIET };
/** A host reads all of a source before it runs any: without blanks that takes a millisecond less, of five. Names stay, for stacks. */
const SHORT = { minifyWhitespace: true, minifySyntax: true, lineLimit: 140 };

const crate = metadata();
makeModule(compile());
await bundleModules();
await bundlePackage();

/** What cargo knows of the crate, and the folders that hold the sources of other crates. */
function metadata() {
  const args = ["metadata", "--locked", "--filter-platform", TARGET, "--format-version", "1"];
  /** @type {{ packages: any[], target_directory: string }} */
  const { packages, target_directory: target } = JSON.parse(execFileSync("cargo", args, { encoding: "utf8", maxBuffer: 1e8 }));
  const { version, license } = packages.find(({ name }) => name === "endpoint-cache");
  const foreign = packages.filter(({ source }) => source).map(({ manifest_path: path }) => dirname(dirname(path)));
  return { version, license, target, foreign: [...new Set(foreign)] };
}

/**
 * Messages of panics name source files: with the machine's folders replaced, two clones give the same module byte for byte, and
 * it says nothing of either. The last prefix that fits is the one that is replaced.
 */
function compile() {
  const sysroot = execFileSync("rustc", ["--print", "sysroot"], { encoding: "utf8" }).trim();
  const known = [`${homedir()}=home`, `${sysroot}=rust`, `${ROOT}=endpoint-cache`, ...crate.foreign.map((dir) => `${dir}=crates`)];
  const flags = known.map((it) => `--remap-path-prefix=${it}`);
  const configs = [`target.${TARGET}.rustflags=${JSON.stringify(flags)}`, ...(OWN_STD ? [".cargo/own-std.toml"] : [])];
  const args = ["build", "--quiet", "--lib", "--release", "--locked", "--target", TARGET, ...configs.flatMap((it) => ["--config", it])];
  run("cargo", args, OWN_STD ? { RUSTC_BOOTSTRAP: "1" } : {});
  return join(crate.target, TARGET, "release/endpoint_cache.wasm");
}

function makeModule(/** @type {string} */ compiled) {
  const inputs = [compiled, "scripts/package-lock.json", "scripts/build.mjs"];
  const mark = `${WASM}/${inputs.reduce((hash, path) => hash.update(readFileSync(path)), createHash("sha256")).digest("hex")}`;
  if (existsSync(mark)) return;
  rmSync(WASM, { recursive: true, force: true });
  run("wasm-bindgen", [compiled, "--out-dir", WASM, "--out-name", "endpoint_cache", ...BINDGEN, ...NAMELESS]);
  const optimised = `${WASM}/endpoint_cache.wasm`;
  run("node", ["scripts/node_modules/binaryen/bin/wasm-opt", `${WASM}/endpoint_cache_bg.wasm`, "-Oz", "-o", optimised]);
  put(`${WASM}/inline.js`, `export const base64 =\n  "${readFileSync(optimised, "base64")}";\n`);
  put(mark, "");
}

async function bundleModules() {
  rmSync(MODULES, { recursive: true, force: true });
  const entryPoints = ["pkg-template/src/**/*", "src/bindings/host/*", `${WASM}/endpoint_cache.js`];
  await build({ ...BUNDLE, entryPoints, outbase: ".", outdir: MODULES, splitting: true });
  put(`${MODULES}/package.json`, '{ "type": "module" }\n');
  cpSync(`${WASM}/inline.js`, `${MODULES}/pkg-template/src/wasm/inline.js`);
}

async function bundlePackage() {
  rmSync(PKG, { recursive: true, force: true });
  cpSync("pkg-template", PKG, { recursive: true, filter: (path) => path !== "pkg-template/src" });
  // What documents link to lies in the template here, and beside them in the package. One page is for those who change the sources.
  const pages = readdirSync("docs").flatMap((name) => (name === "architecture.md" ? [] : `docs/${name}`));
  const texts = ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE", "LICENSE-THIRD-PARTY", ...pages];
  for (const name of texts) put(`${PKG}/${name}`, readFileSync(name, "utf8").replaceAll(/\]\((\.\.\/)?pkg-template\//g, "]($1"));
  const { exports, ...rest } = JSON.parse(readFileSync("pkg-template/package.json", "utf8"));
  const own = { version: crate.version, license: crate.license, exports: expanded(exports), typesVersions: typesVersions(exports) };
  put(`${PKG}/package.json`, `${JSON.stringify({ ...rest, ...own }, null, 2)}\n`);
  const inline = readFileSync(`${WASM}/inline.js`, "utf8");
  put(`${PKG}/wasm/inline.js`, inline);
  put(`${PKG}/cjs/wasm/inline.js`, inline.replace("export const base64", '"use strict";\nexports.base64'));
  cpSync(`${WASM}/endpoint_cache.wasm`, `${PKG}/wasm/endpoint_cache.wasm`);

  const common = [...new Set(entriesOf(exports).values())];
  // The last two are of hosts that know nothing but ES modules.
  const entries = [...common, "./workerd.js", "./edge-light.js"];
  const options = { ...BUNDLE, ...SHORT, outbase: "pkg-template/src", outdir: PKG, sourcemap: /** @type {const} */ ("linked") };
  const sources = (/** @type {string[]} */ files) => files.map((file) => `./pkg-template/src/${file.slice(2, -3)}`);
  await build({ ...options, entryPoints: sources(entries) });
  // Those with the glue in them share it, in chunks. Any other holds all it needs, so that these chunks are few.
  const sharing = entries.filter((file) => readFileSync(`${PKG}/${file}`, "utf8").includes("__wbindgen_start"));
  await build({ ...options, entryPoints: sources(sharing), splitting: true });
  for (const name of readdirSync(`${PKG}/chunks`)) if (name.endsWith(".js")) await putCommon(`chunks/${name}`, SHORT);
  // An entry is written in long-hand, for the tools that look into it for what it exports.
  await Promise.all(common.map((file) => putCommon(file, {})));
  common.forEach(putWrapper);
  putTypes(common);
}

/** What the compiler says of the sources, as far as entries lead to it. Below cjs/ the same files are those of CommonJS. */
function putTypes(/** @type {string[]} */ files) {
  run("node", ["scripts/node_modules/typescript/bin/tsc", "-p", "scripts/types/tsconfig.json"]);
  const reached = new Set(files.map((file) => formsOf(file).types));
  for (const path of reached) {
    if (path.startsWith("./..")) throw new Error(`types of the package lead out of it, to ${path}`);
    const text = readFileSync(`build/types/pkg-template/src/${path}`, "utf8");
    for (const [, to = ""] of text.matchAll(/(?:from |import\()"(\.[^"]+)\.js"/g)) reached.add(`./${join(dirname(path), to)}.d.ts`);
    for (const place of ["", "cjs/"]) put(`${PKG}/${place}${path}`, text);
  }
}

/** The CommonJS form of a module. */
async function putCommon(/** @type {string} */ path, /** @type {import("esbuild").TransformOptions} */ style) {
  const name = `${basename(path)}.map`;
  const source = `data:application/json;base64,${readFileSync(`${PKG}/${path}.map`, "base64")}`;
  const form = /** @type {const} */ ({ format: "cjs", platform: "node", target: "node20", sourcemap: "external", banner: '"use strict";' });
  const { code, map } = await transform(readFileSync(`${PKG}/${path}`, "utf8").replace(name, source), { ...form, ...style });
  put(`${PKG}/cjs/${path}`, `${code}//# sourceMappingURL=${name}\n`);
  put(`${PKG}/cjs/${path}.map`, map);
}

/** What `import` gets in Node: all that the CommonJS form exports. */
function putWrapper(/** @type {string} */ file) {
  const from = `"./${relative(dirname(file), formsOf(file).common)}"`;
  const isDefault = /\bas default\b/.test(readFileSync(`${PKG}/${file}`, "utf8"));
  const more = isDefault ? `import it from ${from};\nexport default it.default;\n` : "";
  put(`${PKG}/${formsOf(file).wrapper}`, `export * from ${from};\n${more}`);
}

function put(/** @type {string} */ path, /** @type {string} */ text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function run(/** @type {string} */ command, /** @type {string[]} */ args, env = {}) {
  execFileSync(command, args, { stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, ...env } });
}
