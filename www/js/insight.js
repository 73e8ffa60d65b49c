/** What the page says about the cache in words and figures: the story of a key, the events, the statistics. */
import { $, el, percent, say, seconds } from "./dom.js";

const LOG_LENGTH = 40;

/** The story of one key, and its value. */
export function explain(world, key, forget) {
  const { state, summary, age, ttl } = world.cache.explain(key);
  const value = world.cache.peek(key);
  const facts = [["key", key], ["state", state]];
  if (age !== undefined) facts.push(["age", seconds(age)]);
  if (ttl !== undefined) facts.push(["expires in", seconds(ttl)]);
  if (value !== undefined) facts.push(["value", JSON.stringify(value.data ?? value)]);
  const list = el("dl", {});
  for (const [name, text] of facts) list.append(el("dt", {}, name), el("dd", {}, text));
  const drop = el("button", { type: "button", onclick: () => forget(key) }, "delete(key)");
  drop.disabled = value === undefined;
  $("explain").replaceChildren(el("p", { class: "summary" }, words(world, summary)), list, drop);
}

/** The cache says times as its clock does, in milliseconds; a person reads the clock on the page. */
function words(world, summary) {
  return summary.replace(/\bat (\d{12,})/, (_, at) => `at ${world.clock.face(Number(at))}`);
}

/** A list of the last events. Frequent ones (hits, misses, sets) are in the charts and the table. */
export function eventLog(world) {
  const list = $("log");
  const add = (text) => {
    list.prepend(el("li", {}, el("time", {}, world.clock.face()), el("span", {}, text)));
    while (list.children.length > LOG_LENGTH) list.lastChild.remove();
  };
  world.onEvent((event) => {
    if (event.type === "mutation" && (event.phase === "begin" || event.count > 0)) {
      add(`${event.endpoint} ${event.phase === "begin" ? "begins" : "has settled"}: ${event.count} gone`);
    } else if (event.type === "invalidated") add(`invalidated ${event.by}: ${event.count} gone`);
    else if (event.type === "cleared") add(`clear(): ${event.count} gone`);
    else if (event.type === "refused") add(`a load was not stored (${event.reason}): ${event.key.split(":")[0]}`);
  });
  add("The page begins. Its clock is the cache's clock.");
  return add;
}

const NAMES = ["size", "hits", "misses", "hitRate", "missRate", "expiredEntries", "sets", "evictions", "invalidations", "joined", "loads", "refusedFills", "bypasses", "staleHits", "failedLoads", "bytes", "loading", "mutating"];

/** The statistics as a list; each figure carries its name in `data-stat`. */
export function statistics(world) {
  const cells = new Map(NAMES.map((name) => [name, el("dd", { "data-stat": name })]));
  for (const [name, cell] of cells) $("stats").append(el("div", {}, el("dt", {}, name), cell));
  return () => {
    const stats = world.cache.getStats();
    for (const [name, cell] of cells) say(cell, name.endsWith("Rate") ? stats[name].toFixed(3) : stats[name].toLocaleString("en"));
    const { requests, calls, savedMs, checked, stale } = world.counters;
    say($("kpi-rate"), percent(stats.hitRate));
    say($("kpi-calls"), calls.toLocaleString("en"));
    say($("kpi-calls-note"), `for ${requests.toLocaleString("en")} requests`);
    say($("kpi-saved"), seconds(savedMs / 1000));
    say($("kpi-stale"), String(stale));
    say($("kpi-stale-note"), `of ${checked.toLocaleString("en")} checked against the source`);
    $("kpi-stale").classList.toggle("bad", stale > 0);
    return stats;
  };
}
