// The peers side by side: node run.mjs [--only get,set] [--quick] [--json out.json] [--peers-only]
//
// HOW_TO_READ says what the columns are; --quick shows that everything runs, and its numbers are good for nothing else. On a quiet
// machine all of it takes seven minutes, and a minute and a half with --quick.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadOurs, oursVersion } from "./lib/ours.mjs";
import { print } from "./lib/report.mjs";
import { inTurns } from "./lib/turns.mjs";
import { machine } from "./lib/versions.mjs";

const SECTIONS = [
  "get",
  "set",
  "route",
  "dates",
  "key",
  "invalidate",
  "patterns",
  "cleanup",
  "memory",
  "cold",
  "size",
  "soak",
  "hits",
  "estimate",
];

const HOW_TO_READ = `A time is the median of several processes, each of which runs one contender alone. "Speed against" is the median of the ratios of
processes that ran side by side, above 1 where the row is faster; "lowest to highest" is how far these ratios lie apart: where 1.00 is
between them, nobody is ahead. Ratios travel to other machines, nanoseconds do not.\n`;

if (typeof globalThis.gc !== "function") {
  const again = spawnSync(
    process.execPath,
    ["--expose-gc", "--max-old-space-size=6144", fileURLToPath(import.meta.url), ...process.argv.slice(2)],
    { stdio: "inherit" },
  );
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
console.log(
  `endpoint-cache ${report.version ?? "(not built)"}, Node ${node.slice(1)}, ${platform}, ${cores} × ${cpu}${quick ? ", quick" : ""}\n`,
);
console.log(HOW_TO_READ);
for (const name of SECTIONS.filter((section) => only.includes(section))) {
  const { about, tables, run } = await import(`./sections/${name}.mjs`);
  const began = performance.now();
  if (about) console.log(`${about}\n`);
  const add = (table) => {
    report.tables.push({ section: name, ...table });
    console.log(print(table));
  };
  if (run) (await run({ ours, quick })).forEach(add);
  else for (const table of tables()) add(inTurns(name, table, quick));
  process.stderr.write(`(${name}: ${((performance.now() - began) / 1000).toFixed(0)} s)\n`);
}
if (option("json")) writeFileSync(option("json"), `${JSON.stringify(report, null, 2)}\n`);
process.exit(0);
