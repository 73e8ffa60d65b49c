// Values of many shapes, each made anew by number so that no two share more than their likes would.
const text = (length, seed) => {
  let made = `${seed.toString(36)}-`;
  while (made.length < length) made += Math.random().toString(36).slice(2);
  // Parsed: flat, and no part of a longer string.
  return JSON.parse(JSON.stringify(made.slice(0, length)));
};
const wide = (length, seed) =>
  Buffer.from(Array.from({ length }, (_, at) => String.fromCharCode(0x4e00 + ((seed * 31 + at * 7) % 5000))).join("")).toString();
const parsed = (value) => JSON.parse(JSON.stringify(value));
const list = (length, item) => Array.from({ length }, (_, at) => item(at));
const row = (id) => ({ id, name: text(18, id), email: text(22, id), active: id % 2 === 0 });
const keyed = (count, name, item) => {
  const table = {};
  for (let at = 0; at < count; at += 1) table[name(at)] = item(at);
  return table;
};
/** Names of columns without digits. */
const columns = list(100, (at) => `column${String.fromCharCode(97 + (at % 26), 97 + Math.floor(at / 26))}`);
const literal = new Function(
  "i",
  `return { ${columns
    .slice(0, 40)
    .map((name) => `${name}: i`)
    .join(", ")} }`,
);
const columnText = (count) => (id) =>
  JSON.parse(
    `{${columns
      .slice(0, count)
      .map((name) => `"${name}":${id}`)
      .join(",")}}`,
  );
class Row {
  constructor(id) {
    this.id = id;
    this.name = text(18, id);
    this.score = id + 0.5;
  }
}

/** @type {Record<string, (i: number) => unknown>} */
export const shapes = {
  "{ id }": (i) => ({ id: i }),
  "a row": (i) => parsed(row(i)),
  "100 rows": (i) => parsed({ rows: list(100, row), total: i }),
  "20 rows, nested": (i) =>
    parsed(
      list(20, (at) => ({ ...row(at), address: { street: text(20, i), geo: { lat: at + 0.1, lng: at + 0.2 } }, tags: ["a", text(8, at)] })),
    ),
  "10,000 of { id }": (i) => list(10_000, (at) => ({ id: i + at })),
  "a row with two Dates": (i) => ({ ...row(i), createdAt: new Date(i), updatedAt: new Date(i) }),
  "100 rows with a Date": (i) => list(100, (at) => ({ id: at, name: text(18, i), at: new Date(i) })),
  "40 columns": columnText(40),
  "100 columns": columnText(100),
  "40 columns, a literal": literal,
  "one id as a name": (i) => ({ [`id-${i}`]: i }),
  "10 ids as names": (i) =>
    keyed(
      10,
      (at) => `id-${i}-${at}`,
      (at) => at,
    ),
  "200 ids as names": (i) =>
    keyed(
      200,
      (at) => `id-${i}-${at}`,
      (at) => at,
    ),
  "50 UUIDs as names, rows": (i) =>
    keyed(
      50,
      () => crypto.randomUUID(),
      () => row(i),
    ),
  "5,000 ids as names": (i) =>
    keyed(
      5_000,
      (at) => `id-${i}-${at}`,
      (at) => at,
    ),
  "50 large integers as names": (i) =>
    keyed(
      50,
      (at) => 100_000 + i + at * 997,
      (at) => at,
    ),
  "50 small integers as names": () =>
    keyed(
      50,
      (at) => at,
      (at) => at,
    ),
  "1,000 doubles": () => list(1_000, Math.random),
  "1,000 integers": (i) => list(1_000, (at) => at + i),
  "[lat, lng]": (i) => [i + 0.5, i + 0.25],
  "{ lat, lng }": (i) => ({ lat: i + 0.5, lng: i + 0.25 }),
  "100 coordinates": () => parsed({ type: "LineString", coordinates: list(100, () => [Math.random(), Math.random()]) }),
  "a matrix, 50 by 50": (i) => list(50, () => list(50, (at) => at + i)),
  "1,000 UUIDs": () => parsed(list(1_000, () => crypto.randomUUID())),
  "1,000 short words": (i) => parsed(list(1_000, () => text(6, i))),
  "100 rows, words that repeat": (i) =>
    parsed(list(100, (at) => ({ status: "published", kind: "an article about something", lang: "en-GB", id: i + at }))),
  "a string of 20": (i) => text(20, i),
  "a string of 10,000": (i) => text(10_000, i),
  "Chinese, 1,000": (i) => wide(1_000, i),
  "a string put together": (i) => list(500, () => text(12, i)).reduce((all, part) => all + part, ""),
  "a slice of 100 KB": (i) => text(100_000, i).slice(100, 200),
  "{ a slice of 100 KB }": (i) => ({ text: text(100_000, i).slice(100, 200) }),
  "lines of a text": (i) =>
    list(500, () => text(40, i))
      .join("\n")
      .split("\n"),
  "a BigInt": (i) => 12n + BigInt(i),
  "a BigInt of 1,000 digits": (i) => 10n ** 1_000n + BigInt(i),
  "a Map of 10": (i) => new Map(list(10, (at) => [text(8, i), at])),
  "a Map of 1,000": (i) => new Map(list(1_000, (at) => [text(8, i), at])),
  "a Set of 1,000": (i) => new Set(list(1_000, (at) => i + at)),
  "a Date": (i) => new Date(i),
  "a Buffer of 10": () => Buffer.from("abcdefghij"),
  "a Buffer of 10,000": () => Buffer.alloc(10_000),
  "bytes, 16": () => new Uint8Array(16),
  "a part of a Buffer of 100 KB": () => Buffer.alloc(100_000).subarray(0, 100),
  "a tree of 255": (i) =>
    parsed(
      (function tree(depth) {
        return depth === 0 ? { leaf: i } : { left: tree(depth - 1), right: tree(depth - 1) };
      })(7),
    ),
  "an instance": (i) => new Row(i),
};

/** What no load may store: its copy would not be what it was. */
export const byReferenceOnly = ["an instance"];
