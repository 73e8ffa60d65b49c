// The race that caches lose, run on this one and on its peers: node tests/peers/race.mjs [--json] [--all]
//
//   load starts -> the data changes and the key is invalidated -> the load ends
//
// Asks of each cache: does it store the old value? Does it if the whole resource is invalidated, not the one key? Does a reader who arrives after the invalidation get old data?
// What happens to the caller who waited? How many loads do 100 callers cause, succeeding and failing?
// Deterministic: every load is a promise that the script settles itself; it waits in turns of the
// event loop, and each step falls in a later millisecond than the one before, because some caches order events by their time.
// Exits with 1 if this package hands out old data or loads twice; what the peers do is reported, not judged.
// The peers and their versions: benches/js/package.json (`npm ci` there). --all prints each documented way to invalidate;
// without it a cache is shown in the way that serves it best.
import { asyncCaches } from "../../benches/js/lib/async-caches.mjs";
import { markdown } from "../../benches/js/lib/table.mjs";
import { machine } from "../../benches/js/lib/versions.mjs";

const CALLERS = 100;
const OPTIONS = { ttl: 300, max: 10_000 };
const PARAMS = { id: 42, page: 1 };

const turn = () => new Promise((resolve) => setImmediate(resolve));
/** Lets everything happen that is due, and the clock move on: some caches order events by the millisecond. */
async function turns(count = 25) {
  const start = Date.now();
  for (let i = 0; i < count || Date.now() - start < 3; i += 1) await turn();
}

/** A source of data whose loads end when the script says so. A load reads the data at its start. */
function source() {
  const pending = [];
  const state = {
    value: "old",
    loads: 0,
    load() {
      state.loads += 1;
      const seen = state.value;
      return new Promise((resolve, reject) => pending.push({ succeed: () => resolve({ seen }), fail: () => reject(new Error("load failed")) }));
    },
    /** Ends every load that is under way, and those that start because of it, until there are no more. */
    async drain(how) {
      for (let idle = 0; idle < 3; ) {
        await turns();
        if (pending.length === 0) idle += 1;
        for (const load of pending.splice(0)) load[how]();
      }
    },
    pending,
  };
  return state;
}

/** What became of a promise by now: { seen }, "rejected" or "pending". */
function watch(promise) {
  const watched = { outcome: "pending" };
  Promise.resolve(promise).then(
    (value) => (watched.outcome = value?.seen ?? "nothing"),
    () => (watched.outcome = "rejected"),
  );
  return watched;
}

async function withCache(create, play) {
  const data = source();
  const cache = create(() => data.load(), OPTIONS);
  try {
    return await play(cache, data);
  } finally {
    await cache.close?.();
  }
}

/** The data changes while the first load runs, and the key is invalidated, as the cache's users would do it. */
async function change(cache, data) {
  const mutate = () => {
    data.value = "new";
  };
  if (cache.mutates) return watch(cache.invalidate(PARAMS, mutate));
  mutate();
  return watch(cache.invalidate(PARAMS));
}

const stored = (create) =>
  withCache(create, async (cache, data) => {
    const waiting = watch(cache.read(PARAMS));
    await turns();
    await change(cache, data);
    await turns();
    await data.drain("succeed");
    const later = watch(cache.read(PARAMS));
    await data.drain("succeed");
    return { stale: later.outcome === "old", waiting: waiting.outcome };
  });

const joined = (create) =>
  withCache(create, async (cache, data) => {
    watch(cache.read(PARAMS));
    await turns();
    await change(cache, data);
    await turns();
    const later = watch(cache.read(PARAMS));
    await data.drain("succeed");
    return later.outcome === "old";
  });

const crowd = (create, how) =>
  withCache(create, async (cache, data) => {
    const callers = Array.from({ length: CALLERS }, () => watch(cache.read(PARAMS)));
    await data.drain(how);
    return { loads: data.loads, settled: callers.filter((caller) => caller.outcome !== "pending").length };
  });

async function examine(create) {
  const race = await stored(create);
  const succeeding = await crowd(create, "succeed");
  const failing = await crowd(create, "fail");
  return {
    storesOld: race.stale,
    laterReaderGetsOld: await joined(create),
    waiting: race.waiting === "rejected" ? "is rejected" : race.waiting === "pending" ? "hangs" : "gets its value",
    loadsSucceeding: succeeding.loads,
    loadsFailing: failing.loads,
    unsettled: 2 * CALLERS - succeeding.settled - failing.settled,
  };
}

/** The fewer the better; decides which documented way stands for a peer. */
const faults = (row) =>
  (row.storesOld ? 4 : 0) + (row.laterReaderGetsOld ? 4 : 0) + (row.storesOldByResource ? 4 : 0) + (row.waiting === "gets its value" ? 0 : 1) + (row.loadsSucceeding > 1 ? 1 : 0) + (row.loadsFailing > 1 ? 1 : 0) + (row.unsettled > 0 ? 4 : 0);

const rows = [];
let failures = 0;
for (const { id, name, ways } of asyncCaches) {
  const own = id === "endpoint-cache";
  const results = [];
  const { variants, resource } = await ways();
  const storesOldByResource = resource ? (await stored(resource)).stale : null;
  for (const [way, create] of Object.entries(variants)) {
    const row = { cache: name, way, ...(await examine(create)), storesOldByResource };
    if (own && faults(row) > 0) failures += 1;
    results.push(row);
  }
  const best = results.reduce((a, b) => (faults(b) < faults(a) ? b : a));
  rows.push(...(own || process.argv.includes("--all") ? results : [best]));
}

if (process.argv.includes("--json")) {
  console.log(JSON.stringify({ kind: "race", machine: machine(), callers: CALLERS, rows }, null, 2));
} else {
  const word = (bad) => (bad === null ? "no such way" : bad ? "**yes**" : "no");
  console.log(
    markdown(
      ["cache", "invalidated by", "stores the old value", "the same, by resource", "a later reader gets old data", "the waiting caller", `loads by ${CALLERS} callers`, "the same, failing"],
      rows.map((row) => [
        row.cache,
        row.way,
        word(row.storesOld),
        word(row.storesOldByResource),
        word(row.laterReaderGetsOld),
        row.waiting,
        row.loadsSucceeding,
        row.loadsFailing,
      ]),
    ),
  );
  console.log(`\nNode ${process.version.slice(1)}; load starts, data changes and the key is invalidated, load ends.`);
  if (failures > 0) console.log(`${failures} of our own rows are not clean`);
}
process.exit(failures > 0 ? 1 : 0);
