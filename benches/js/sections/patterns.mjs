// Patterns over the text of keys: what one key costs of a million. None of them matches anything, so that only the search is
// timed; beside it the host's own RegExp, which backtracks, over the keys of a Map and of lru-cache.
import { LRUCache } from "lru-cache";
import { interleave } from "../lib/measure.mjs";
import { version } from "../lib/versions.mjs";

const RESOURCES = ["prompt", "scene", "project"];
const OPERATIONS = ["list", "get"];

/** As people write them, with a tail that no key has. */
const PATTERNS = [
  "^storycore\\.(prompt|project)\\.(list|get):x",
  "[0-9a-f]{16}x$",
  "^[a-z]+(\\.[a-z_]+)*\\.(list|get):(user:[^:]+:)?[0-9a-f]{15}$",
  "prompt.{0,50}admin",
  "storycore\\..*\\.list:.*x",
];
/** And the same for the host. */
const GLOBS = [["*prompt*list*x", "prompt.*list.*x$"]];

function keyAt(number) {
  const resource = RESOURCES[number % 3];
  const operation = OPERATIONS[Math.floor(number / 3) % 2];
  return `storycore.${resource}.${operation}:${number.toString(16).padStart(16, "0")}`;
}

export async function run({ ours, quick }) {
  const count = quick ? 100_000 : 1_000_000;
  const map = new Map();
  const lru = new LRUCache({ max: count, ttl: 3_600_000 });
  const own = ours ? new ours.CacheService({ defaultTtl: 3600, maxEntries: count, maxBytes: Infinity }) : null;
  for (let number = 0; number < count; number += 1) {
    const key = keyAt(number);
    map.set(key, number);
    lru.set(key, number);
    own?.set(key, number);
  }
  const scan = (keys, regex) => {
    let found = 0;
    for (const key of keys) if (regex.test(key)) found += 1;
    if (found > 0) throw new Error(`${regex} found ${found}`);
    return count;
  };
  const tables = [];
  const reference = `lru-cache ${version("lru-cache")}, keys and RegExp`;
  const add = async (title, regex, pattern) => {
    const contenders = [
      { name: "Map, keys and RegExp", run: () => scan(map.keys(), regex) },
      { name: reference, run: () => scan(lru.keys(), regex) },
    ];
    if (own) {
      contenders.push({
        name: "endpoint-cache preview",
        run: () => {
          const found = own.preview(pattern).length;
          if (found > 0) throw new Error(`${title} found ${found}`);
          return count;
        },
      });
    }
    const rows = await interleave(contenders, { rounds: 3 });
    tables.push({ title: `patterns per key at ${count.toLocaleString("en")}: ${title}`, unit: "time", reference, rows });
  };
  for (const pattern of PATTERNS) await add(`\`${pattern}\``, new RegExp(pattern), pattern);
  for (const [glob, forHost] of GLOBS) await add(`the glob \`${glob}\``, new RegExp(forHost), { glob });
  return tables;
}
