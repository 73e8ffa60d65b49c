/**
 * Runs a worker in workerd through Miniflare and prints what it answers: node workerd.mjs SCRIPT [wasm files ...]
 *
 * A program of its own because the newest Miniflare wants a newer Node than the tests do. First the cases; then a load
 * is left behind by a request that has returned, and another request asks for the same: it must be answered by itself.
 */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Log, LogLevel, Miniflare } from "miniflare";

/**
 * What is shared between requests, and what becomes of it when a request ends.
 *
 * @param {URL} origin
 * @param {string} path
 * @param {{ passed: number, failed: string[] }} result
 */
async function share(origin, path, result) {
  /** @param {string} query @returns {Promise<any>} */
  const ask = async (query) => {
    const response = await fetch(new URL(`/${path}?${query}`, origin), { signal: AbortSignal.timeout(8_000) });
    const text = await response.text();
    return text.startsWith("[") ? JSON.parse(text) : text;
  };
  /** @param {string} name @param {() => Promise<unknown>} run whether it is so, or what is wrong */
  const check = async (name, run) => {
    const found = await run().catch(String);
    if (found === true) result.passed += 1;
    else result.failed.push(`${path}, ${name}: ${JSON.stringify(found)}`);
  };
  /** @param {any[]} answers */
  const numbers = (answers) => new Set(answers.map(([number]) => number)).size;
  const key = (/** @type {string} */ name) => `key=${path}${name}`;
  await check("50 requests at once are one load", async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(`${key("crowd")}&ms=300`)));
    return numbers(answers) === 1 || answers;
  });
  await check("a load that died with its request is taken over by one of those who wait", async () => {
    // In a Durable Object it lives on.
    await ask(`${key("dead")}&ms=1600&leave`);
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(`${key("dead")}&ms=100`)));
    return numbers(answers) === 1 || answers;
  });
  await check("loads that their requests left take no place of others, where they are kept alive", async () => {
    for (let at = 0; at < 25; at += 1) await ask(`${key(`left${at}`)}&ms=10&leave&ctx`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const answers = await Promise.all(Array.from({ length: 25 }, (_, at) => ask(`${key(`left${at}`)}&ms=0`)));
    const reasons = answers.map(([, reason]) => reason);
    return reasons.every((reason) => reason === "hit" || reason === "stale") || reasons;
  });
  for (const kept of ["", "&ctx"]) {
    await check(`a stale answer is replaced${kept && ", by a context that waits"}`, async () => {
      const asked = `${key(`stale${kept.length}`)}&ms=50${kept}`;
      const [old] = await ask(asked);
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      const first = await ask(asked);
      await new Promise((resolve) => setTimeout(resolve, 200));
      const second = await ask(asked);
      return (kept === "" ? first[0] > old : first[0] === old && second[0] > old && second[1] === "hit") || [old, first, second];
    });
  }
}

const [script = "", ...rest] = process.argv.slice(2);
const root = dirname(script);
const worker = new Miniflare({
  log: new Log(LogLevel.ERROR),
  compatibilityDate: "2025-01-01",
  modulesRoot: root,
  durableObjects: { ROOM: "Room" },
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
  for (const path of ["ask", "room"]) await share(origin, path, result);
  console.log(`RESULT ${JSON.stringify(result)}`);
} finally {
  await worker.dispose();
}
