// What each entry of the built package costs the person who bundles it: node scripts/sizes.mjs   (make build, which builds it first)
//
// An entry is counted with all it imports, minified. Knows what the package exports; needs pkg/.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { entriesOf } from "./exports.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PKG = join(ROOT, "pkg");

const { exports } = JSON.parse(readFileSync(join(PKG, "package.json"), "utf8"));
/** @type {[string, Buffer][]} */
const rows = [
  ["wasm/endpoint_cache.wasm", readFileSync(join(PKG, "wasm", "endpoint_cache.wasm"))],
  ["glue, as wasm-bindgen writes it", readFileSync(join(ROOT, "build", "wasm", "endpoint_cache.js"))],
  ["index.js (wasm inside)", await bundled("./index.js")],
  ["workerd.js (+ .wasm)", await bundled("./workerd.js")],
  ["slim.js (+ .wasm)", await bundled("./slim.js")],
];
for (const [subpath, file] of entriesOf(exports)) {
  if (!/^\.\/(index|slim)\.js$/.test(file)) rows.push([`${subpath} alone`, await bundled(file)]);
}
console.log(`\nentries bundled and minified${"raw         gzip      brotli".padStart(51)}`);
for (const [title, bytes] of rows) {
  const cells = [bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length];
  console.log(`  ${title.padEnd(42)}${cells.map((size) => `${(size / 1000).toFixed(1)} KB`.padStart(12)).join("")}`);
}

async function bundled(/** @type {string} */ file) {
  const { outputFiles } = await build({
    entryPoints: [join(PKG, file)],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "neutral",
    external: ["*.wasm", "*.wasm?module"],
    packages: "external",
    logLevel: "error",
  });
  return Buffer.from(outputFiles[0]?.contents ?? []);
}
