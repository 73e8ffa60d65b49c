// The README's table from a report: node summary.mjs report.json
//
// One row for each thing that a reader asks about, with the peer it is asked about. A row in which we are behind stands
// there like any other.
import { readFileSync } from "node:fs";
import { paired } from "./lib/measure.mjs";
import { markdown, time, times } from "./lib/table.mjs";

const { tables } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const OURS = /^endpoint-cache/;

const table = (title) => tables.find((it) => it.title.startsWith(title));
const rowOf = (found, name) => found?.rows.find((row) => (name instanceof RegExp ? name.test(row.name) : row.name.startsWith(name)));
const cost = (row) => row.ns ?? row.value;
const versus = (own, other) => `${times(paired(other, own).ratio)}×`;

/** Rows of one table: what it is, and against whom. `show` writes what a row of that table says. */
function rowsOf(show, what, title, others, ours = OURS) {
  const found = table(title);
  const own = rowOf(found, ours);
  if (own === undefined) return [];
  return others.map((name, index) => {
    const other = rowOf(found, name);
    const head = index === 0 ? [what, show(own)] : ["", ""];
    return [...head, other.name, show(other), versus(own, other)];
  });
}

const timed = (...about) => rowsOf((row) => time(cost(row)), ...about);
/** The same where cells are words already. */
const said = (what, title, cell, ...about) => rowsOf((row) => row.cells[cell], what, title, ...about);

const rows = [
  ...timed("`get`, hit, the very strings that were stored", "`get` hit, same strings", ["lru-cache", "Map"]),
  ...timed("`get`, hit, equal strings", "`get` hit, copies", ["lru-cache", "Map"]),
  ...timed("`get`, miss", "`get` miss", ["lru-cache"]),
  ...timed("`set` of a new key, concatenated for it", "`set` of a new key, fresh", ["lru-cache", "Map"]),
  ...timed("the same key, flat and hashed before", "`set` of a new key, premade", ["lru-cache"]),
  ...timed("the same, concatenated, each of another user", "`set` of a new key, each of another user, fresh", ["lru-cache"]),
  ...timed("`set` while evicting, concatenated keys", "`set` of a new key while evicting, fresh", ["lru-cache", "Map"]),
  ...timed("the same, flat and hashed before", "`set` of a new key while evicting, premade", ["lru-cache"]),
  ...timed(
    "a cached request with nested params, hit",
    "a cached call",
    ["async-cache-dedupe", "ocache", "@epic-web/cachified", "cacheable", "bentocache", "floor"],
    /^endpoint-cache routeRequest/,
  ),
  ...timed(
    "a request with nested params, never seen: load and store",
    "a call with nested parameters never seen",
    ["layered-loader", "async-cache-dedupe", "@epic-web/cachified", "bentocache", "ocache", "cacheable"],
    /^endpoint-cache routeRequest/,
  ),
  ...timed("the same hit with `{ ttl, tags }` as options", "a hit with { ttl, tags }", ["floor"]),
  ...timed("a mutation, around its handler", "a mutation that finds nothing", ["floor"]),
  ...timed(
    "1,000 rows with a Date each, hit",
    "answers with Dates",
    ["JSON.stringify", "structuredClone"],
    "endpoint-cache routeRequest, hit, rows with Dates",
  ),
  ...timed("a key from params seen before", "a key from nested parameters, seen before", [/createHash/]),
  ...timed("a key from params never seen", "a key from nested parameters, never seen", [/createHash/]),
  ...said(table("drop one of")?.title ?? "", "drop one of", 0, [/^lru-cache.*prefix/], "endpoint-cache, { endpoint }"),
  ...timed("a regular expression, for each of a million keys", "patterns per key", ["lru-cache", "Map"]),
  ...said("memory of an entry beside its value", "memory of an entry", 0, ["lru-cache", "Map"]),
  ...said("cold start, import to first answer", "cold start", 1, ["lru-cache", "cacheable", "bentocache"]),
  ...said(
    "the base import, bundled, gzip",
    "package size",
    1,
    ["lru-cache", "cacheable", "bentocache"],
    "endpoint-cache, everything inside",
  ),
];
console.log(markdown(["", "endpoint-cache", "beside", "", "ratio"], rows));
