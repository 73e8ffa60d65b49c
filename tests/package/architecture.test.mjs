// docs/architecture.md and CONTRIBUTING.md say what is so: every file and function they name is there, and each hazard is tested where they say.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SOURCES = ["src", "pkg-template/src"].flatMap((dir) => filesBelow(dir).filter((path) => /\.(rs|ts)$/.test(path) && !path.endsWith("host.js")));
const page = readFileSync(join(ROOT, "docs/architecture.md"), "utf8");
const rows = [...page.matchAll(/^\| H(\d\d) \| .* \| ([^|]*) \|$/gm)].map(([, number, tests]) => ({ number, tests: [...tests.matchAll(/`([^`]+)`/g)].map(([, path]) => path) }));

test("every file that is named exists", () => {
  for (const document of ["docs/architecture.md", "CONTRIBUTING.md", "README.md"]) {
    const text = readFileSync(join(ROOT, document), "utf8");
    for (const [, path] of text.matchAll(/(?<=[`\s(])((?:src|pkg-template|tests|scripts|examples|docs|benches|\.cargo)\/[\w./*-]*\w[/*]?)/g)) {
      const [folder] = path.split("*");
      assert.ok(existsSync(join(ROOT, folder)), `${document}: ${path}`);
    }
  }
});

test("every function of a drawing is in the file it is drawn with", () => {
  const drawn = [...page.matchAll(/\b(\w+) \(([\w-]+\.(?:ts|rs))\)/g)];
  assert.ok(drawn.length > 10);
  for (const [, name, file] of drawn) {
    const found = SOURCES.filter((path) => path.endsWith(`/${file}`));
    assert.ok(found.some((path) => new RegExp(`\\b${name}\\b`).test(readFileSync(join(ROOT, path), "utf8"))), `${name} in ${file}`);
  }
});

test("every hazard from H01 to H33 is explained", () => {
  assert.deepEqual(rows.map(({ number }) => Number(number)), Array.from({ length: 33 }, (_, at) => at + 1));
});

test("each hazard is tested in the files that are named, and in no others", () => {
  const found = new Map(rows.map(({ number }) => [number, new Set()]));
  for (const path of filesBelow("tests").filter((name) => /\.(rs|mjs)$/.test(name) && !name.endsWith("architecture.test.mjs"))) {
    for (const [, number] of readFileSync(join(ROOT, path), "utf8").matchAll(/(?:\bH|\bfn h)(\d\d)(?=_|\b)/g)) found.get(number)?.add(path);
  }
  for (const { number, tests } of rows) {
    assert.deepEqual(tests.map((path) => `tests/${path}`).sort(), [...(found.get(number) ?? [])].sort(), `H${number}`);
    assert.ok(tests.length > 0, `H${number} has a test`);
  }
});

/** Files below a folder of the repository, by their path from its root. */
function filesBelow(dir) {
  const names = readdirSync(join(ROOT, dir), { withFileTypes: true });
  return names.flatMap((entry) => {
    if (entry.name === "node_modules" || entry.name.startsWith(".")) return [];
    const path = `${dir}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
}
