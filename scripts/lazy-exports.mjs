// Moves the functions that a module exports into a table, from which the glue takes each when it first calls it.
//
// For every exported function of a new signature V8 compiles a piece of code between JavaScript and it, before the module is
// there: in Node 20 that took 3 of the 5 ms in which this module was compiled. For a function in a table it waits until
// somebody takes it out, and a process calls a dozen of them.
import binaryen from "binaryen";

/** What the table is called, in the module and in the glue. */
const TABLE = "calls";

/**
 * The module with its functions in a table. One that is imported, and exported as it is, stays.
 *
 * @returns {{ wasm: Uint8Array, names: string[], rest: string[] }} the names in the order of the table, and the other exports
 */
export function intoTable(/** @type {Uint8Array} */ bytes) {
  const module = binaryen.readBinary(bytes);
  const all = Array.from({ length: module.getNumExports() }, (_, at) => binaryen.getExportInfo(module.getExportByIndex(at)));
  const moved = all.filter(({ kind, value }) => kind === binaryen.ExternalFunction && isOwn(module, value));
  module.addTable(TABLE, moved.length, moved.length);
  module.addActiveElementSegment(TABLE, TABLE, moved.map(({ value }) => value), module.i32.const(0));
  module.addTableExport(TABLE, TABLE);
  for (const { name } of moved) module.removeExport(name);
  const wasm = module.emitBinary();
  module.dispose();
  return { wasm, names: moved.map(({ name }) => name), rest: all.filter((it) => !moved.includes(it)).map(({ name }) => name) };
}

function isOwn(/** @type {any} */ module, /** @type {string} */ name) {
  return binaryen.getFunctionInfo(module.getFunction(name)).module === "";
}

/** The glue for such a module: its object of exports has all the names from the start, so that it never changes its shape. */
export function byTable(/** @type {string} */ glue, /** @type {string[]} */ names, /** @type {string[]} */ rest) {
  const places = new Map(names.map((name, at) => [name, at]));
  const called = glue.replace(/\bwasm\.(\w+)/g, (whole, name) => {
    const place = places.get(name);
    return place === undefined ? whole : `(${whole} ??= ${TABLE}.get(${place}))`;
  });
  const opened = called.replace(/\bwasm = (\w+)\.exports;/g, "wasm = open($1.exports);");
  const fields = [...rest.map((name) => `${name}: exports.${name}`), ...names.map((name) => `${name}: undefined`)];
  return `${opened}
let ${TABLE};
function open(exports) {
    ${TABLE} = exports.${TABLE};
    return { ${fields.join(", ")} };
}
`;
}
