// The module inside the base entry: what is packed is what is unpacked, and how the bundle is laid out for a quick start.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { unpack } from "../../build/package/lib/unpack.js";
import { reader, text } from "../../build/package/wasm/inline.js";
import { pack } from "../../scripts/pack-text.mjs";

const at = (path) => new URL(`../../pkg/${path}`, import.meta.url);
const wasm = readFileSync(at("wasm/endpoint_cache.wasm"));
/** Nothing that ends a string literal or a script in HTML, or that a source would have to escape. */
const HARMLESS = /^[ !#-;=-[\]-~]*$/;

test("the text inside is the module beside it, byte for byte", () => {
  assert.ok(Buffer.from(unpack(text, reader)).equals(wasm));
});

test("whatever is packed comes back, in text that breaks nothing", () => {
  const squares = (length) => Uint8Array.from({ length }, (_, index) => (index * index) >> 3);
  const cases = {
    "one byte": [0], "the last byte": [255], "every byte": squares(256).map((_, index) => index),
    "every byte, backwards": squares(256).map((_, index) => 255 - index), "one byte often": new Uint8Array(5000).fill(34),
    "what breaks text": new TextEncoder().encode("\"\\</script><!--\r\n\0\u2028"), "itself": new TextEncoder().encode(text),
    // About the size of a page of memory, with the table and without.
    ...Object.fromEntries([65_535, 65_536, 65_537, 64_640, 130_000].map((length) => [`${length} bytes`, squares(length)])),
  };
  for (const [name, bytes] of Object.entries(cases)) {
    const packed = pack(Uint8Array.from(bytes));
    assert.match(packed, HARMLESS, name);
    assert.deepEqual(Buffer.from(unpack(packed, reader)), Buffer.from(bytes), name);
  }
  assert.match(text, HARMLESS);
});

test("the text is written once in the entry, as it is", () => {
  const source = readFileSync(at("index.js"), "latin1");
  assert.equal(source.split(`"${text}"`).length, 2);
});

test("the base import is two files, in plain ASCII", () => {
  const seen = new Set();
  const visit = (url) => {
    if (seen.has(url.href)) return;
    seen.add(url.href);
    const source = readFileSync(url, "latin1");
    assert.match(source, /^[\x20-\x7e\n\t]*$/, url.href);
    const code = source.replace(`"${text}"`, "");
    for (const [, path] of code.matchAll(/\b(?:from|import)\s*"(\.[^"]+)"/g)) visit(new URL(path, url));
  };
  visit(at("index.js"));
  assert.equal(seen.size, 2, [...seen].join(" "));
});

test("functions are exported in a table, where V8 compiles no way into them until they are called", () => {
  const exported = WebAssembly.Module.exports(new WebAssembly.Module(wasm));
  assert.deepEqual(exported.filter(({ kind }) => kind === "function").map(({ name }) => name), ["__wbindgen_start"]);
  assert.ok(exported.some(({ name, kind }) => name === "calls" && kind === "table"));
});

test("bug: bundled, the class was called CacheService2", async () => {
  const { CacheService } = await import(at("index.js").href);
  assert.equal(CacheService.name, "CacheService");
});
