/**
 * The race, slowed down: a read that began before a write ends after it.
 *
 * Both caches get the same requests at the same moments, on sources of their own. The pictures are drawn from what
 * happened, when it happened; nothing is played from a script but the requests themselves.
 */
import { $, say, sleep, svg } from "./dom.js";
import { NaiveCache } from "./naive.js";
import { CacheService, routeRequest } from "./package.js";

const [LOAD_MS, WRITE_AT, WRITE_MS, LATER_AT, END_MS] = [2200, 500, 600, 2800, 4800];
const SHORT_LOAD_MS = 800;
const [LEFT, ROW] = [84, 44];
const PARTIES = ["reader A", "writer", "the cache", "reader B"];

/** A source whose data has a version, and how the two kinds of cache are asked. */
function contender(kind) {
  let version = 1;
  const load = async (ms) => {
    const seen = version;
    await sleep(ms);
    return { version: seen };
  };
  if (kind === "naive") {
    const cache = new NaiveCache();
    return {
      read: (ms) => cache.get("story", () => load(ms)),
      // The data changes half-way through the write; the key is deleted before the write is acknowledged.
      write: async () => {
        await sleep(WRITE_MS / 2);
        version += 1;
        await sleep(WRITE_MS / 2);
        cache.invalidate("story");
      },
      held: () => cache.values.get("story")?.version,
    };
  }
  const cache = new CacheService();
  let key = null;
  return {
    read: async (ms) => {
      const { data, metadata } = await routeRequest(cache, { endpoint: "story.chapter.get" }, () => load(ms));
      key = metadata.key;
      return data;
    },
    write: () => routeRequest(cache, { endpoint: "story.chapter.update" }, async () => {
      await sleep(WRITE_MS / 2);
      version += 1;
      await sleep(WRITE_MS / 2);
    }),
    held: () => (key === null ? undefined : (cache.peek(key)?.data ?? cache.peek(key))?.version),
  };
}

/** Plays the race on one cache and draws it. @returns {Promise<{ waited: number, later: number }>} the versions the readers got */
async function play(kind) {
  const cache = contender(kind);
  const picture = timeline($(`race-${kind}`), kind);
  const start = performance.now();
  const at = () => performance.now() - start;
  const until = (ms) => sleep(Math.max(0, ms - at()));
  let running = true;
  const frame = () => {
    picture.advance(at(), cache.held());
    if (running) requestAnimationFrame(frame);
  };
  frame();

  const first = picture.bar(0, 0, "load", "loads v1");
  const waiting = cache.read(LOAD_MS).then(({ version }) => {
    first.end(at());
    picture.answer(0, at(), version);
    return version;
  });
  await until(WRITE_AT);
  const write = picture.bar(1, at(), "write", "v2");
  await cache.write();
  write.end(at());
  picture.acknowledge(at());
  await until(LATER_AT);
  const second = picture.bar(3, at(), "load", "loads");
  const later = await cache.read(SHORT_LOAD_MS).then(({ version }) => {
    second.end(at());
    picture.answer(3, at(), version);
    return version;
  });
  const waited = await waiting;
  await until(END_MS);
  running = false;
  return { waited, later };
}

/** Runs both side by side. @returns {Promise<{ naive: number, ours: number }>} what reader B got */
export async function race() {
  for (const kind of ["naive", "ours"]) verdict(kind, "", "", "Reader A is on its way …");
  const [naive, ours] = await Promise.all([play("naive"), play("ours")]);
  for (const [kind, { later }] of Object.entries({ naive, ours })) {
    if (later === 2) verdict(kind, "good", "Fresh", "Reader B, who came after the write was acknowledged, got v2. Reader A's old answer still reached reader A, but was not stored.");
    else verdict(kind, "bad", "Stale", "Reader B, who came after the write was acknowledged, got v1, and so does everybody else until the TTL runs out.");
  }
  return { naive: naive.later, ours: ours.later };
}

function verdict(kind, mood, title, text) {
  const node = $(`verdict-${kind}`);
  node.className = `verdict ${mood}`;
  const head = document.createElement("b");
  head.textContent = title;
  node.replaceChildren(...(title ? [head] : []), text);
}

/** An empty picture of the race, for before it has run. */
export function prepare() {
  for (const kind of ["naive", "ours"]) timeline($(`race-${kind}`), kind).advance(0, undefined);
}

/** A picture with a row for each party, that grows with time. */
function timeline(host, kind) {
  // Drawn as wide as it is shown, so that the words keep their size on a phone.
  const width = Math.min(640, Math.max(290, host.clientWidth));
  const height = PARTIES.length * ROW + 30;
  const image = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Timeline of the ${kind === "ours" ? "race on endpoint-cache" : "race on a naive cache"}; the outcome is below in words` });
  const x = (ms) => LEFT + (Math.min(ms, END_MS) / END_MS) * (width - LEFT - 8);
  PARTIES.forEach((name, row) => {
    image.append(svg("text", { class: "label", x: 0, y: row * ROW + 27 }, name));
    image.append(svg("line", { class: "axis", x1: 0, x2: width, y1: (row + 1) * ROW, y2: (row + 1) * ROW }));
  });
  const now = image.appendChild(svg("line", { class: "now", x1: LEFT, x2: LEFT, y1: 0, y2: PARTIES.length * ROW }));
  host.replaceChildren(image);
  const open = new Set();
  let held;

  const rect = (row, from, style, text) => {
    const node = image.insertBefore(svg("rect", { class: style, x: x(from), y: row * ROW + 9, height: ROW - 18, width: 0, rx: 5 }), now);
    const words = image.insertBefore(svg("text", { class: style === "load" ? "in" : "on", x: x(from) + 7, y: row * ROW + 27 }, text), now);
    return { grow: (to) => node.setAttribute("width", Math.max(0, x(to) - x(from))), rename: (other) => say(words, other) };
  };
  const api = {
    bar(row, from, style, text) {
      const bar = rect(row, from, style, text);
      open.add(bar);
      return { end: (to) => { bar.grow(to); open.delete(bar); } };
    },
    answer(row, at, version) {
      const right = x(at) + 60 > width;
      image.append(svg("rect", { class: version === 1 ? "old" : "new", x: right ? x(at) - 58 : x(at) + 3, y: row * ROW + 9, height: ROW - 18, width: 55, rx: 5 }));
      image.append(svg("text", { class: "on", x: right ? x(at) - 50 : x(at) + 11, y: row * ROW + 27 }, `got v${version}`));
    },
    acknowledge(at) {
      image.append(svg("line", { class: "ack", x1: x(at), x2: x(at), y1: 6, y2: PARTIES.length * ROW }));
      image.append(svg("text", { class: "acked", x: x(at) - 4, y: PARTIES.length * ROW + 18 }, width > 400 ? "write acknowledged: v1 is out of date" : "acknowledged"));
    },
    advance(ms, version) {
      now.setAttribute("x1", x(ms));
      now.setAttribute("x2", x(ms));
      for (const bar of open) bar.grow(ms);
      if (version !== held?.version) {
        if (held) { held.end(ms); held = undefined; }
        if (version !== undefined) held = { version, ...api.bar(2, ms, version === 1 ? "old" : "new", width > 400 ? `holds v${version}` : `v${version}`) };
      }
    },
  };
  return api;
}
