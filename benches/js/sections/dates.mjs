import { loadOurs, takesPart } from "../lib/ours.mjs";

const ROWS = 1_000;
const PASSES = 10;
export const about = `Answers with something mutable in them: ${ROWS.toLocaleString("en")} rows of four members, one of them a Date, as an ORM hands them out. Each hit gives its
caller Dates of its own; beside it what a caller would do without: copy the rows, or write them as JSON.`;

const REQUEST = { endpoint: "storycore.prompt.list", params: { project: "demo" } };
const rowsWith = (at) => Array.from({ length: ROWS }, (_, i) => ({ id: i, name: `row ${i}`, email: `u${i}@example.org`, at: at(i) }));
const withDates = () => rowsWith((i) => new Date(1e12 + i));

/** A request asked again and again, which is answered from the cache, or is not because the cache is cleared before. */
function routed(id, name, { rows = withDates, cleared = false, ...options } = {}) {
  const open = async () => {
    const { CacheService, routeRequest } = await loadOurs();
    const cache = new CacheService(options);
    const data = rows();
    return async () => {
      if (cleared) cache.clear();
      return (await routeRequest(cache, REQUEST, () => data)).data;
    };
  };
  return { id, name: `endpoint-cache routeRequest, ${name}`, open };
}

const contenders = [
  { id: "json", name: "JSON.stringify of the rows", open: async () => JSON.stringify.bind(null, withDates()) },
  { id: "clone", name: "structuredClone of the rows", open: async () => structuredClone.bind(null, withDates()) },
  ...(takesPart
    ? [
        routed("ours", "hit, rows with Dates"),
        routed("ours-json", "hit, rows with Dates, isolation json", { isolation: "json" }),
        routed("ours-copy", "hit, rows with Dates, isolation copy", { isolation: "copy" }),
        routed("ours-plain", "hit, rows without", { rows: () => rowsWith((i) => 1e12 + i) }),
        routed("ours-miss", "miss, rows with Dates", { cleared: true }),
        routed("ours-plain-miss", "miss, rows without", { cleared: true, rows: () => rowsWith((i) => 1e12 + i) }),
      ]
    : []),
];

export const tables = () => [
  {
    title: `answers with Dates: ${ROWS} rows of four members`,
    reference: "json",
    contenders,
    async start({ open }) {
      const once = await open();
      return {
        async run() {
          for (let pass = 0; pass < PASSES; pass += 1) if ((await once()).length < ROWS) throw new Error("rows are missing");
          return PASSES;
        },
      };
    },
  },
];
