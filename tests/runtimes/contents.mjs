/**
 * Which files of the installed package nothing needs: from each target of `exports` all that it imports is followed,
 * for code and for types; documents are needed as they are.
 */

import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, posix } from "node:path";

const DOCUMENTS = /^(README|CHANGELOG|LICENSE[^/]*)(\.md)?$|^docs\/[\w-]+\.(md|svg)$|^package\.json$/;
/** What follows names a file: `from "…"`, `import("…")`, `import "…"`, `require("…")`, a reference of types. */
const NAMED = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\(|<reference path=)["'](\.{1,2}\/[^"'?]+)/g;
/** At the end of a module: the map that leads to its sources. */
const MAPPED = /^\/\/# sourceMappingURL=(.+)\n$/m;

/** @param {string} root folder of the package @returns {{ needless: string[], missing: string[] }} */
export function contents(root) {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => statSync(join(root, path)).isFile());
  const { exports, main, module, types } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const todo = [...targets(exports), main, module, types].map((path) => posix.normalize(path));
  // What makes CommonJS of the modules beside it.
  todo.push("cjs/package.json");
  const needed = new Set();
  const missing = [];
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    if (needed.has(path)) continue;
    needed.add(path);
    if (!existsSync(join(root, path))) {
      missing.push(path);
    } else if (/\.([cm]?js|ts)$/.test(path)) {
      const text = readFileSync(join(root, path), "utf8");
      const types = path.endsWith("ts");
      const map = MAPPED.exec(text)?.[1];
      if (map !== undefined) todo.push(posix.join(dirname(path), map));
      // What a comment of JavaScript names is no import.
      const code = types ? text : text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
      for (const [, name = ""] of code.matchAll(NAMED)) {
        const file = posix.join(dirname(path), name);
        todo.push(types ? file.replace(/\.js$/, ".d.ts") : file);
      }
    }
  }
  return { needless: files.filter((path) => !needed.has(path) && !DOCUMENTS.test(path)), missing };
}

/** @returns {string[]} */
function targets(/** @type {any} */ node) {
  if (typeof node === "string") return [node];
  return node === null ? [] : Object.values(node).flatMap(targets);
}
