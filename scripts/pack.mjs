// The tarball of the package as it was built: node scripts/pack.mjs   (make pack, which builds it first) -> build/*.tgz
import { execFileSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
for (const name of readdirSync("build")) if (name.endsWith(".tgz")) rmSync(`build/${name}`);
const args = ["pack", "./pkg", "--pack-destination", "build", "--json", "--ignore-scripts", "--loglevel=error"];
const [{ filename, files, size, unpackedSize }] = JSON.parse(execFileSync("npm", args, { encoding: "utf8" }));
console.log(`build/${filename}: ${files.length} files, ${kb(size)} packed, ${kb(unpackedSize)} unpacked`);

function kb(/** @type {number} */ bytes) {
  return `${(bytes / 1000).toFixed(1)} KB`;
}
