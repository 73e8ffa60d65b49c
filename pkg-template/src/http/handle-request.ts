/**
 * One HTTP request through the cache: who asks, for what, may they; then `routeRequest`, whose handler is the framework's.
 *
 * What is kept is a record of bytes, made here; what may not be kept is given to the caller whose handler made it and to
 * nobody else. A framework is known by a `Runner` only: how its handler runs, alone or for others as well, and how it ends.
 */

import type { HttpRecord } from "./stored-response.js";
import type { Settings } from "./settings.js";
import type { Incoming } from "./resolve-endpoint.js";
import type { Look, Verdict } from "./storable.js";
import { guarded } from "../../../src/bindings/host/loads.js";
import type { CacheService } from "../types/http.js";
import type { HandlerContext, RouteRequest } from "../types/index.js";
import { protocolOf, routeRequest } from "../whole.js";
import { answerBatch } from "./batch.js";
import { locate } from "./resolve-endpoint.js";
import { judge } from "./storable.js";
import { makeRecord, withLifetime } from "./stored-response.js";
import { warn } from "./warn.js";

/** How the answer came about; open where it is sent before that is known whole. */
export type Info = { cache: string; reason?: string | undefined; age: number; ttl: number | null; open?: boolean };

/** What a handler answered. `body` is missing where it is not to be kept: too long, a stream, or sent already. */
export interface Seen {
  status: number;
  header: Look;
  body: Uint8Array<ArrayBuffer> | undefined;
  /** why it is not kept */
  reason?: string | undefined;
}

/** What is to become of it, as far as can be told before it is sent. */
export interface Answer {
  status: number;
  /** whether something else may stand in for it */
  failing: boolean;
  /** why others do not get it */
  reason: string | undefined;
  /** for the others */
  record: HttpRecord | undefined;
  verdict: Verdict;
  /** the verdict on the head that was sent in the end */
  judgeSent: (status: number, header: Look) => Verdict;
}

/**
 * `own` is what the framework is given for this caller. Where the answer was sent already, `sent` is the verdict on its head;
 * where a failure is still to be sent, `later` will be.
 */
export type Captured<Own> = { own: Own; answer: Answer; sent?: Verdict; later?: Promise<Verdict> };

/** Why an answer is not to be held back, as far as status and headers say. A failure always is: something else may stand in for it. */
export type Refusal = (status: number, header: Look) => string | undefined;

/** How a framework runs a handler. `Own` is what it is given for the caller itself: a response, or what sends one. */
export interface Runner<Own> {
  /** whether a handler may run on after its caller was answered from the cache */
  background: boolean;
  /** runs the handler for an answer that others may get; where it is shared between users, without the headers that name one */
  read: (refusal: Refusal, shared: boolean, conclude: (seen: Seen) => Answer) => Promise<Captured<Own>>;
  /** runs it past the cache */
  alone: () => Promise<Own>;
  /** runs it; where the answer goes out while the handler is still at work, `done` is its end, and what the last byte waits for is `settled` */
  mutate: (settled: () => Promise<unknown>) => Promise<Ran<Own>>;
}

/** A mutation that ran, or whose answer goes out while its handler is still at work: then `done` is its end. */
export type Ran<Own> = { own: Own; done?: Promise<unknown> };

export type Outcome<Own> = {
  own?: Own | undefined;
  record?: HttpRecord | undefined;
  denied?: boolean;
  batch?: { status: number; body: unknown };
  info: Info;
};

/** What those who waited for an answer that is not for them are told: run your own handler. */
const NOT_YOURS = Object.freeze({ status: "success", data: null });

/**
 * An answer that says that the server failed: a stale one may stand in for it, and those who waited get a copy. `mine` is
 * what the caller gets whose handler it was, `record` what the others get.
 */
class Failure extends Error {
  mine!: Mine<unknown>;
  record!: HttpRecord | undefined;
  /** The verdict on the head that it was sent with, where that comes later. */
  later!: Promise<Verdict> | undefined;
}

/** What a call's own handler came to. */
type Mine<Own> = { own: Own; record?: HttpRecord | undefined; reason?: string | undefined };

const noop = () => {};
const isFailing = (status: number) => status >= 500;

export const told = (cache: string, reason?: string): Info => ({ cache, reason, age: 0, ttl: null });

/** By its name, because servers put a class of their own in the place of `Response`. */
export function isResponse(value: unknown): value is Response {
  return (value as (Partial<Response> & { [Symbol.toStringTag]?: unknown }) | null | undefined)?.[Symbol.toStringTag] === "Response";
}

/** Answers past the cache. */
async function past<Own>(runner: Runner<Own>, reason: string): Promise<Outcome<Own>> {
  return { own: await runner.alone(), info: told("bypass", reason) };
}

export async function serve<Own>(
  cache: CacheService,
  settings: Settings,
  incoming: Incoming,
  runner: Runner<Own>,
): Promise<Outcome<Own | Response>> {
  if (settings.batch?.path === incoming.path && incoming.method === "POST") {
    return { batch: await answerBatch(cache, settings, incoming), info: told("bypass") };
  }
  const { mutation, reason, request } = await locate(settings, incoming, (endpoint) => isMutation(cache, endpoint, false));
  const denied = await denial(settings, incoming, request);
  if (denied !== undefined) return { own: denied || undefined, denied: true, info: told("bypass", "denied") };
  if (reason) {
    warn(cache, request.endpoint, reason);
    return past(runner, reason);
  }
  const known = request as typeof request & { endpoint: string };
  return mutation ? mutate(cache, known, runner) : read(cache, settings, known, incoming, runner);
}

