// Hit ratios: node traces.mjs [DIR] [--json out.json] [--peers-only]
//
// DIR holds trace files: *.gz is text with one id a line, *.xz is big-endian 32-bit integers (needs the command xz).
// Without DIR the seeded workloads run. One pass from cold, a bound on entries, no TTL.
import { writeFileSync } from "node:fs";
import { hitRatios } from "./lib/hit-ratio.mjs";
import { loadOurs, oursVersion } from "./lib/ours.mjs";
import { print } from "./lib/report.mjs";
import { version } from "./lib/versions.mjs";
import { readTraces, seededWorkloads } from "./lib/workloads.mjs";

const args = process.argv.slice(2);
const json = args.includes("--json") ? args[args.indexOf("--json") + 1] : undefined;
const directory = args.find((arg) => !arg.startsWith("--") && arg !== json);

const ours = await loadOurs();
const workloads = directory ? readTraces(directory) : seededWorkloads();
if (workloads.length === 0) {
  console.error(`no trace in ${directory}: expected *.gz or *.xz`);
  process.exit(2);
}
const table = hitRatios(workloads, ours, `hit ratio in %, ${directory ? "traces" : "seeded workloads"}`);
const peers = `lru-cache ${version("lru-cache")}, transitory ${version("transitory")}`;
console.log(`endpoint-cache ${ours ? oursVersion() : "(not built)"}, ${peers}, Node ${process.version.slice(1)}\n`);
console.log(print(table));
if (json)
  writeFileSync(
    json,
    `${JSON.stringify({ kind: "traces", version: ours ? oursVersion() : null, tables: [{ section: "hits", ...table }] }, null, 2)}\n`,
  );
process.exit(0);
