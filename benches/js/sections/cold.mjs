// Cold start: from the import to the first answer, in a new process each time; the start of Node itself is not counted.
import { child } from "../lib/child.mjs";
import { median } from "../lib/measure.mjs";
import { oursPath } from "../lib/ours.mjs";
import { random, shuffle } from "../lib/random.mjs";
import { version } from "../lib/versions.mjs";

const PEERS = [
  ["lru-cache", "lru"],
  ["@isaacs/ttlcache", "ttl"],
  ["tiny-lru", "tiny"],
  ["quick-lru", "quick"],
  ["node-cache", "node"],
  ["transitory", "transitory"],
  ["async-cache-dedupe", "dedupe"],
  ["cacheable", "cacheable"],
  ["cache-manager", "manager"],
  ["bentocache", "bento"],
];

export async function run({ ours, quick }) {
  const contenders = PEERS.map(([name, kind]) => ({
    name: `${name} ${version(name)}`,
    specifier: import.meta.resolve(name),
    kind,
    samples: [],
  }));
  if (ours) contenders.push({ name: "endpoint-cache", specifier: new URL(`file://${oursPath}`).href, kind: "ours", samples: [] });
  const next = random(3);
  for (let round = 0; round < (quick ? 3 : 15); round += 1) {
    for (const contender of shuffle([...contenders], next))
      contender.samples.push(child("cold.mjs", [contender.specifier, contender.kind], { gc: false }));
  }
  const ms = (samples, which) => (samples[0].error ? samples[0].error : `${median(samples.map((s) => s[which])).toFixed(1)} ms`);
  return [
    {
      title: "cold start, import to first `get`",
      unit: "text",
      columns: ["import", "to the first answer"],
      rows: contenders
        .map(({ name, samples }) => ({
          name,
          value: samples[0].error ? null : median(samples.map((s) => s.ready)),
          cells: [ms(samples, "imported"), ms(samples, "ready")],
        }))
        .sort((a, b) => a.value - b.value),
    },
  ];
}
