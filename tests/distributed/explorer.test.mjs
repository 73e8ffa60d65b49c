// Two processes, one store and one lossy bus, in every order of events.
//
// Each call to the store happens when the explorer says so, and is answered when it says so; a message arrives, twice
// perhaps, or is lost; handlers read and commit at moments of its choice; time jumps past l1Ttl. The promise is checked
// at every read. Orders are tried one after the other, all of them to a depth that grows while the time lasts, with a
// random continuation; EXPLORE_SECONDS is how long.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const SECONDS = Number(process.env.EXPLORE_SECONDS ?? 40);
const EXPLORE = fileURLToPath(new URL("./lib/explore.mjs", import.meta.url));
const SCENARIOS = ["a load and a mutation", "a warm entry and a mutation", "two mutations", "a load and an invalidation by tag"];

for (const [name, bus] of SCENARIOS.flatMap((scenario) => [[scenario, "a lossy bus"], [scenario, "no bus"]])) {
  test(`${name}, ${bus}`, async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ["--no-opt", EXPLORE, name, String(SECONDS / SCENARIOS.length / 2), bus]);
    const { runs, complete, faults, trail } = JSON.parse(stdout);
    console.log(`explorer: ${name}, ${bus}: ${runs} orders of events, all of them to depth ${complete}`);
    assert.deepEqual(faults, [], `after: ${trail?.join("; ")}`);
  });
}
