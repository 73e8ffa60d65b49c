/**
 * One HTTP request through the cache: who asks, for what, may they; then `routeRequest`, whose handler is the framework's.
 *
 * What is kept is a record of bytes, made here; what may not be kept is given to the caller whose handler made it and to
 * nobody else. A framework is known by a `Runner` only: how its handler runs, alone or for others as well, and how it ends.
 */

import { share } from "../../wasm/host/loads.js";
import { coreOf, routeRequest } from "../whole.js";
import { locate } from "./locate.js";
import { judge } from "./policy.js";
import { makeRecord } from "./record.js";
import { isResponse } from "./web.js";

/**
 * @typedef {import("./record.js").HttpRecord} HttpRecord
 * @typedef {import("./settings.js").Settings} Settings
 * @typedef {import("./locate.js").Incoming} Incoming
 * @typedef {{ cache: string, reason?: string | undefined, age: number, ttl: number | null }} Info how the answer came about
 *
 * What a handler answered. `body` is missing where it is not to be kept: too long, a stream, or sent already.
 * @typedef {object} Captured
 * @property {any} own what the framework is given for this caller
 * @property {number} status
 * @property {(name: string) => string | undefined} header
 * @property {Uint8Array<ArrayBuffer> | undefined} body
 * @property {string | undefined} [reason] why there is no body
 *
 * @typedef {object} Runner
 * @property {boolean} background whether a handler may run on after its caller was answered from the cache
 * @property {(judge: Judge, shared: boolean) => Promise<Captured>} read runs the handler for an answer that others may get;
 *   where it is shared between users, without the headers that name one
 * @property {() => Promise<any>} alone runs it past the cache
 * @property {() => Promise<{ own: any, done?: Promise<unknown>, hold?: (settled: Promise<unknown>) => void }>} mutate runs it;
 *   where the answer goes out while the handler is still at work, `done` is its end, and `hold` what the last byte waits for
 *
 * @typedef {(status: number, header: (name: string) => string | undefined) => import("./policy.js").Verdict} Judge
 *
 * @typedef {{ own?: any, record?: HttpRecord | undefined, denied?: { result: unknown }, info: Info }} Outcome
 */

/** What those who waited for an answer that is not for them are told: run your own handler. */
const NOT_YOURS = Symbol("not yours");

/** An answer that says that the server failed: a stale one may stand in for it, and those who waited get a copy. */
class Failure extends Error {
  /**
   * @param {Captured} captured
   * @param {HttpRecord | undefined} record
   */
  constructor(captured, record) {
    super(`the handler answered with status ${captured.status}`);
    this.captured = captured;
    this.record = record;
  }
}

const noop = () => {};
const isFailing = (/** @type {number} */ status) => status >= 500;

/** @param {string} cache @param {string} [reason] @returns {Info} */
const told = (cache, reason) => ({ cache, reason, age: 0, ttl: null });

/**
 * @param {any} cache
 * @param {Settings} settings
 * @param {Incoming} incoming
 * @param {Runner} runner
 * @returns {Promise<Outcome>}
 */
export async function serve(cache, settings, incoming, runner) {
  const located = await locate(settings, incoming, (endpoint) => isMutation(cache, endpoint));
  if (settings.authorize !== undefined) {
    const { endpoint, method, userId } = located;
    const result = await settings.authorize(incoming.subject, Object.freeze({ endpoint, method, userId }));
    if (result === false || isResponse(result)) return { denied: { result }, info: told("bypass", "denied") };
  }
  if (located.kind === "mutation") return mutate(cache, located.request, runner);
  if (located.kind === "bypass") return { own: await runner.alone(), info: told("bypass", located.reason) };
  return read(cache, settings, located.request, incoming, runner);
}

/** @param {any} cache @param {string} endpoint */
function isMutation(cache, endpoint) {
  try {
    return coreOf(cache).isMutation(endpoint);
  } catch {
    return false;
  }
}

/**
 * @param {any} cache
 * @param {any} request
 * @param {Runner} runner
 * @returns {Promise<Outcome>}
 */
async function mutate(cache, request, runner) {
  const info = told("mutation");
  /** @type {(ran: Awaited<ReturnType<Runner["mutate"]>>) => void} */
  let tell = noop;
  const started = new Promise((resolve) => (tell = resolve));
  const settled = routeRequest(cache, request, async () => {
    const ran = await runner.mutate();
    tell(ran);
    await ran.done;
    return null;
  });
  settled.catch(noop);
  // Only a rejection can win against `started` here: the handler ends after it has told.
  const ran = /** @type {Awaited<ReturnType<Runner["mutate"]>>} */ (await Promise.race([started, settled.then(() => started)]));
  if (ran.done === undefined) await settled;
  else ran.hold?.(settled.catch(noop));
  return { own: ran.own, info };
}

/**
 * @param {any} cache
 * @param {Settings} settings
 * @param {any} request
 * @param {Incoming} incoming
 * @param {Runner} runner
 * @returns {Promise<Outcome>}
 */