/** What keeps the asker out, if anything does: false, or a response of the user's own. */
export async function denial(
  { authorize }: Settings,
  { subject }: Incoming,
  { endpoint, method, userId }: { endpoint: string | undefined; method: string; userId: string | undefined },
) {
  const result = await authorize?.(subject, Object.freeze({ endpoint, method, userId }));
  return result === false || isResponse(result) ? result : undefined;
}

/** @param unknown what is said of an endpoint that the cache cannot judge */
export function isMutation(cache: CacheService, endpoint: unknown, unknown: boolean) {
  return guarded(() => protocolOf(cache).isMutation(endpoint as string)) ?? unknown;
}

async function mutate<Own>(cache: CacheService, request: RouteRequest, runner: Runner<Own>): Promise<Outcome<Own>> {
  let tell: (ran: Ran<Own>) => void = noop;
  const started = new Promise<Ran<Own>>((resolve) => {
    tell = resolve;
  });
  const settled: Promise<unknown> = routeRequest(cache, request, async () => {
    const ran = await runner.mutate(() => settled.catch(noop));
    tell(ran);
    await ran.done;
    return null;
  });
  // The handler ends after it has told: before that, only its error can come first.
  const { own, done } = await Promise.race([started, settled.then(() => started)]);
  if (!done) await settled;
  return { own, info: told("mutation") };
}

async function read<Own>(
  cache: CacheService,
  settings: Settings,
  request: RouteRequest & { userId: string | undefined },
  incoming: Incoming,
  runner: Runner<Own>,
): Promise<Outcome<Own>> {
  /** What this call's own handler came to. */
  let mine: Mine<Own> | undefined;
  let run: Promise<unknown> | undefined;

  const refusal: Refusal = (status, header) => (isFailing(status) ? undefined : judge(status, header, settings).reason);

  const shared = request.userId === undefined;

  const conclude = ({ status, header, body, reason: cut }: Seen): Answer => {
    const failing = isFailing(status);
    const verdict = judge(failing ? 200 : status, header, settings);
    const reason = cut ?? verdict.reason ?? (body && (failing || body.length > 0) ? undefined : "empty");
    const record = reason || !body ? undefined : makeRecord(status, header, body, settings, verdict);
    // A coding that somebody else put on is not the record's, and a session's cookie is no part of one user's answer.
    const judgeSent = (sent: number, last: Look) => {
      const said = (name: string) => (name === "content-encoding" || (name === "set-cookie" && !shared) ? undefined : last(name));
      return judge(sent === status || sent === 304 ? (failing ? 200 : status) : sent, said, settings);
    };
    return { status, failing, reason, record, verdict, judgeSent };
  };

  const load = async (context: HandlerContext) => {
    const { own, answer, sent, later } = await runner.read(refusal, shared, conclude);
    if (answer.failing) {
      mine = { own, reason: `status-${answer.status}` };
      throw Object.assign(new Failure(mine.reason), { mine, record: answer.record, later });
    }
    const reason = answer.reason ?? sent?.reason;
    const record = reason ? undefined : answer.record;
    mine = { own, record, reason };
    if (!record) {
      warn(cache, request.endpoint, reason);
      context.noStore();
      return protocolOf(cache).share(NOT_YOURS);
    }
    const verdict = sent ?? answer.verdict;
    if (verdict.ttl !== undefined) context.setTtl(verdict.ttl + Math.max(verdict.swr, verdict.sie));
    return protocolOf(cache).share(Object.freeze({ status: "success", data: withLifetime(record, verdict) }));
  };

  const handler = async (_params: unknown, context: HandlerContext): Promise<unknown> => {
    if (!context.cached) {
      mine = { own: await runner.alone() };
      return null;
    }
    run = load(context);
    incoming.waitUntil?.(run.catch(noop));
    return run;
  };

  /** What this call's own handler answers. */
  const fromHandler = (info: Info): Outcome<Own> => ({
    own: mine?.own,
    record: mine?.record,
    info: { ...info, reason: mine?.reason ?? info.reason },
  });

  /** What this call's own handler answers once it has, or a stale answer where that fails. */
  const ownOr = async (stale: Outcome<Own>, standIn: boolean) => {
    try {
      await run;
    } catch (error) {
      if (standIn) return stale;
      throw error;
    }
    return fromHandler(told("miss"));
  };

  try {
    const { metadata, data } = await routeRequest(cache, request, handler);
    const record = data as HttpRecord | null | undefined;
    if (mine && !metadata.fromCache) return fromHandler(metadata);
    if (!(record?.body instanceof Uint8Array)) return await past(runner, "not-shared");
    const { fresh, swr, sie } = record;
    const late = fresh === undefined ? 0 : metadata.age - fresh;
    const info = fresh === undefined ? metadata : { ...metadata, ttl: -late, cache: late > 0 ? "stale" : metadata.cache };
    const held = { record, info };
    // A rule had the handler run although there is an answer. Where that handler writes this very response, it has the word.
    if (run && !runner.background && (metadata.cache === "stale" || late <= 0)) return await ownOr(held, true);
    if (fresh === undefined || late <= 0) return held;
    // The answer is older than its handler allowed, and kept on for `stale-while-revalidate` or `stale-if-error`: the first
    // who meets it loads it anew, the others are served.
    await routeRequest(cache, request, handler, { eagerRefresh: fresh / (fresh + Math.max(swr, sie)) });
    return !run || (late <= swr && runner.background) ? held : await ownOr(held, late <= sie);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.mine === mine) return fromHandler(told("miss"));
    if (!error.record || (await error.later)?.reason) return past(runner, "not-shared");
    return { record: error.record, info: told("joined", error.mine.reason) };
  }
}
