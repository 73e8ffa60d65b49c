/**
 * The table of entries: a row for each key the cache holds, and for a moment each that it has just lost.
 *
 * What a row says comes from `explain`, not from a memory of its own. Rows are kept in the order of endpoint, user and params, so that
 * what belongs together falls together.
 */
import { $, el, say, seconds } from "./dom.js";

/** How long a removed row stays to be seen, and how long a hit glows. */
const GONE_MS = 1600;
const GLOW_MS = 350;

export class Entries {
  #world;
  #body = $("entries").tBodies[0];
  #rows = new Map();
  #matched = new Set();
  #onChoose;
  chosen = null;

  constructor(world, onChoose) {
    this.#world = world;
    this.#onChoose = onChoose;
    world.onEvent((event) => {
      if (event.type === "hit") this.#rows.get(event.key)?.glow();
    });
  }

  /** Outlines the rows of these keys. */
  match(keys) {
    this.#matched = new Set(keys);
  }

  /** Takes the table to where the cache is now. */
  render() {
    const now = performance.now();
    const { cache, known } = this.#world;
    let alive = 0;
    for (const [key, request] of known) {
      const { state, ttl, age, removal } = cache.explain(key);
      const present = state === "fresh" || state === "stale" || state === "expired";
      let row = this.#rows.get(key);
      if (present && (!row || row.goneAt)) {
        row ??= this.#insert(key, request);
        row.goneAt = 0;
      }
      if (!row) continue;
      if (present) alive += 1;
      else if (!row.goneAt) Object.assign(row, { goneAt: now, reason: removal?.reason ?? "removed" });
      if (row.goneAt && now - row.goneAt > GONE_MS) {
        row.node.remove();
        this.#rows.delete(key);
        continue;
      }
      row.paint({ state, ttl, share: present ? Math.max(0, ttl / (ttl + age)) : 0, hits: request.hits, now, matched: this.#matched.has(key), chosen: this.chosen === key });
    }
    say($("count"), String(alive));
    $("entries-empty").hidden = this.#rows.size > 0;
  }

  #insert(key, request) {
    const row = makeRow(key, request, () => {
      this.chosen = key;
      this.#onChoose(key);
    });
    // Few rows and seldom a new one: a search from the start costs nothing that could be seen.
    const next = [...this.#rows.values()].filter((other) => other.sort > row.sort).sort((a, b) => (a.sort < b.sort ? -1 : 1))[0];
    this.#body.insertBefore(row.node, next?.node ?? null);
    this.#rows.set(key, row);
    return row;
  }
}

function makeRow(key, { endpoint, params, userId }, onChoose) {
  const asked = Object.entries(params).map(([name, value]) => `${name}=${value}`).join(" ") || "–";
  const bar = el("b");
  const left = el("span");
  const hits = el("td", { class: "num" });
  const button = el("button", { type: "button", title: key, onclick: onChoose }, endpoint);
  const node = el("tr", { "data-key": key }, el("td", {}, button), el("td", { class: "params" }, asked), el("td", { class: "user" }, userId ?? "–"), hits, el("td", {}, el("div", { class: "ttl" }, el("i", {}, bar), left)));
  let glowUntil = 0;
  const row = {
    node,
    sort: `${endpoint} ${userId ?? ""} ${asked}`,
    goneAt: 0,
    reason: "",
    glow: () => (glowUntil = performance.now() + GLOW_MS),
    paint({ state, ttl, share, hits: count, now, matched, chosen }) {
      const classes = [
        row.goneAt ? "gone" : state,
        !row.goneAt && share < 0.2 && "low",
        !row.goneAt && now < glowUntil && "hit",
        matched && !row.goneAt && "matched",
        chosen && "chosen",
      ].filter(Boolean).join(" ");
      if (node.className !== classes) node.className = classes;
      bar.style.transform = `scaleX(${share.toFixed(3)})`;
      say(left, row.goneAt ? row.reason : state === "expired" ? "expired" : seconds(ttl));
      say(hits, String(count));
    },
  };
  return row;
}
