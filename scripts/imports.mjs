// Gives what a module imports the names people would give it. wasm-bindgen's end in a hash each, and those of host modules are paths:
// what looks random does not compress, and stands in the module and in the glue.
//
// Knows how wasm-bindgen makes such names; knows nothing of what is imported.

/** What a module imports, each with what it is called from now on. */
export function renamed(/** @type {{ module: string, name: string }[]} */ imports) {
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
export function withImports(/** @type {Buffer} */ wasm, /** @type {ReturnType<typeof renamed>} */ names) {
  const read = reader(wasm, 8);
  for (;;) {
    const start = read.at();
    const section = read.number();
    const length = read.number();
    if (section !== IMPORTS) {
      read.skip(length);
      continue;
    }
    const count = read.number();
    if (count !== names.length) throw new Error(`the module imports ${count} things, of which ${names.length} have a name`);
    /** @type {Buffer[]} */
    const body = [number(count)];
    for (const { to } of names) {
      read.skip(read.number());
      read.skip(read.number());
      body.push(text(to.module), text(to.name), read.kind());
    }
    const content = Buffer.concat(body);
    return Buffer.concat([wasm.subarray(0, start), number(IMPORTS), number(content.length), content, wasm.subarray(read.at())]);
  }
}

const IMPORTS = 2;
const FUNCTION = 0;

function reader(/** @type {Buffer} */ bytes, /** @type {number} */ from) {
  let at = from;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes.readUInt8(at);
      at += 1;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  return {
    at: () => at,
    number,
    skip: (/** @type {number} */ length) => { at += length; },
    /** What is said of an import behind its names. */
    kind() {
      const start = at;
      if (number() !== FUNCTION) throw new Error("the module imports something that is no function");
      number();
      return bytes.subarray(start, at);
    },
  };
}

function number(/** @type {number} */ value) {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

function text(/** @type {string} */ value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([number(bytes.length), bytes]);
}
