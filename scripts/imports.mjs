// Gives what a module imports the names people would give it. wasm-bindgen's end in a hash each, and those of host modules are paths:
// what looks random does not compress, and stands in the module and in the glue.
//
// Knows how wasm-bindgen makes such names; knows nothing of what is imported.

import { SECTIONS, leb128, section, sized, text } from "./sections.mjs";

/** @typedef {{ module: string, name: string }} Import */
/** @typedef {{ from: Import, to: Import }} Renamed */

/** What is said of an imported function, before the number of its type. */
const FUNCTION = 0;

/** What a module imports, each with what it is called from now on. */
export function renamed(/** @type {Import[]} */ imports) {
  /** @type {Map<string, string>} what has each new name */
  const owners = new Map();
  return imports.map(({ module, name }) => {
    const room = module.endsWith("_bg.js") ? "glue" : module.replace(/^.*\//, "").replace(/\.js$/, "");
    const plain = name.replace(/^(__wbg_|__wbindgen_)+/, "").replace(/_[0-9a-f]{16}$/, "");
    let own = plain;
    // The same thing may be imported several times, each time as something else.
    for (let copy = 2; (owners.get(`${room}.${own}`) ?? name) !== name; copy += 1) own = `${plain}${copy}`;
    owners.set(`${room}.${own}`, name);
    return { from: { module, name }, to: { module: room, name: own } };
  });
}

/** The module with these names. */
export function withImports(/** @type {Buffer} */ wasm, /** @type {Renamed[]} */ names) {
  const { content, start, end } = section(wasm, SECTIONS.imports);
  const count = content.number();
  if (count !== names.length) throw new Error(`the module imports ${count} things, of which ${names.length} have a name`);
  const named = names.map(({ to }) => {
    content.sized();
    content.sized();
    if (content.number() !== FUNCTION) throw new Error("the module imports something that is no function");
    return Buffer.concat([text(to.module), text(to.name), leb128(FUNCTION), leb128(content.number())]);
  });
  const imports = Buffer.concat([leb128(count), ...named]);
  return Buffer.concat([wasm.subarray(0, start), leb128(SECTIONS.imports), sized(imports), wasm.subarray(end)]);
}
