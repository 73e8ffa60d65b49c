// The base entry as people get it: the module as text inside, how the bundle is laid out for a quick start, and its source maps.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { decode } from "../../build/modules/pkg-template/src/decode.js";
import { base64 } from "../../pkg/wasm/inline.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PKG = join(ROOT, "pkg");
const at = (path) => new URL(`../../pkg/${path}`, import.meta.url);
const wasm = readFileSync(at("wasm/endpoint_cache.wasm"));

/** The files of the base import, which are read one after the other. */
function filesOf(entry) {
  const seen = new Set();
  const visit = (url) => {
    if (seen.has(url.href)) return;
    seen.add(url.href);
    const code = readFileSync(url, "latin1").replace(base64, "");
    for (const [, path] of code.matchAll(/\b(?:from|import)\s*"(\.[^"]+)"/g)) visit(new URL(path, url));
  };
  visit(at(entry));
  return [...seen].map((href) => fileURLToPath(href));
}

/** The source maps of the package, with the file each is of. */
function maps() {
  const paths = readdirSync(PKG, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".js.map"));
  return paths.map((path) => ({ path: join(PKG, path), map: JSON.parse(readFileSync(join(PKG, path), "utf8")) }));
}

test("the text inside is the module beside it, byte for byte", () => {
  assert.ok(Buffer.from(decode(base64)).equals(wasm));
  assert.ok(readFileSync(at("cjs/wasm/inline.js"), "latin1").includes(`"${base64}"`));
});

test("the text is decoded by whatever decoder a host has", (t) => {
  const all = Uint8Array.from({ length: 256 }, (_, index) => index);
  const text = Buffer.from(all).toString("base64");
  const { Buffer: buffers } = globalThis;
  const { fromBase64 } = Uint8Array;
  t.after(() => {
    globalThis.Buffer = buffers;
    if (fromBase64) Uint8Array.fromBase64 = fromBase64;
    else delete Uint8Array.fromBase64;
  });
  const decoded = () => [...decode(text)];
  Uint8Array.fromBase64 = (given) => [given, "by the newest"];
  assert.deepEqual(decoded(), [text, "by the newest"]);
  delete Uint8Array.fromBase64;
  assert.deepEqual(decoded(), [...all]);
  delete globalThis.Buffer;
  assert.deepEqual(decoded(), [...all]);
  assert.deepEqual([...decode(btoa(""))], []);
});

test("the base import is three files, in plain ASCII", () => {
  const files = filesOf("index.js");
  assert.equal(files.length, 3, files.join(" "));
  for (const file of files) assert.match(readFileSync(file, "latin1"), /^[\x20-\x7e\n\t]*$/, file);
});

test("source maps lead from every bundle to the sources as they are, and say them", () => {
  const found = maps();
  assert.ok(found.length > 40);
  for (const { path, map } of found) {
    assert.equal(map.sources.length, map.sourcesContent?.length ?? 0, path);
    for (const [index, source] of map.sources.entries()) {
      // From the CommonJS half a source lies one folder further off.
      const file = source.replace(/^(\.\.\/)+/, "");
      assert.equal(map.sourcesContent[index], readFileSync(join(ROOT, file), "utf8"), `${path}: ${source}`);
    }
  }
});

test("of every source there is one copy in the base import, the crate's own JavaScript included", () => {
  const sources = filesOf("index.js").flatMap((file) => {
    const map = maps().find(({ path }) => path === `${file}.map`);
    return map?.map.sources ?? [];
  });
  assert.ok(sources.some((source) => dirname(source).endsWith("src/bindings/host")));
  assert.deepEqual(
    sources.filter((source) => source.includes("snippets")),
    [],
  );
  assert.equal(new Set(sources).size, sources.length);
});

test("bug: bundled, the class was called CacheService2", async () => {
  const { CacheService } = await import(at("index.js").href);
  assert.equal(CacheService.name, "CacheService");
  assert.equal(class extends CacheService {}.name, "");
});
