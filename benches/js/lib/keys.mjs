// Keys as an API response cache has them: endpoint, user and 16 hex digits, 45 characters.
import { random, shuffle } from "./random.mjs";

const hex = (n, width) => n.toString(16).padStart(width, "0");
/** One flat string object, not a rope: what a parser or a header hands over. */
const flat = (text) => Buffer.from(text, "latin1").toString("latin1");

/** `count` distinct keys of 45 characters over `resources` resources and `users` users. */
export function makeKeys(count, { resources = 50, users = 64, seed = 7, from = 0 } = {}) {
  const next = random(seed);
  return Array.from({ length: count }, (_, i) => {
    const resource = hex((from + i) % resources, 4);
    return flat(`core.re_${resource}.list:user:u${hex((from + i) % users, 4)}:${hex(Math.floor(next() * 2 ** 32), 8)}${hex(from + i, 8)}`);
  });
}

/** Keys in two parts, both flat; what concatenates them is a rope without a hash, as a template literal makes it. */
export function halves(keys) {
  const ends = keys.map((key) => key.lastIndexOf(":") + 1);
  return { heads: keys.map((key, i) => flat(key.slice(0, ends[i]))), tails: keys.map((key, i) => flat(key.slice(ends[i]))) };
}

/** Nested parameters, a new object each time, as a parsed body is. */
export const nested = (n) => ({
  project_name: `demo-project-${n % 10}`,
  page: n,
  filter: { state: "open", tags: ["alpha", `beta-${n % 7}`] },
});

/** The same texts as other string objects, their hashes computed. */
export function copies(keys) {
  const out = keys.map(flat);
  hashed(out);
  return out;
}

/** Has every string's hash computed (a string keeps it), so that no contender pays for it and none is spared. */
export function hashed(keys) {
  const probe = new Map();
  for (const key of keys) probe.get(key);
  const set = new Set(keys);
  return set.size;
}

export const shuffled = (keys, seed = 11) => shuffle([...keys], random(seed));
