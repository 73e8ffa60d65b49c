// What package.json tells hosts about each entry. The template names one file for each; the conditions are the same for all.
// In Node there is one instance of the package and one set of classes, whoever asks for them in which way: `require` gets the
// CommonJS build, and `import` gets an `.mjs` that hands on the same. It has to be this way round because an older Node, and
// Jest, cannot `require` an ES module. Bundlers, Bun and Deno take the ES module for both.

/** Paths of the forms of an entry. */
export function formsOf(/** @type {string} */ file) {
  const common = file.replace("./", "./cjs/");
  const types = (/** @type {string} */ path) => path.replace(/\.js$/, ".d.ts");
  return { common, wrapper: file.replace(/\.js$/, ".mjs"), types: types(file), commonTypes: types(common) };
}

/** The file of each entry that has all forms, under its subpath. */
export function entriesOf(/** @type {Record<string, any>} */ exports) {
  const files = Object.entries(exports).map(([subpath, node]) => /** @type {[string, string]} */ ([subpath, node.default ?? node]));
  return new Map(files.filter(([, file]) => file.endsWith(".js")));
}

/** `exports` with all conditions. An entry's own ones come first. */
export function expanded(/** @type {Record<string, any>} */ exports) {
  const rows = [...entriesOf(exports)].map(([subpath, file]) => {
    const { default: _, ...own } = typeof exports[subpath] === "string" ? {} : exports[subpath];
    const { common, wrapper, types, commonTypes } = formsOf(file);
    const esm = { types, default: file };
    const cjs = { types: commonTypes, default: common };
    const node = { import: { types, default: wrapper }, require: cjs };
    return [subpath, { ...own, bun: esm, deno: esm, module: esm, node, import: esm, require: cjs, default: file }];
  });
  return { ...exports, ...Object.fromEntries(rows) };
}

/** Where TypeScript finds types under `moduleResolution: "node10"`, which does not read `exports`. */
export function typesVersions(/** @type {Record<string, any>} */ exports) {
  const rows = [...entriesOf(exports)].filter(([subpath]) => subpath !== ".");
  return { "*": Object.fromEntries(rows.map(([subpath, file]) => [subpath.slice(2), [formsOf(file).types]])) };
}
