// What an application carries: bundled for Node, minified and compressed. Needs esbuild, which building the package installs.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync, brotliCompressSync } from "node:zlib";
import { oursDirectory, oursPath } from "../lib/ours.mjs";
import { version } from "../lib/versions.mjs";

const PEERS = [
  "lru-cache",
  "@isaacs/ttlcache",
  "tiny-lru",
  "quick-lru",
  "node-cache",
  "transitory",
  "async-cache-dedupe",
  "cacheable",
  "cache-manager",
  "bentocache",
  "@epic-web/cachified",
  "layered-loader/core",
  "ocache",
];

function esbuild() {
  try {
    return createRequire(new URL("../../../scripts/package.json", import.meta.url))("esbuild");
  } catch {
    return null;
  }
}

const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;

export async function run({ ours }) {
  const bundler = esbuild();
  if (!bundler)
    return [
      {
        title: "package size",
        unit: "text",
        columns: ["note"],
        rows: [{ name: "skipped", cells: ["esbuild is not installed: run `make build` first"] }],
      },
    ];
  const bundle = async (specifier, external = []) => {
    const { outputFiles } = await bundler.build({
      stdin: {
        contents: `import * as all from ${JSON.stringify(specifier)}; export { all };`,
        resolveDir: new URL("..", import.meta.url).pathname,
      },
      bundle: true,
      minify: true,
      write: false,
      format: "esm",
      platform: "node",
      logLevel: "silent",
      external,
    });
    return outputFiles[0].contents;
  };
  const rows = [];
  const add = (name, bytes) =>
    rows.push({
      name,
      value: gzipSync(bytes, { level: 9 }).length,
      cells: [kib(bytes.length), kib(gzipSync(bytes, { level: 9 }).length), kib(brotliCompressSync(bytes).length)],
    });
  for (const peer of PEERS) add(`${peer} ${version(peer.replace(/\/core$/, ""))}`, Buffer.from(await bundle(peer)));
  if (ours) {
    add("endpoint-cache, everything inside", Buffer.from(await bundle(oursPath)));
    const wasm = join(oursDirectory, "wasm", "endpoint_cache.wasm");
    if (existsSync(wasm)) add("endpoint-cache, its .wasm alone", readFileSync(wasm));
    // What an adapter adds to an application that imports the package anyway: all it brings but the chunks of the base import.
    const shared = [...readFileSync(oursPath, "utf8").matchAll(/from\s*"\.\/chunks\/([^"]+)"/g)].map(([, name]) => `*/${name}`);
    const adapters = join(oursDirectory, "adapters");
    if (existsSync(adapters)) {
      for (const file of readdirSync(adapters).filter((name) => name.endsWith(".js"))) {
        add(
          `endpoint-cache/${file.replace(".js", "")}, beside the base import`,
          Buffer.from(await bundle(join(adapters, file), [...shared, "h3"])),
        );
      }
    }
  }
  return [
    {
      title: "package size, bundled and minified",
      unit: "text",
      columns: ["bytes", "gzip", "brotli"],
      rows: rows.sort((a, b) => a.value - b.value),
    },
  ];
}
