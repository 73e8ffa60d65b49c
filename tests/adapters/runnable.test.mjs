/** Every file of examples/, started as a user starts it, in a process of its own. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));
const FILES = readdirSync(EXAMPLES).filter((name) => name.endsWith(".mjs"));
/** Those that do their work and end. All others listen on PORT. */
const ENDING = ["testing.mjs", "tiered.mjs"];
/** How an adapter says in `cache-status` what the examples without one say in `x-cache`. */
const STATUS = /** @type {const} */ ({ miss: /fwd=miss; stored/, hit: /; hit/ });

describe("examples", () => {
  for (const name of ENDING) {
    it(`${name} runs and prints what it says`, () => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [EXAMPLES + name], { encoding: "utf8", timeout: 30_000 });
      assert.equal(status, 0, stdout + stderr);
      const said = [...readFileSync(EXAMPLES + name, "utf8").matchAll(/\/\/ → (.*)$/gm)].map(([, words]) => words);
      if (said.length > 0) assert.deepEqual(stdout.trimEnd().split("\n"), said);
    });
  }

  for (const name of FILES.filter((it) => !ENDING.includes(it))) {
    it(`${name} answers a miss and a hit, and a miss after a write`, async () => {
      const child = spawn(process.execPath, [EXAMPLES + name], {
        env: { ...process.env, PORT: "0" },
        stdio: ["ignore", "pipe", "inherit"],
      });
      try {
        const [url] = await once(createInterface(child.stdout), "line", { signal: AbortSignal.timeout(30_000) });
        const [first, second] = [await fetch(url), await fetch(url)];
        assert.equal(stateOf(first), "miss");
        assert.equal(stateOf(second), "hit");
        const before = await first.text();
        assert.equal(await second.text(), before);

        const written = await fetch(`${url}?title=second`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ title: "second" }),
        });
        assert.ok(written.ok, String(written.status));
        await written.text();
        const third = await fetch(url);
        assert.equal(stateOf(third), "miss");
        assert.deepEqual(await third.json(), [...JSON.parse(before), "second"]);
      } finally {
        child.kill();
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      }
    });
  }

  it("fit the types of the package and of the frameworks", () => {
    const tsc = fileURLToPath(new URL("../../scripts/node_modules/typescript/bin/tsc", import.meta.url));
    const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", EXAMPLES], { encoding: "utf8" });
    assert.equal(status, 0, stdout);
  });

  it("are 50 lines at the most", () => {
    for (const name of FILES) assert.ok(readFileSync(EXAMPLES + name, "utf8").split("\n").length <= 51, name);
  });
});

/** @param {Response} response */
function stateOf({ headers }) {
  const status = headers.get("cache-status");
  if (status === null) return headers.get("x-cache");
  for (const [state, words] of Object.entries(STATUS)) if (words.test(status)) return state;
  return status;
}
