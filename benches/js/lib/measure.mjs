// Timing: all contenders take turns within one process, so that a busy machine slows each of them alike.
// A contender is { name, prepare?(), run(state) -> count of operations done, note? }. `prepare` is not timed.
import { random, shuffle } from "./random.mjs";

export const median = (values) => quantile(values, 0.5);

export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

let kept = 0;
/** Takes a result so that the optimiser cannot drop the work that made it. */
export function keep(value) {
  kept = (kept + (typeof value === "number" ? value | 0 : 1)) | 0;
}
/** What was kept; printing it ends every run. */
export const keptSum = () => kept;

export const nowNs = () => Number(process.hrtime.bigint());
export const collect = () => globalThis.gc?.();
/** Waits until the collector has done in the background with what came before: its threads take the processor of what is timed next. */
export const rest = () => new Promise((resolve) => setTimeout(resolve, 300));

/**
 * Runs every contender `rounds` times in a new seeded order each round and returns
 * [{ name, ns, spread, note }]: the median time of one operation and the quartile distance as a share of it.
 * The first `warmup` rounds are thrown away.
 */
export async function interleave(contenders, { rounds, warmup = 2, seed = 1, gcBetween = true }) {
  const next = random(seed);
  const samples = new Map(contenders.map((c) => [c, []]));
  for (let round = 0; round < rounds + warmup; round += 1) {
    for (const contender of shuffle([...contenders], next)) {
      const state = await contender.prepare?.();
      if (gcBetween) collect();
      const start = process.hrtime.bigint();
      const count = await contender.run(state);
      const took = Number(process.hrtime.bigint() - start);
      if (round >= warmup) samples.get(contender).push(took / count);
      await contender.finish?.(state);
    }
  }
  return contenders.map((c) => {
    const all = samples.get(c);
    const ns = median(all);
    return { name: c.name, ns, spread: (quantile(all, 0.75) - quantile(all, 0.25)) / ns, ...(c.note ? { note: c.note } : {}) };
  });
}

/**
 * A loop of its own for each contender: compiled from its own text, so that no contender's types
 * make the call site of another one slow.
 */
let loops = 0;
export function loop(parameters, body) {
  loops += 1;
  return new Function(...parameters, `${body}\n//# sourceURL=loop-${loops}.js`);
}
const AsyncFunction = (async () => {}).constructor;
export function asyncLoop(parameters, body) {
  loops += 1;
  return new AsyncFunction(...parameters, `${body}\n//# sourceURL=loop-${loops}.js`);
}
