// What package.json tells hosts about each entry. The template names one file for each; the conditions are the same for all
// and are put here.
//
// In Node there is one instance of the package and one set of classes, whoever asks for them in which way: `require` gets the
// CommonJS build, and `import` gets an `.mjs` that hands on the same. It has to be this way round because an older Node, and
// Jest, cannot `require` an ES module. Bundlers, Bun and Deno take the ES module for both.

/** @typedef {{ [condition: string]: string | Conditions }} Conditions */

/** Paths of the other forms of an entry that is written as an ES module. @param {string} file */
export function formsOf(file) {
  const stem = file.replace(/\.js$/, "");
  return { common: `${stem}.cjs`, wrapper: `${stem}.mjs`, types: `${stem}.d.ts`, commonTypes: `${stem}.d.cts` };
}

/** `exports` with all conditions. An object's own ones come first, and its `default` is the file for every other host. @param {Record<string, any>} exports */
export function expanded(exports) {
  return Object.fromEntries(Object.entries(exports).map(([subpath, node]) => {
    if (isEntry(node)) return [subpath, conditionsOf(node)];
    if (!isEntry(node.default)) return [subpath, node];
    const { default: file, ...own } = node;
    return [subpath, { ...own, ...conditionsOf(file) }];
  }));
}

/** The file of each entry that has a CommonJS form, under its subpath. @param {Record<string, any>} exports @returns {Map<string, string>} */
export function entriesOf(exports) {
  const files = Object.entries(exports).map(([subpath, node]) => /** @type {[string, any]} */ ([subpath, node.default ?? node]));
  return new Map(files.filter(([, file]) => isEntry(file)));
}

/** Where TypeScript finds the types of a subpath under `moduleResolution: "node10"`, which does not read `exports`. @param {Record<string, any>} exports */
export function typesVersions(exports) {
  const rows = [...entriesOf(exports)].filter(([subpath]) => subpath !== ".").map(([subpath, file]) => [subpath.slice(2), [formsOf(file).types]]);
  return { "*": Object.fromEntries(rows) };
}

/** @param {any} node */
function isEntry(node) {
  return typeof node === "string" && node.endsWith(".js");
}

/** @param {string} file @returns {Conditions} */
function conditionsOf(file) {
  const { common, wrapper, types, commonTypes } = formsOf(file);
  const esm = { types, default: file };
  const cjs = { types: commonTypes, default: common };
  return { bun: esm, deno: esm, module: esm, node: { import: { types, default: wrapper }, require: cjs }, import: esm, require: cjs, default: file };
}
