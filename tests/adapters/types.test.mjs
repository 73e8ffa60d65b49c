/** The adapters' types, compiled against the real frameworks'. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { it } from "node:test";
import { fileURLToPath } from "node:url";

it("types of the adapters fit those of the frameworks", () => {
  const path = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
  const tsc = path("../../scripts/node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", path("tsconfig.json")], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});
