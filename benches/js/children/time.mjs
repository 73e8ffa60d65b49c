// One contender of one table, in a process that loads nothing else: node --expose-gc time.mjs SECTION TABLE CONTENDER [quick]
// Rounds until the compiler has had its time, then as many that count. Prints the nanoseconds of one operation, their median.
import { median } from "../lib/measure.mjs";

const [, , section, title, id, quick] = process.argv;
const [WARM, ENOUGH] = quick === "quick" ? [100e6, 50e6] : [250e6, 100e6];
const { tables } = await import(`../sections/${section}.mjs`);
const table = tables().find((one) => one.title === title);
const { prepare, run, finish } = await table.start(table.contenders.find((one) => one.id === id));

let round = 0;
async function rounds(enough) {
  const times = [];
  for (let spent = 0; spent < enough || times.length < 3; round += 1) {
    const state = await prepare?.(round);
    if (table.collect) globalThis.gc();
    const start = process.hrtime.bigint();
    const count = await run(state);
    const took = Number(process.hrtime.bigint() - start);
    spent += took;
    times.push(took / count);
    await finish?.(state);
  }
  return times;
}

await rounds(WARM);
console.log(JSON.stringify({ ns: median(await rounds(ENOUGH)) }));
process.exit(0);
