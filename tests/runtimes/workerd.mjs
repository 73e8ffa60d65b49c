/**
 * Runs a worker in workerd through Miniflare and prints what it answers: node workerd.mjs SCRIPT [wasm files ...]
 *
 * A program of its own because the newest Miniflare wants a newer Node than the tests do. First the cases; then a load
 * is left behind by a request that has returned, and another request asks for the same: it must be answered by itself.
 */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Log, LogLevel, Miniflare } from "miniflare";

const [script = "", ...rest] = process.argv.slice(2);
const root = dirname(script);
const worker = new Miniflare({
  log: new Log(LogLevel.ERROR),
  compatibilityDate: "2025-01-01",
  modulesRoot: root,
  modules: [
    { type: "ESModule", path: script },
    ...rest.map((path) => /** @type {const} */ ({ type: path.endsWith(".wasm") ? "CompiledWasm" : "ESModule", path: join(root, path), contents: readFileSync(join(root, path)) })),
  ],
});
try {
  const origin = await worker.ready;
  const result = JSON.parse(await (await fetch(new URL("/cases", origin))).text());
  for (const mode of ["auto", "process"]) {
    await (await fetch(new URL(`/leave?mode=${mode}`, origin))).text();
    const begin = performance.now();
    const answer = await fetch(new URL(`/follow?mode=${mode}`, origin), { signal: AbortSignal.timeout(5_000) })
      .then((response) => response.text(), (error) => String(error));
    const time = performance.now() - begin;
    if (answer !== "answered" || time > 2_000) result.failed.push(`a load left behind, single flight "${mode}": ${answer} after ${Math.round(time)} ms`);
    else result.passed += 1;
  }
  console.log(`RESULT ${JSON.stringify(result)}`);
} finally {
  await worker.dispose();
}
