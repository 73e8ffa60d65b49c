// Answers with something mutable in them: 1,000 rows of four members, one of them a Date, as an ORM hands them out. Each hit gives
// its caller Dates of its own; beside it what a caller would do without: copy the rows, or write them as JSON.
import { interleave, keep } from "../lib/measure.mjs";

const ROWS = 1_000;
const REQUEST = { endpoint: "storycore.prompt.list", params: { project: "demo" } };

const rowsWith = (at) => Array.from({ length: ROWS }, (_, i) => ({ id: i, name: `row ${i}`, email: `u${i}@example.org`, at: at(i) }));

export async function run({ ours, quick }) {
  const rows = rowsWith((i) => new Date(1e12 + i));
  const plain = rowsWith((i) => 1e12 + i);
  const passes = quick ? 5 : 20;
  /** @param {string} name @param {() => unknown} once */
  const contender = (name, once) => ({
    name,
    async run() {
      for (let pass = 0; pass < passes; pass += 1) keep(await once());
      return passes;
    },
  });
  const contenders = [contender("JSON.stringify of the rows", () => JSON.stringify(rows)), contender("structuredClone of the rows", () => structuredClone(rows))];
  if (ours) {
    const hitOf = async (name, value, options) => {
      const cache = new ours.CacheService(options);
      const hit = () => ours.routeRequest(cache, REQUEST, () => value);
      for (let at = 0; at < 3; at += 1) await hit();
      contenders.push(contender(`endpoint-cache routeRequest, hit, ${name}`, async () => (await hit()).data.length));
      contenders.push(contender(`endpoint-cache routeRequest, miss, ${name}`, () => (cache.clear(), hit().then(({ data }) => data.length))));
    };
    await hitOf("rows with Dates", rows);
    await hitOf("rows with Dates, isolation json", rows, { isolation: "json" });
    await hitOf("rows with Dates, isolation copy", rows, { isolation: "copy" });
    await hitOf("rows without", plain);
  }
  const table = await interleave(contenders, { rounds: quick ? 5 : 21 });
  return [{ title: `answers with Dates: ${ROWS} rows of four members`, unit: "time", reference: "JSON.stringify of the rows", rows: table }];
}
