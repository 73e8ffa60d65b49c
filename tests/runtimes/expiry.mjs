/**
 * An entry of 50 ms is gone 80 ms later, by every way of asking, whatever moves the time: a busy wait, or the fake clock
 * of a test runner. Runs as it is in every JavaScript runtime; knows the public API and nothing behind it.
 */

/** Lets time go by without giving the turn away. The loop writes somewhere, or a bundler leaves it out. @param {number} ms */
export function busyWait(ms) {
  const end = Date.now() + ms;
  do /** @type {any} */ (globalThis).waiting = end; while (Date.now() < end);
}

/** What each way of asking says of an entry that has expired. @type {Record<string, [(cache: any) => unknown, unknown]>} */
const ASKED = {
  get: [(cache) => cache.get("k"), undefined],
  has: [(cache) => cache.has("k"), false],
  peek: [(cache) => cache.peek("k"), undefined],
  "has, after get": [(cache) => (cache.get("k"), cache.has("k")), false],
  "get, after has": [(cache) => (cache.has("k"), cache.get("k")), undefined],
};

/**
 * @param {any} api what the package exports
 * @param {(ms: number) => void} advance
 * @param {any} older a cache that was made before the clock was tampered with
 * @returns {string[]} what is wrong
 */
export function expiry({ CacheService }, advance, older) {
  const rows = Object.entries(ASKED).map(([title, [ask, wanted]]) => ({ title, ask, wanted, cache: new CacheService() }));
  rows.push(...Object.entries(ASKED).slice(0, 2).map(([title, [ask, wanted]]) => ({ title: `${title}, of an older cache`, ask, wanted, cache: older })));
  const wrong = [];
  for (const { cache, title } of rows) {
    cache.set("k", "v", 0.05);
    // On a real clock a busy machine may have let it expire meanwhile.
    if (advance !== busyWait && (cache.get("k") !== "v" || !cache.has("k"))) wrong.push(`${title}: an entry of 50 ms is not there at once`);
  }
  advance(80);
  for (const { cache, title, ask, wanted } of rows) {
    const said = ask(cache);
    if (said !== wanted) wrong.push(`${title}: an entry of 50 ms is there 80 ms later: ${said}`);
  }
  return wrong;
}

/** A clock of one's own in the place of the host's, as fake timers put it there. @param {(advance: (ms: number) => void) => void} run */
export function withFakeDate(run) {
  const { now } = Date;
  let time = now();
  Date.now = () => time;
  try {
    run((ms) => void (time += ms));
  } finally {
    Date.now = now;
  }
}
