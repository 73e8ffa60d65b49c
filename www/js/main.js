/** Puts the page together: one world, the parts that show it, and the rhythm in which they are drawn. */
import { measure, prepareBench } from "./bench.js";
import { chart } from "./charts.js";
import { Controls } from "./controls.js";
import { $, percent, say, seconds } from "./dom.js";
import { Entries } from "./entries.js";
import { eventLog, explain, statistics } from "./insight.js";
import { prepare, race } from "./race.js";
import { draw, stampede } from "./stampede.js";
import { walk } from "./walk.js";
import { World } from "./world.js";

/** Ten pictures a second are enough for bars that run for minutes; the charts take a point every half second. */
const DRAW_MS = 100;
const SAMPLE_MS = 500;

const world = new World();
const log = eventLog(world);
const forget = (key) => {
  world.cache.delete(key);
  log(`delete(${key})`);
  explain(world, key, forget);
};
const table = new Entries(world, (key) => explain(world, key, forget));
const controls = new Controls(world, table, log);
const showStatistics = statistics(world);

// ------------------------------------------------------------------ charts

const rate = chart($("charts"), { title: "Hit rate", series: [{ name: "hit rate", style: "one", area: true }], top: 1, format: ([now]) => percent(now), unit: percent });
const load = chart($("charts"), {
  title: "Load",
  series: [{ name: "requests", style: "two", area: true }, { name: "handler calls", style: "three" }],
  format: ([requests, calls]) => `${requests.toFixed(0)} /s, ${calls.toFixed(0)} /s`,
  unit: (top) => `${top} /s`,
});
const saved = chart($("charts"), { title: "Waiting saved", series: [{ name: "saved", style: "one", area: true }], format: ([now]) => `${seconds(now)}/s`, unit: (top) => `${top} s` });

let before = { ...world.counters, hits: 0, misses: 0, at: performance.now() };
function sample() {
  const { hits, misses } = world.cache.getStats();
  const now = { ...world.counters, hits, misses, at: performance.now() };
  const passed = (now.at - before.at) / 1000;
  const looked = now.hits - before.hits + now.misses - before.misses;
  rate(looked > 0 ? (now.hits - before.hits) / looked : 0);
  load((now.requests - before.requests) / passed, (now.calls - before.calls) / passed);
  saved((now.savedMs - before.savedMs) / 1000 / passed);
  before = now;
}

// ------------------------------------------------------------------ rhythm

let ticks = 0;
setInterval(() => {
  table.render();
  say($("clock"), world.clock.face());
  if (ticks % 3 === 0) {
    showStatistics();
    controls.preview();
  }
  ticks += 1;
}, DRAW_MS);
setInterval(sample, SAMPLE_MS);
sample();
showStatistics();

// ------------------------------------------------------------------ scenes

/** A button that plays a scene once at a time. */
function scene(id, play) {
  $(id).addEventListener("click", async () => {
    $(id).disabled = true;
    try {
      await play();
    } finally {
      $(id).disabled = false;
    }
  });
}
scene("walk", () => walk(world, controls));
scene("race-run", race);
scene("stampede-run", stampede);
scene("bench-run", async () => {
  // The traffic would take part in the measurement.
  const traffic = controls.running;
  controls.start(false);
  await measure();
  controls.start(traffic);
});
prepare();
prepareBench();
draw("naive");
draw("ours");

controls.start(!matchMedia("(prefers-reduced-motion: reduce)").matches);

// For tests and for the curious: the cache that the page shows.
globalThis.endpointCache = { world, controls };
