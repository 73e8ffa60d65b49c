/** A thousand callers at once, in front of a source that serves a hundred at a time. Each dot is a caller; a bright one has its answer. */
import { $, say, sleep } from "./dom.js";
import { NaiveCache } from "./naive.js";
import { CacheService, routeRequest } from "./package.js";

const CALLERS = 1000;
const [COLUMNS, ROWS] = [50, 20];
const AT_ONCE = 100;
const WORK_MS = 200;

/** A source with a bounded number of connections; callers beyond them wait in line. */
function source() {
  const line = [];
  let free = AT_ONCE;
  const state = {
    calls: 0,
    async load() {
      state.calls += 1;
      if (free === 0) await new Promise((resolve) => line.push(resolve));
      else free -= 1;
      await sleep(WORK_MS);
      const next = line.shift();
      if (next) next();
      else free += 1;
      return { chapters: 12 };
    },
  };
  return state;
}

/** @returns {Promise<{ naive: number, ours: number }>} how often each source was called */
export async function stampede() {
  const naive = new NaiveCache();
  const cache = new CacheService();
  const [calls, ourCalls] = await Promise.all([
    release("naive", (data) => naive.get("popular", () => data.load())),
    release("ours", (data) => routeRequest(cache, { endpoint: "story.chapter.list" }, () => data.load())),
  ]);
  return { naive: calls, ours: ourCalls };
}

async function release(kind, ask) {
  const data = source();
  const answered = new Uint8Array(CALLERS);
  let count = 0;
  const start = performance.now();
  const callers = Array.from({ length: CALLERS }, (_, i) => ask(data).then(() => {
    answered[i] = 1;
    count += 1;
  }));
  let running = true;
  const frame = () => {
    draw(kind, answered);
    // The last word is spoken below: a live region need not read every frame.
    if (running) requestAnimationFrame(frame);
  };
  frame();
  say($(`crowd-${kind}-note`), "1,000 callers wait …");
  await Promise.all(callers);
  const took = performance.now() - start;
  running = false;
  draw(kind, answered);
  const calls = data.calls.toLocaleString("en");
  const node = $(`crowd-${kind}-note`);
  node.className = `verdict ${data.calls === 1 ? "good" : "bad"}`;
  const head = document.createElement("b");
  head.textContent = `${calls} ${data.calls === 1 ? "load" : "loads"}`;
  node.replaceChildren(head, `${count.toLocaleString("en")} callers answered, the last one after ${(took / 1000).toFixed(2)} s.`);
  return data.calls;
}

/** The crowd as it stands; with nobody answered where it has not begun. */
export function draw(kind, answered = new Uint8Array(CALLERS)) {
  const canvas = $(`crowd-${kind}`);
  const pen = canvas.getContext("2d");
  const style = getComputedStyle(canvas.parentElement);
  const [waiting, done] = [style.getPropertyValue("--waiting") || "#999", kind === "ours" ? "#22a98b" : "#e0912f"];
  pen.clearRect(0, 0, canvas.width, canvas.height);
  const [w, h] = [canvas.width / COLUMNS, canvas.height / ROWS];
  for (let i = 0; i < CALLERS; i += 1) {
    pen.beginPath();
    pen.fillStyle = answered[i] ? done : waiting;
    pen.globalAlpha = answered[i] ? 1 : 0.38;
    pen.arc((i % COLUMNS) * w + w / 2, Math.floor(i / COLUMNS) * h + h / 2, answered[i] ? 6.5 : 5, 0, 7);
    pen.fill();
  }
}
