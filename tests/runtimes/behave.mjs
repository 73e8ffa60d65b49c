/**
 * Plays the cases of cases.json on a package: steps against one cache each, with a clock that only the steps move.
 *
 * Runs as it is in every JavaScript runtime, so it imports nothing and knows no more of its host than the language
 * itself. It knows the public API and nothing behind it.
 */

const START = 1_700_000_000_000;

/**
 * @param {any} api what the package exports
 * @param {any[]} cases
 * @returns {Promise<{ passed: number, failed: string[] }>}
 */
export async function behave(api, cases) {
  const failed = [];
  for (const one of cases) {
    try {
      await play(api, one);
    } catch (error) {
      failed.push(`${one.name}: ${/** @type {any} */ (error)?.message ?? error}`);
    }
  }
  return { passed: cases.length - failed.length, failed };
}

/** @param {any} api @param {any} one */
async function play(api, { options, steps }) {
  let now = START;
  let calls = 0;
  const make = (/** @type {any} */ given) => new api.CacheService({ clock: { now: () => now }, ...revive(given) });
  const state = { cache: make(options) };
  /** Answers as the step says; counts itself. */
  const handler = (/** @type {any} */ step) => async () => {
    calls += 1;
    if (step.fails !== undefined) throw Object.assign(new Error(step.fails), { code: step.fails });
    return "gives" in step ? revive(step.gives) : { call: calls };
  };
  const actions = /** @type {Record<string, (step: any) => any>} */ ({
    call: (step) => /** @type {any} */ (state.cache)[step.call](...revive(step.args ?? [])),
    list: (step) => Array.from(/** @type {any} */ (state.cache)[step.list](...revive(step.args ?? []))),
    size: () => state.cache.size,
    calls: () => calls,
    make: (step) => void (state.cache = make(step.make)),
    now: (step) => void (now = revive(step.now)),
    tick: (step) => void (now += step.tick * 1e3),
    key: (step) => api.CacheService.generateCacheKey(...revive(step.key)),
    pattern: (step) => api.CacheService.getInvalidationPattern(...revive(step.pattern)),
    ttlOf: (step) => api.getTtlForEndpoint(revive(step.ttlOf)),
    config: (step) => Object.assign(api.CACHE_TTL_CONFIG, revive(step.config)),
    load: (step) => {
      const [key, given] = revive(step.load);
      // Where a host ends what a request has left behind, it says here what keeps that alive: only then is a refresh not waited for.
      const { keepAlive: waitUntil } = /** @type {any} */ (globalThis);
      return state.cache.getOrSet(key, handler(step), waitUntil === undefined || !["object", "undefined"].includes(typeof given) ? given : { ...given, waitUntil });
    },
    route: (step) => api.routeRequest(state.cache, revive(step.route), handler(step), revive(step.options)),
    together: (step) => Promise.all(step.together.map((/** @type {any} */ request) => api.routeRequest(state.cache, revive(request), handler(step)))),
    user: (step) => /** @type {any} */ (state.cache.forUser(revive(step.user)))[step.does](...revive(step.args ?? [])),
    chain: (step) => {
      const context = revive(step.chain);
      const early = api.createCacheInvalidationMiddleware(state.cache)(context, step.params)
        ?? api.createCacheMiddleware(state.cache)(context, step.params);
      return early ?? api.cacheResponse(state.cache, revive(step.gives), context);
    },
  });
  for (const [at, step] of steps.entries()) {
    const [verb] = Object.keys(step);
    const action = actions[verb ?? ""];
    if (action === undefined) throw new Error(`step ${at}: there is no verb "${verb}"`);
    let value;
    let thrown;
    try {
      value = await action(step);
    } catch (error) {
      thrown = /** @type {any} */ (error);
    }
    const title = `step ${at} (${verb} ${JSON.stringify(step[verb ?? ""])})`;
    if (step.throws !== undefined) {
      if (thrown === undefined) throw new Error(`${title} threw nothing`);
      if (thrown.code !== step.throws) throw new Error(`${title} threw ${thrown.code ?? thrown}, not ${step.throws}`);
      if (step.type !== undefined && thrown.name !== step.type) throw new Error(`${title} threw a ${thrown.name}, not a ${step.type}`);
    } else if (thrown !== undefined) {
      throw new Error(`${title} threw ${thrown.code ?? ""} ${thrown.message ?? thrown}`);
    }
    if ("is" in step && !equal(value, revive(step.is), false)) throw new Error(`${title} gave ${show(value)}`);
    if ("has" in step && !equal(value, revive(step.has), true)) throw new Error(`${title} gave ${show(value)}`);
  }
  state.cache.dispose();
}

/** What JSON cannot say: {"$": "undefined" | "NaN" | "Infinity" | "-0" | "bigint" | "date" | "function"}, {"$regexp": "…"}. */
function revive(/** @type {any} */ json) {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map(revive);
  if (typeof json.$regexp === "string") return new RegExp(json.$regexp, json.flags ?? "");
  switch (json.$) {
    case "undefined": return undefined;
    case "NaN": return NaN;
    case "Infinity": return Infinity;
    case "-0": return -0;
    case "bigint": return 1n;
    case "date": return new Date(0);
    case "function": return () => undefined;
  }
  if (typeof json.$repeat === "string") return json.$repeat.repeat(json.times);
  /** @type {any} */
  const copy = {};
  // A name like __proto__ stays a name.
  for (const [name, value] of Object.entries(json)) {
    Object.defineProperty(copy, name, { value: revive(value), enumerable: true, writable: true, configurable: true });
  }
  return copy;
}

/** Whether two values are the same; with `part`, whether the first has at least what the second has. */
function equal(/** @type {any} */ left, /** @type {any} */ right, /** @type {boolean} */ part) {
  if (typeof left !== "object" || left === null || typeof right !== "object" || right === null) return Object.is(left, right);
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const names = Object.keys(right);
  if ((!part || Array.isArray(right)) && Object.keys(left).length !== names.length) return false;
  return names.every((name) => Object.hasOwn(left, name) && equal(left[name], right[name], part));
}

/** @returns {string} */
function show(/** @type {any} */ value) {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}
