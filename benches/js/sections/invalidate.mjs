// Invalidation of a resource: one of 1,000 among a million entries, and the one that holds them all. A process for each contender.
import { child } from "../lib/child.mjs";
import { time } from "../lib/table.mjs";
import { version } from "../lib/versions.mjs";

const lru = `lru-cache ${version("lru-cache")}`;

export async function run({ ours, quick }) {
  const count = quick ? 100_000 : 1_000_000;
  const million = count.toLocaleString("en");
  const each = [
    ["map-prefix", "Map, prefix"],
    ["map-regex", "Map, regular expression"],
    ["lru-prefix", `${lru}, prefix`],
    ["lru-regex", `${lru}, regular expression`],
    ...(ours
      ? [
          ["ours-endpoint", "endpoint-cache, { endpoint }"],
          ["ours-regex", "endpoint-cache, regular expression"],
        ]
      : []),
  ].map(([how, name]) => ({ name, ...child("invalidate.mjs", [how, count], { heap: 8192 }) }));
  const reference = each.find((r) => r.how === "lru-prefix").median;
  const all = [
    ["map-clear", "Map.clear()"],
    ["lru-scan", `${lru}, prefix`],
    ...(ours
      ? [
          ["ours-endpoint", "endpoint-cache, { endpoint }"],
          ["ours-clear", "endpoint-cache, clear()"],
        ]
      : []),
  ].map(([how, name]) => ({ name, ...child("dropall.mjs", [how, count], { heap: 8192 }) }));
  return [
    {
      title: `drop one of 1,000 resources from ${million} entries`,
      unit: "text",
      columns: ["median", "longest of 20", `speed against ${lru} by prefix`, "longest `get` afterwards"],
      rows: each.map((r) => ({
        name: r.name,
        value: r.median,
        cells: r.error
          ? [r.error, "", "", ""]
          : [
              time(r.median),
              time(r.worst),
              `${(reference / r.median).toFixed(reference / r.median > 10 ? 0 : 2)}×`,
              time(r.worstCallAfter),
            ],
      })),
    },
    {
      title: `drop a resource that holds all ${million} entries`,
      unit: "text",
      columns: ["the drop itself", "longest call afterwards", "the same with garbage collection", "memory is back after"],
      rows: all.map((r) => ({
        name: r.name,
        value: r.drop,
        cells: r.error
          ? [r.error, "", "", ""]
          : [
              time(r.drop),
              r.longestCall <= 5e4 ? "< 50 µs" : time(r.longestCall),
              r.longestWithCollection <= 5e4 ? "< 50 µs" : time(r.longestWithCollection),
              r.backAfter === null ? "not within the run" : `${r.backAfter.toLocaleString("en")} calls`,
            ],
      })),
    },
  ];
}
