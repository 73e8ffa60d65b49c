// Writes the files that are made of others and checked in:
//
//   src/bindings/host.js      the TypeScript of src/bindings/host/ in one file, for cargo and wasm-pack, which run no step of Node
//
//   node scripts/generate.mjs            write them
//   node scripts/generate.mjs --check    fail where one is out of date
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MARK = "// Generated from src/bindings/host/ by `make generate`. Do not edit.\n";

const check = process.argv.includes("--check");
const stale = Object.entries({ "src/bindings/host.js": hostModule() }).filter(([path, text]) => !isWritten(`${ROOT}${path}`, text));
if (check && stale.length > 0) {
  console.error(`generate: out of date: ${stale.map(([path]) => path).join(", ")}\ngenerate: what you can do: run make generate`);
  process.exit(1);
}
for (const [path, text] of stale) writeFileSync(`${ROOT}${path}`, text);

/** One readable module without imports. */
function hostModule() {
  const {
    outputFiles: [module],
  } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: ["src/bindings/host/index.ts"],
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
  });
  return MARK + module?.text;
}

function isWritten(/** @type {string} */ path, /** @type {string} */ text) {
  try {
    return readFileSync(path, "utf8") === text;
  } catch {
    return false;
  }
}