async function read(cache, settings, request, incoming, runner) {
  /** What this call's own handler came to. @type {{ captured?: Captured, record?: HttpRecord | undefined, own?: any, reason?: string | undefined }} */
  const mine = {};
  /** @type {Promise<any> | undefined} */
  let run;
  const load = async (/** @type {any} */ context) => {
    const verdictOf = (/** @type {number} */ status, /** @type {(name: string) => string | undefined} */ header) => judge(status, header, settings);
    const captured = await runner.read(verdictOf, request.userId === undefined);
    mine.captured = captured;
    const { status, header, body } = captured;
    const verdict = judge(status, header, settings);
    const reason = captured.reason ?? verdict.reason ?? (body === undefined || body.length === 0 ? "empty" : undefined);
    if (isFailing(status)) {
      const shown = judge(200, header, settings).reason === undefined && body !== undefined && captured.reason === undefined;
      throw new Failure(captured, shown ? makeRecord(status, header, body, settings, verdict) : undefined);
    }
    if (reason !== undefined || body === undefined) {
      mine.reason = reason;
      context.noStore();
      return NOT_YOURS;
    }
    const record = makeRecord(status, header, body, settings, verdict);
    mine.record = record;
    if (verdict.ttl !== undefined) context.setTtl(verdict.ttl + Math.max(verdict.swr, verdict.sie));
    return share(Object.freeze({ status: "success", data: record }));
  };
  const handler = (/** @type {any} */ _params, /** @type {any} */ context) => {
    if (!context.cached) {
      return runner.alone().then((own) => {
        mine.own = { own };
        return null;
      });
    }
    run = load(context);
    run.catch(noop);
    incoming.waitUntil?.(run.catch(noop));
    return run;
  };

  let response;
  try {
    response = await routeRequest(cache, request, handler);
  } catch (error) {
    return failed(error, mine, runner);
  }
  const { metadata, data } = response;
  if (mine.own !== undefined) return { ...mine.own, info: metadata };
  /** @type {HttpRecord | typeof NOT_YOURS} */
  const held = data;
  if (metadata.cache === "miss" && mine.captured !== undefined) {
    return { own: mine.captured.own, record: mine.record, info: withReason(metadata, mine) };
  }
  if (typeof held !== "object" || held === null || !(held.body instanceof Uint8Array)) {
    return { own: await runner.alone(), info: told("bypass", "not-shared") };
  }
  if (metadata.cache === "stale" && run !== undefined && !runner.background) return ownOr(run, held, metadata, mine, true);
  const late = held.fresh === undefined ? 0 : metadata.age - held.fresh;
  if (late <= 0) return { record: held, info: fresh(metadata, held) };
  return revalidate(late, held);

  /**
   * The answer is older than its handler allowed, and kept on for `stale-while-revalidate` or `stale-if-error`: the first
   * who meets it loads it anew, the others are served.
   *
   * @param {number} late seconds
   * @param {HttpRecord} record
   * @returns {Promise<Outcome>}
   */
  async function revalidate(late, record) {
    const { fresh: share = 0, swr, sie } = record;
    const info = { ...metadata, cache: "stale", ttl: -late };
    const options = { eagerRefresh: Math.max(share / (share + Math.max(swr, sie)), Number.MIN_VALUE) };
    try {
      await routeRequest(cache, request, handler, options);
    } catch (error) {
      return failed(error, mine, runner);
    }
    if (run === undefined || (late <= swr && runner.background)) return { record, info };
    return ownOr(run, record, info, mine, late <= sie);
  }
}

/**
 * What this caller's own handler answers, or a stale answer where that fails.
 *
 * @param {Promise<any>} run
 * @param {HttpRecord} stale
 * @param {Info} info of the stale answer
 * @param {{ captured?: Captured, record?: HttpRecord | undefined, reason?: string | undefined }} mine
 * @param {boolean} standIn
 * @returns {Promise<Outcome>}
 */
async function ownOr(run, stale, info, mine, standIn) {
  try {
    await run;
  } catch (error) {
    if (standIn) return { record: stale, info };
    if (!(error instanceof Failure)) throw error;
  }
  return { own: mine.captured?.own, record: mine.record, info: withReason(told("miss"), mine) };
}

/**
 * @param {unknown} error
 * @param {{ captured?: Captured }} mine
 * @param {Runner} runner
 * @returns {Promise<Outcome>}
 */
async function failed(error, mine, runner) {
  if (!(error instanceof Failure)) throw error;
  const { captured, record } = error;
  const reason = `status-${captured.status}`;
  if (captured === mine.captured) return { own: captured.own, info: told("miss", reason) };
  if (record !== undefined) return { record, info: told("joined", reason) };
  return { own: await runner.alone(), info: told("bypass", "not-shared") };
}

/** @param {Info} info @param {{ captured?: Captured, reason?: string | undefined }} mine @returns {Info} */
function withReason(info, mine) {
  const status = mine.captured?.status ?? 200;
  const reason = mine.reason ?? info.reason ?? (isFailing(status) ? `status-${status}` : undefined);
  return reason === info.reason ? info : { ...info, reason };
}

/** @param {Info} info @param {HttpRecord} record @returns {Info} */
function fresh(info, record) {
  return record.fresh === undefined ? info : { ...info, ttl: record.fresh - info.age };
}
