// What the build changes in the glue that wasm-bindgen writes: less to read, to make and to look up when a process starts.
// Knows how that glue looks, and stops where it looks otherwise; knows nothing of what the module does.

/** @typedef {import("./imports.mjs").Renamed} Renamed */

/** What the table of functions is called, in the module and in the glue. */
export const TABLE = "calls";

/** The glue with all of it, for a module with these imports, old names and new, whose table holds functions of these names. */
export function improved(
  /** @type {string} */ glue,
  /** @type {{ imports: Renamed[], names: string[], rest: string[] }} */ { imports, names, rest },
) {
  const asked = imports.map(({ from }) => from);
  const own = withOnePointer(withOwnName(glue));
  return byTable(withImportsRead(withTries(withoutGuard(renamedImports(withNames(own, asked), imports)))), names, rest);
}

/** With a name for the compiled class that the class in front of it does not have: in a bundle that one would be CacheService2. */
function withOwnName(/** @type {string} */ glue) {
  const renamed = replaced(glue, /\bCacheService\b/g, "CompiledService");
  return `${replaced(renamed, /^export class CompiledService\b/m, "class CompiledService")}\nexport { CompiledService as CacheService };\n`;
}

/**
 * For a module whose functions are in a table, which scripts/table.mjs puts them into. The object of exports has all the names
 * from the start, so that it never changes its shape.
 */
function byTable(/** @type {string} */ glue, /** @type {string[]} */ names, /** @type {string[]} */ rest) {
  const places = new Map(names.map((name, at) => [name, at]));
  const called = glue.replace(/\bwasm\.(\w+)/g, (whole, name) => {
    const place = places.get(name);
    return place === undefined ? whole : `(${whole} ??= ${TABLE}.get(${place}))`;
  });
  const opened = replaced(called, /\bwasm = (\w+)\.exports;/g, "wasm = open($1.exports);");
  const fields = [...rest.map((name) => `${name}: exports.${name}`), ...names.map((name) => `${name}: undefined`)];
  return `${opened}
let ${TABLE};
function open(exports) {
    ${TABLE} = exports.${TABLE};
    return { ${fields.join(", ")} };
}
`;
}

/**
 * Without what stands before every call for modules that ask to be started anew, in the one way that this one does not: its
 * room lib/instance.js does that.
 */
function withoutGuard(/** @type {string} */ glue) {
  if (/__wbg_reinit_scheduled = true/.test(glue)) throw new Error("the module asks to be started anew: keep the guard of the glue");
  const calls = replaced(glue, /^ +__wbg_call_guard\(\);\n/gm, "");
  return replaced(calls, /^function __wbg_call_guard\(\) \{\n[^]*?^\}\n/m, "").replace(/^ *(let )?__wbg_reinit_scheduled = false;\n/gm, "");
}

/** With one function that says whether an object is of an instance that was replaced, where wasm-bindgen asks in each method. */
function withOnePointer(/** @type {string} */ glue) {
  const guard = /^ +if \(this\.__wbg_inst !== undefined && this\.__wbg_inst !== __wbg_instance_id\) \{\n +throw .*;\n +\}\n/gm;
  const plain = replaced(replaced(glue, guard, ""), /\(this\.__wbg_ptr\b/g, "(pointer(this)");
  if (plain.includes("this.__wbg_inst")) throw new Error("the glue of wasm-bindgen asks for an object's instance in another way");
  return `${plain}
function pointer(it) {
    if (it.__wbg_inst !== undefined && it.__wbg_inst !== __wbg_instance_id) throw new Error('Invalid stale object from previous Wasm instance');
    return it.__wbg_ptr;
}
`;
}

/** With the names that imports have from now on. */
function renamedImports(/** @type {string} */ glue, /** @type {Renamed[]} */ imports) {
  return imports.reduce((text, { from, to }) => {
    const named = from.name === to.name ? text : replaced(text, `        ${from.name}: function(`, `        ${to.name}: function(`);
    return named.replace(`${JSON.stringify(from.module)}: `, `${to.module}: `);
  }, glue);
}

/**
 * With the functions that the module imports from host modules by name, where wasm-bindgen imports those whole: a bundle makes
 * an object with a getter for every export of a module that is imported whole. The module is listed there once for each function,
 * of which any bundler would say that it is a duplicate key.
 */
function withNames(/** @type {string} */ glue, /** @type {import("./imports.mjs").Import[]} */ imports) {
  const seen = new Set();
  const modules = [...glue.matchAll(/^import \* as (import\d+) from "(\.\/host\/(\w+)\.js)"\n/gm)];
  return modules.reduce((text, [line, whole = "", path = "", room = ""]) => {
    const names = [...new Set(imports.filter((it) => it.module.endsWith(path.slice(1))).map((it) => it.name))];
    const local = (/** @type {string} */ name) => `${room}_${name}`;
    const entry = new RegExp(`^( +"\\./snippets/[^"]+": )${whole},\\n`, "m");
    if (seen.has(path)) return replaced(replaced(text, line, ""), entry, "");
    seen.add(path);
    const list = names.map((name) => `${name} as ${local(name)}`).join(", ");
    const object = `{ ${names.map((name) => `${name}: ${local(name)}`).join(", ")} }`;
    return replaced(replaced(text, line, `import { ${list} } from "${path}";\n`), entry, `$1${object},\n`);
  }, glue);
}

/**
 * With a `try` of its own in every function that the module may call to its catch. wasm-bindgen writes each as one without
 * parameters that makes another at every call: it is slower, and for V8 another kind of import than one with as many parameters
 * as the module gives it, to be compiled by itself.
 */
function withTries(/** @type {string} */ glue) {
  const wrapped = /: function\(\) \{ return handleError\(function \(([^)]*)\) \{\n([^]*?)^ +\}, arguments\); \},$/gm;
  const tried = replaced(glue, wrapped, ": function($1) { try {\n$2        } catch (error) { caught(error); } },");
  return replaced(
    tried,
    /^function handleError\(f, args\) \{\n +try \{\n.*\n +\} catch \(e\) \{\n([^]*?)^ +\}\n\}\n/m,
    "function caught(e) {\n$1}\n",
  );
}

/**
 * With the imports made by a function in parentheses. V8 takes those for a sign that a function will be called at once and
 * compiles it as it reads it; any other it reads twice, and this one is the longest of all that run at a start.
 */
function withImportsRead(/** @type {string} */ glue) {
  return replaced(glue, /^function __wbg_get_imports\(\) \{\n([^]*?)^\}\n/m, "const __wbg_get_imports = (function() {\n$1});\n");
}

/** @throws where there is nothing to replace */
function replaced(/** @type {string} */ text, /** @type {string | RegExp} */ what, /** @type {string} */ by) {
  const result = text.replace(what, by);
  if (result === text) throw new Error(`the glue of wasm-bindgen has no ${what}`);
  return result;
}
