// Numbers of several runs, and contenders that take turns within one process.
import { random, shuffle } from "./random.mjs";

export const median = (values) => quantile(values, 0.5);

export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

/** The distance of the quartiles as a share of the median. */
export const spread = (values) => (quantile(values, 0.75) - quantile(values, 0.25)) / median(values);

/**
 * How many times as fast (or small) `own` is as `other`: the ratios of what ran in the same repetition, their median and extremes.
 * Rows are { runs } or, where there was one run, { ns } or { value }.
 */
export function paired(other, own) {
  const runs = (row) => row.runs ?? [row.ns ?? row.value];
  const ratios = runs(own).map((it, at) => runs(other)[at] / it);
  return { ratio: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios) };
}

/** Waits until the collector has done in the background with what came before: its threads take the processor of what is timed next. */
export const rest = () => new Promise((resolve) => setTimeout(resolve, 300));

/**
 * Runs every contender, { name, run() -> count of operations done }, `rounds` times in a new seeded order each round, within this
 * process: for what takes too long to build up for a process each. The first round is thrown away.
 */
export async function interleave(contenders, { rounds, seed = 1 }) {
  const next = random(seed);
  const runs = new Map(contenders.map((c) => [c, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const contender of shuffle([...contenders], next)) {
      globalThis.gc();
      const start = process.hrtime.bigint();
      const count = await contender.run();
      const took = Number(process.hrtime.bigint() - start);
      if (round > 0) runs.get(contender).push(took / count);
    }
  }
  return contenders.map((c) => ({ name: c.name, ns: median(runs.get(c)), spread: spread(runs.get(c)), runs: runs.get(c) }));
}
