// Hit ratios on seeded workloads. Real traces: node traces.mjs DIR.
import { hitRatios } from "../lib/hit-ratio.mjs";
import { seededWorkloads } from "../lib/workloads.mjs";

export async function run({ ours, quick }) {
  const workloads = quick ? seededWorkloads().slice(0, 3) : seededWorkloads();
  return [hitRatios(workloads, ours, "hit ratio in %, seeded workloads of 200,000 accesses, at 2 % and 10 % of the distinct ids")];
}
