// Memory of a long-lived process over 4,000,000 operations with unique keys: flat after the warm-up, or not.
import { child } from "../lib/child.mjs";

/** Least squares: bytes by which `what` grows per operation. */
function slope(readings, what) {
  const mean = (pick) => readings.reduce((sum, r) => sum + pick(r), 0) / readings.length;
  const x = mean((r) => r.operations);
  const y = mean((r) => r[what]);
  const over = readings.reduce((sum, r) => sum + (r.operations - x) * (r[what] - y), 0);
  return over / readings.reduce((sum, r) => sum + (r.operations - x) ** 2, 0);
}

const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;

export async function run({ ours, quick }) {
  if (!ours) return [];
  const result = child("soak.mjs", [quick ? 400_000 : 4_000_000]);
  if (result.error)
    return [
      { title: "memory of a long-lived process", unit: "text", columns: ["note"], rows: [{ name: "failed", cells: [result.error] }] },
    ];
  const settled = result.readings.slice(Math.ceil(result.readings.length / 4));
  const row = (name, what) => {
    const perMillion = slope(settled, what) * 1e6;
    return {
      name,
      value: perMillion,
      cells: [mib(settled[0][what]), mib(settled.at(-1)[what]), `${perMillion >= 0 ? "+" : ""}${(perMillion / 1024).toFixed(1)} KiB`],
    };
  };
  return [
    {
      title: `memory of a long-lived process, ${result.operations.toLocaleString("en")} operations with unique keys, 10,000 entries at most`,
      unit: "text",
      columns: ["after a quarter", "at the end", "growth per million operations (fitted)"],
      rows: [row("JavaScript heap", "heap"), row("array buffers", "buffers"), row("linear memory", "linear")],
    },
  ];
}
