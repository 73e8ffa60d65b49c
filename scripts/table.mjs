// Moves the functions that a module exports into a table, from which the glue takes each when it first calls it.
//
//   node scripts/table.mjs IN.wasm GLUE.js OUT.wasm OUT.json     OUT.json: the names in the table, and those of the other exports
//
// What the glue never asks for is exported no more.
//
// For every exported function of a new signature V8 compiles a piece of code between JavaScript and it, before the module is
// there: in Node 20 that took 3 of the 5 ms in which this module was compiled. For a function in a table it waits until
// somebody takes it out, and most processes call a dozen of them.
import { readFileSync, writeFileSync } from "node:fs";
import binaryen from "binaryen";
import { TABLE } from "./glue.mjs";

const [input = "", glue = "", output = "", list = ""] = process.argv.slice(2);
const module = binaryen.readBinary(readFileSync(input));
const asked = new Set(Array.from(readFileSync(glue, "utf8").matchAll(/\bwasm\.(\w+)/g), ([, name]) => name));
const all = Array.from({ length: module.getNumExports() }, (_, at) => binaryen.getExportInfo(module.getExportByIndex(at)));
const used = all.filter(({ name }) => asked.has(name));
// A function that is imported, and exported as it is, stays.
const moved = used.filter(({ kind, value }) => kind === binaryen.ExternalFunction && binaryen.getFunctionInfo(module.getFunction(value)).module === "");
for (const it of all) if (!used.includes(it) || moved.includes(it)) module.removeExport(it.name);
module.addTable(TABLE, moved.length, moved.length);
module.addActiveElementSegment(TABLE, TABLE, moved.map(({ value }) => value), module.i32.const(0));
module.addTableExport(TABLE, TABLE);
writeFileSync(output, module.emitBinary());
const names = moved.map(({ name }) => name);
writeFileSync(list, JSON.stringify({ names, rest: used.map(({ name }) => name).filter((name) => !names.includes(name)) }));
