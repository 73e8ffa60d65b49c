// Memory of an entry: key of 45 characters and bookkeeping, the value apart. 100,000 entries, a process for each contender.
import { child } from "../lib/child.mjs";
import { syncCaches } from "../lib/sync-caches.mjs";

export async function run({ quick }) {
  const count = quick ? 20_000 : 100_000;
  const results = syncCaches.filter(({ id }) => id !== "fifo").map(({ id, name }) => ({ name, id, ...child("memory.mjs", [id, count]) }));
  const reference = results.find((result) => result.id === "lru-cache").each;
  const each = (bytes) => `${(bytes / count).toFixed(0)} B`;
  return [
    {
      title: `memory of an entry: key and bookkeeping (${count.toLocaleString("en")} entries, maximum the same)`,
      unit: "text",
      columns: ["all", "JavaScript heap", "array buffers", "linear memory", "against lru-cache"],
      rows: results
        .sort((a, b) => a.each - b.each)
        .map((r) => ({
          name: r.name,
          value: r.each,
          cells: r.error
            ? [r.error, "", "", "", ""]
            : [
                `${r.each.toFixed(0)} B`,
                each(r.bytes.heap),
                each(r.bytes.buffers),
                each(r.bytes.linear),
                `${(r.each / reference).toFixed(2)}×`,
              ],
        })),
      notes: ["Linear memory grows in pages of 64 KiB; what the instance held before the first entry is not counted."],
    },
  ];
}
