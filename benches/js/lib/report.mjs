// A measured table as Markdown. table: { title, unit: "time" | "text", reference?, floor?, columns?, rows, notes? };
// unit "time" has rows of { name, ns, spread, runs }; unit "text" has rows of { name, cells } under `columns`.
import { paired } from "./measure.mjs";
import { markdown, time, times } from "./table.mjs";

const startsWith = (rows, name) => rows.find((row) => row.name === name) ?? rows.find((row) => row.name.startsWith(name));

export function print(table) {
  const lines = [`### ${table.title}`, ""];
  if (table.unit === "time") lines.push(printTimes(table));
  else
    lines.push(
      markdown(
        ["", ...table.columns],
        table.rows.map((row) => [row.name, ...row.cells]),
      ),
    );
  for (const note of table.notes ?? []) lines.push("", note);
  return `${lines.join("\n")}\n`;
}

function printTimes({ rows, reference, floor }) {
  const against = startsWith(rows, reference);
  const base = floor && startsWith(rows, floor);
  const head = [
    "",
    "median",
    "± quartiles",
    `speed against ${against.name}`,
    "lowest to highest",
    ...(base ? ["time against the floor"] : []),
  ];
  const sorted = [...rows].sort((a, b) => a.ns - b.ns);
  return markdown(
    head,
    sorted.map((row) => {
      const { ratio, low, high } = paired(against, row);
      const cells = [row.name, time(row.ns), `${(row.spread * 100).toFixed(0)} %`, `${times(ratio)}×`, `${times(low)}–${times(high)}`];
      return base ? [...cells, `${times(paired(row, base).ratio)}×`] : cells;
    }),
  );
}
