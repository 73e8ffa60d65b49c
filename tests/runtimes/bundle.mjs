/** One bundle of a project's entry by each bundler, with its defaults wherever it has any. Knows the bundlers alone. */

import { join } from "node:path";

/** @typedef {(dir: string, entry: string, out: string) => Promise<unknown>} Bundle */

/** @type {Record<string, Bundle>} */
export const BUNDLERS = {
  async esbuild(dir, entry, out) {
    const { build } = await import("esbuild");
    await build({ absWorkingDir: dir, entryPoints: [entry], outfile: out, bundle: true, minify: true, format: "esm", logLevel: "error" });
  },
  async rollup(dir, entry, out) {
    const { rollup } = await import("rollup");
    const { nodeResolve } = await import("@rollup/plugin-node-resolve");
    const bundle = await rollup({ input: join(dir, entry), plugins: [nodeResolve()], onwarn: refuse });
    await bundle.write({ file: join(dir, out), format: "es" });
    await bundle.close();
  },
  async vite(dir, entry, out) {
    const { build } = await import("vite");
    await build({
      root: dir,
      configFile: false,
      logLevel: "error",
      build: { lib: { entry, formats: ["es"], fileName: () => out }, outDir: dir, emptyOutDir: false },
    });
  },
  async webpack(dir, entry, out) {
    const { default: webpack } = await import("webpack");
    await new Promise((resolve, reject) => {
      webpack({
        mode: "production",
        context: dir,
        entry: `./${entry}`,
        target: ["web", "es2022"],
        experiments: { outputModule: true },
        performance: { hints: false },
        output: { path: dir, filename: out, module: true, library: { type: "module" } },
      }, (error, stats) => {
        const { errors = [], warnings = [] } = stats?.toJson({ all: false, errors: true, warnings: true }) ?? {};
        const said = [...errors, ...warnings].map(({ message }) => message);
        if (error !== null || said.length > 0) reject(error ?? new Error(said.join("\n")));
        else resolve(undefined);
      });
    });
  },
};

/** A bundle for workerd: the module stays a file beside it, as Wrangler has it. @type {Bundle} */
export async function forWorkerd(dir, entry, out) {
  const { build } = await import("esbuild");
  await build({
    absWorkingDir: dir, entryPoints: [entry], outfile: out, bundle: true, format: "esm", logLevel: "error",
    conditions: ["workerd", "worker", "browser"], loader: { ".wasm": "copy" }, assetNames: "[name]",
  });
}

/** A bundle for Vercel's Edge runtime: its bundler compiles what is imported with `?module` and hands it in. @type {Bundle} */
export async function forEdgeLight(dir, entry, out) {
  const { build } = await import("esbuild");
  await build({
    absWorkingDir: dir, entryPoints: [entry], outfile: out, bundle: true, format: "iife", logLevel: "error", conditions: ["edge-light"],
    plugins: [{
      name: "compiled-module",
      setup(compiler) {
        compiler.onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: "compiled" }));
        compiler.onLoad({ filter: /.*/, namespace: "compiled" }, () => ({ contents: "export default globalThis.COMPILED;" }));
      },
    }],
  });
}

/** @param {any} warning */
function refuse(warning) {
  throw new Error(`rollup warns: ${warning.message}`);
}
