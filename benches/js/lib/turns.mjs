// Tables of times: every contender runs in a process of its own (children/time.mjs), the processes take turns, and all of that is
// repeated, so that what slows the machine for a while slows no contender alone. Ours and the reference run side by side.
// A table is { title, contenders: [{ id, name, … }], reference, floor?, collect?, start(contender) }; `start` runs in the
// child and returns { prepare?(round), run(state) -> count of operations done, finish?(state) }, of which `run` is timed.
import { child } from "./child.mjs";
import { median, spread } from "./measure.mjs";
import { random, shuffle } from "./random.mjs";

export function inTurns(section, { title, contenders, reference, floor }, quick) {
  const next = random(1);
  const runs = new Map(contenders.map(({ id }) => [id, []]));
  const first = ({ id }) => id === "ours" || id === reference;
  for (let repetition = 0; repetition < (quick ? 2 : 5); repetition += 1) {
    for (const { id } of [
      ...shuffle(contenders.filter(first), next),
      ...shuffle(
        contenders.filter((one) => !first(one)),
        next,
      ),
    ]) {
      const { ns, error } = child("time.mjs", [section, title, id, quick ? "quick" : ""]);
      if (error) throw new Error(`${section}, ${title}, ${id}: ${error}`);
      runs.get(id).push(ns);
    }
  }
  const nameOf = (id) => contenders.find((one) => one.id === id)?.name;
  const rows = contenders.map(({ id, name }) => ({ name, ns: median(runs.get(id)), spread: spread(runs.get(id)), runs: runs.get(id) }));
  return { title, unit: "time", reference: nameOf(reference), floor: nameOf(floor), rows };
}
