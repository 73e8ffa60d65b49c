// What `maxBytes` counts beside what the heap holds: one process for each shape and way.
import { child } from "../lib/child.mjs";
import { byReferenceOnly, shapes } from "../lib/shapes.mjs";

const QUICK = ["{ id }", "a row", "100 rows", "200 ids as names", "1,000 doubles", "a slice of 100 KB", "a BigInt of 1,000 digits"];
const only = process.env.SHAPES;

export async function run({ ours, quick }) {
  if (!ours) return [];
  const names = quick ? QUICK : Object.keys(shapes).filter((name) => only === undefined || name.includes(only));
  const rows = names.map((name) => {
    const [set, load] = ["set", "load"].map((way) =>
      way === "load" && byReferenceOnly.includes(name) ? undefined : child("estimate.mjs", [name, way]),
    );
    const cells = [set, load].flatMap((it) =>
      it === undefined
        ? ["", "", ""]
        : it.error
          ? [it.error, "", ""]
          : [it.heap.toFixed(0), it.estimate.toFixed(0), mark(it.heap / it.estimate)],
    );
    return { name, value: set.heap / set.estimate, cells };
  });
  return [
    {
      title: "Bytes an entry takes, key included: by `set` and by `getOrSet`",
      columns: ["heap", "estimate", "ratio", "heap", "estimate", "ratio"],
      rows,
      notes: ["A ratio below 0.7 or above 1.5 has a star."],
    },
  ];
}

const mark = (ratio) => `${ratio.toFixed(2)}${ratio < 0.7 || ratio > 1.5 ? " *" : ""}`;
