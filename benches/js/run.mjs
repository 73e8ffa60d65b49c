// The peers side by side: node run.mjs [--only get,set] [--quick] [--json out.json] [--peers-only]
//
// Every table is one process and one run: contenders take turns in a seeded order, each row is the median of the rounds,
// and the ratio is against the reference named in the head. Ratios travel to other machines, nanoseconds do not.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadOurs, oursVersion } from "./lib/ours.mjs";
import { keptSum } from "./lib/measure.mjs";
import { print } from "./lib/report.mjs";
import { machine } from "./lib/versions.mjs";

const SECTIONS = ["get", "set", "route", "dates", "key", "invalidate", "patterns", "cleanup", "memory", "cold", "size", "soak", "hits", "estimate"];

if (typeof globalThis.gc !== "function") {
  const again = spawnSync(process.execPath, ["--expose-gc", "--max-old-space-size=6144", fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  process.exit(again.status ?? 1);
}

const option = (name) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
};
const only = option("only")?.split(",") ?? SECTIONS;
const strangers = only.filter((name) => !SECTIONS.includes(name));
if (strangers.length > 0) {
  console.error(`no section called ${strangers.join(", ")}; there are ${SECTIONS.join(", ")}`);
  process.exit(2);
}

const ours = await loadOurs();
const quick = process.argv.includes("--quick");
const report = { kind: "bench", version: ours ? oursVersion() : null, quick, machine: machine(), tables: [] };
const { node, platform, cpu, cores } = report.machine;
console.log(`endpoint-cache ${report.version ?? "(not built)"}, Node ${node.slice(1)}, ${platform}, ${cores} × ${cpu}${quick ? ", quick" : ""}\n`);
for (const name of SECTIONS.filter((section) => only.includes(section))) {
  const { run } = await import(`./sections/${name}.mjs`);
  for (const table of await run({ ours, quick })) {
    report.tables.push({ section: name, ...table });
    console.log(print(table));
  }
}
if (option("json")) writeFileSync(option("json"), `${JSON.stringify(report, null, 2)}\n`);
process.stderr.write(`(kept ${keptSum()})\n`);
process.exit(0);
