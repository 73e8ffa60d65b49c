// The CommonJS half of the package: each entry as a `.cjs`, what they share in chunks of their own, and beside it the `.mjs`
// by which `import` in Node gets the very same. Made of the same modules as the ES half; knows nothing of what they do.
import { basename, relative, sep } from "node:path";
import { buildSync, transformSync } from "esbuild";
import { formsOf } from "./exports.mjs";
import { SHORT, inLines, withoutEmpty } from "./short.mjs";

/**
 * The module as text is a file of its own: Node looks through the whole of a CommonJS file that is imported for the names it
 * exports, and would take milliseconds for 200 KB of text.
 */
const APART = "wasm/inline.js";

/**
 * esbuild splits ES modules alone, so they are bundled as such and translated one by one.
 *
 * @param {string[]} together entries that share chunks
 * @param {string[]} apart entries that hold all they need
 * @param {import("esbuild").BuildOptions} options with `absWorkingDir` and `outdir`
 * @returns {{ path: string, text: string }[]} paths below `outdir`
 */
export function commonJs(together, apart, options) {
  const { outputFiles = [], metafile } = bundle([...together, APART], { ...options, splitting: true });
  const single = apart.map((entry) => bundle([entry], { ...options, outbase: options.absWorkingDir ?? "" }));
  const below = (/** @type {string} */ path) => relative(String(options.outdir), path).split(sep).join("/");
  const names = new Map([metafile, ...single.map((it) => it.metafile)].flatMap((it) => Object.values(it?.outputs ?? {}))
    .map(({ entryPoint, exports }) => [entryPoint, exports]));
  const modules = [...withoutEmpty(outputFiles), ...single.flatMap((it) => it.outputFiles ?? [])];
  return [
    ...modules.map(({ path, text }) => ({ path: below(path), text })).filter(({ path }) => path !== formsOf(APART).common)
      .map(({ path, text }) => ({ path, text: translated(text) })),
    ...[...together, ...apart].map((entry) => ({ path: formsOf(entry).wrapper, text: wrapper(entry, names.get(entry) ?? []) })),
  ];
}

/** @param {string[]} entryPoints @param {import("esbuild").BuildOptions} options */
function bundle(entryPoints, options) {
  return buildSync({
    ...options, entryPoints, bundle: true, write: false, format: "esm", metafile: true, outExtension: { ".js": ".cjs" }, logLevel: "warning",
  });
}

/** @param {string} text of an ES module, which is strict without saying so */
function translated(text) {
  const { code } = transformSync(text, { format: "cjs", platform: "node", target: "node20", ...SHORT });
  // Tools that check types against code look for what is exported at the beginning of a line.
  return `"use strict";\n${inLines(code).replace(/;(?=__export\()/, ";\n")}`;
}

/** An ES module that exports what the CommonJS one does. @param {string} entry @param {string[]} names */
function wrapper(entry, names) {
  const lines = [`import it from "./${basename(formsOf(entry).common)}";`];
  const named = names.filter((name) => name !== "default").sort();
  if (named.length > 0) lines.push(`export const { ${named.join(", ")} } = it;`);
  if (names.includes("default")) lines.push("export default it.default;");
  return `${lines.join("\n")}\n`;
}

/** Types of a CommonJS entry: those of the ES module, and what they name is of the same kind. @param {string} text */
export function commonTypes(text) {
  return text.replace(/(\bfrom\s+|\bimport\()(["'])(\.[^"']*)\.js\2/g, "$1$2$3.cjs$2");
}
