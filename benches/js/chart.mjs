// Bars from a report: node chart.mjs report.json > chart.svg
//
// One panel for each table that a reader of the README wants; shorter is better. Colours follow the reader's light or dark mode.
import { readFileSync } from "node:fs";
import { time } from "./lib/table.mjs";

const PANELS = [
  { section: "get", title: "`get` hit, same strings", heading: "get, hit" },
  { section: "set", title: "`set` of a new key, fresh", heading: "set, new key, concatenated for it" },
  { section: "route", title: "a cached call with nested parameters, hit", heading: "cached request with nested parameters, hit" },
  { section: "invalidate", title: /^drop one of/, heading: (title) => title },
];
const WIDTH = 800;
const LABEL = 310;
const BAR = 330;
const ROW = 24;
const STYLE = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #1f2328; }
  .heading { font-weight: 600; font-size: 15px; }
  .quiet { fill: #59636e; }
  .own { font-weight: 600; }
  .bar { fill: #b6c2cf; }
  .bar.own { fill: #0969da; }
  .bar.floor { fill: #d9dfe5; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .quiet { fill: #9198a1; }
    .bar { fill: #4a5562; }
    .bar.own { fill: #4493f8; }
    .bar.floor { fill: #353c45; }
  }`;

const plain = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("`", "");
const isOwn = (name) => name.startsWith("endpoint-cache");
const isFloor = (name) => name.startsWith("Map") || name.startsWith("floor");

function panel(table, heading, top) {
  const rows = table.rows
    .map(({ name, ns, value }) => ({ name, ns: ns ?? value }))
    .filter((row) => typeof row.ns === "number")
    .sort((a, b) => a.ns - b.ns);
  const longest = Math.max(...rows.map((row) => row.ns));
  const lines = [`<text class="heading" x="0" y="${top + 14}">${plain(heading)}</text>`];
  rows.forEach(({ name, ns }, i) => {
    const y = top + 26 + i * ROW;
    const kind = isOwn(name) ? " own" : isFloor(name) ? " floor" : "";
    const width = Math.max(2, (ns / longest) * BAR);
    lines.push(
      `<text class="${kind ? kind.trim() : "quiet"}" x="${LABEL - 10}" y="${y + 14}" text-anchor="end">${plain(name)}</text>`,
      `<rect class="bar${kind}" x="${LABEL}" y="${y + 2}" width="${width.toFixed(1)}" height="${ROW - 7}" rx="3"/>`,
      `<text class="${kind === " own" ? "own" : "quiet"}" x="${(LABEL + width + 8).toFixed(1)}" y="${y + 14}">${time(ns)}</text>`,
    );
  });
  return { svg: lines.join("\n"), height: 26 + rows.length * ROW + 22 };
}

const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
const parts = [];
let top = 4;
for (const { section, title, heading } of PANELS) {
  const table = report.tables.find((t) => t.section === section && (title instanceof RegExp ? title.test(t.title) : t.title === title));
  if (!table) continue;
  const { svg, height } = panel(table, typeof heading === "function" ? heading(table.title) : heading, top);
  parts.push(svg);
  top += height;
}
if (parts.length === 0) {
  console.error("the report has none of the tables that the chart shows: run get, set, route or invalidate");
  process.exit(2);
}
const { node, platform, cores } = report.machine;
parts.push(
  `<text class="quiet" x="0" y="${top + 10}">Median time of one operation, each in a process of its own, shorter is better. Node ${node.slice(1)}, ${platform}, ${cores} cores.</text>`,
);
console.log(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top + 20}" width="${WIDTH}" height="${top + 20}" role="img" aria-label="Time of one operation in endpoint-cache and its peers"><style>${STYLE}\n</style>\n${parts.join("\n")}\n</svg>`,
);
