// Markdown tables, as they stand in the README.

/** Rows of cells as a Markdown table; the first row is the head. Numbers are set right. */
export function markdown(head, rows) {
  const cells = rows.map((row) => row.map((cell) => String(cell ?? "")));
  const numeric = head.map((_, i) => i > 0 && cells.every((row) => /^[-+±<>≤≥~]?[\d.,–]*\d?( ?[%×a-zA-Zµ/]{0,6})?$/.test(row[i])));
  const line = (row) => `| ${row.join(" | ")} |`;
  return [line(head), line(numeric.map((n) => (n ? "---:" : "---"))), ...cells.map(line)].join("\n");
}

/** Nanoseconds in the unit that reads best. */
export function time(ns) {
  if (ns === undefined || ns === null || Number.isNaN(ns)) return "";
  if (ns < 1e3) return `${ns.toFixed(ns < 10 ? 1 : 0)} ns`;
  if (ns < 1e6) return `${(ns / 1e3).toFixed(2)} µs`;
  if (ns < 1e9) return `${(ns / 1e6).toFixed(2)} ms`;
  return `${(ns / 1e9).toFixed(2)} s`;
}

/** A ratio with the digits that say something. */
export const times = (ratio) => (ratio >= 10 ? ratio.toFixed(0) : ratio < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(2));
