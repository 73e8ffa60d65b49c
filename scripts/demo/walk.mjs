// A scenario of reads and writes by real HTTP requests, and the two situations in which caches go wrong: a crowd, and a race.
//
// Knows requests, timings and what each step should show; everything it says was in a response. Returns whether all of it
// came out as it should.

const LIST = "/api/storycore.prompt.list?project=demo";
const CALLERS = 100;

/** @typedef {{ time: number, status: string, data: any }} Answer */

/** @type {(base: string, handlerMs: number) => Promise<boolean>} */
export async function walk(base, handlerMs) {
  let asExpected = true;
  const check = (/** @type {boolean} */ holds) => {
    asExpected &&= holds;
    return holds ? "" : "   <- NOT AS EXPECTED";
  };

  async function send(
    /** @type {string} */ path,
    /** @type {object | undefined} */ params = undefined,
    /** @type {string | undefined} */ user = undefined,
  ) {
    const start = performance.now();
    const response = await fetch(base + path, {
      method: params ? "POST" : "GET",
      headers: { ...(params && { "content-type": "application/json" }), ...(user && { "x-user": user }) },
      body: params ? JSON.stringify(params) : null,
    });
    const { data } = /** @type {any} */ (await response.json());
    return { time: performance.now() - start, status: response.headers.get("cache-status") ?? "", data };
  }

  async function step(/** @type {string} */ said, /** @type {Promise<Answer>} */ answer, /** @type {RegExp} */ expected) {
    const { time, status } = await answer;
    row(said, time, `${status}${check(expected.test(status))}`);
  }

  async function statistics() {
    const { size, hits, misses, hitRate, joined, invalidations } = /** @type {any} */ (await (await fetch(`${base}/stats`)).json());
    row(
      "  GET  /stats",
      undefined,
      `size ${size}, hits ${hits}, misses ${misses}, hit rate ${(hitRate * 100).toFixed(0)} %, joined ${joined}, invalidated ${invalidations}`,
    );
    return hits;
  }

  // The first requests of a process open a connection and compile code; that is not what is shown here.
  for (let i = 0; i < 20; i += 1) await (await fetch(`${base}/api/`)).text();

  console.log(`\nendpoint-cache over HTTP at ${base}, with handlers that take ${handlerMs} ms\n`);
  row("request", "time", "Cache-Status");
  console.log("-".repeat(112));
  await step("  GET  storycore.prompt.list", send(LIST), /fwd=miss; stored/);
  await step("  GET  storycore.prompt.list", send(LIST), /; hit; ttl=/);
  check((await statistics()) === 1);
  await step(
    "  POST storycore.prompt.create",
    send("/api/storycore.prompt.create", { project: "demo", title: "A new prompt" }),
    /mutation, 1 invalidated/,
  );
  await step("  GET  storycore.prompt.list", send(LIST), /fwd=miss; stored/);
  await statistics();

  console.log("\nAnother user never gets what the first one loaded:");
  await step("  GET  prompt.list as alice", send(LIST, undefined, "alice"), /fwd=miss; stored/);
  await step("  GET  prompt.list as bob", send(LIST, undefined, "bob"), /fwd=miss; stored/);
  await step("  GET  prompt.list as alice", send(LIST, undefined, "alice"), /; hit/);

  console.log(`\nThe crowd: ${CALLERS} callers at once, nothing in the cache:`);
  const crowd = await Promise.all(Array.from({ length: CALLERS }, () => send("/api/storycore.pipeline.status?project=demo")));
  const loads = crowd.filter(({ status }) => status.includes("stored")).length;
  row(
    `  GET  storycore.pipeline.status`,
    Math.max(...crowd.map(({ time }) => time)),
    `${loads} handler call for ${CALLERS} callers${check(loads === 1)}`,
  );

  console.log("\nThe race: a create begins while a list is being loaded:");
  await send("/api/storycore.prompt.create", { project: "demo", title: "Before the race" });
  const slow = send(LIST);
  // Long enough for the list to be first, short enough for a busy machine not to miss the moment.
  await new Promise((resolve) => setTimeout(resolve, handlerMs / 10));
  const created = send("/api/storycore.prompt.create", { project: "demo", title: "Written during the race" });
  await step("  GET  storycore.prompt.list (slow)", slow, /detail=/);
  await step("  POST storycore.prompt.create", created, /mutation/);
  const after = await send(LIST);
  const fresh = after.data.prompts.some((/** @type {any} */ { title }) => title === "Written during the race");
  row("  GET  storycore.prompt.list", after.time, `${after.status}; ${fresh ? "the new prompt is there" : "STALE"}${check(fresh)}`);
  await statistics();
  return asExpected;
}

function row(/** @type {string} */ request, /** @type {number | string | undefined} */ time, /** @type {string} */ rest) {
  const shown = typeof time === "number" ? `${time.toFixed(1)} ms` : (time ?? "");
  console.log(`${request.padEnd(38)}${shown.padStart(10)}   ${rest}`);
}
