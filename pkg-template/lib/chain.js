/** What the guide's middlewares need of a cache: a lookup without a load, a fill against a moment, a mutation. */

import { requestText } from "../wasm/host/params.js";
import { ageAt, mayRead, planned, ttlAt } from "../wasm/host/plan.js";
import { snapshot, thaw } from "../wasm/host/snapshot.js";
import { ttlMs } from "../wasm/host/ttl.js";
import { coreOf } from "./cache-service.js";
import { bindMiddleware } from "./middleware.js";

/** `openRequest` begins no load in this manner. */
const LOOK = 2;

/** @typedef {{ moment: number, key: string, tags: string[], at: number }} Ticket */

/** @type {import("./middleware.js").MiddlewareCore} */
const core = {
  plan(cache, request) {
    const engine = coreOf(cache);
    const { endpoint, method, params, identified, requestId, apiVersion } = request;
    const userId = identified ? request.userId : "";
    const text = textOf(params);
    // A mutation is the other middleware's; planning it here would begin it.
    if (engine.isMutation(endpoint)) return { kind: "pass" };
    const open = () => engine.openRequest(endpoint, mayRead(method.toUpperCase()), userId, text, params, undefined, undefined, LOOK);
    const plan = planned(engine.shelf, open);
    if (plan.kind === "miss") {
      const ticket = { moment: engine.moment, key: plan.key, tags: plan.tags, at: engine.shelf.exactNow() };
      return { kind: "miss", key: plan.key, ttl: plan.ttl / 1e3, ticket };
    }
    if (plan.kind !== "hit") return { kind: "pass" };
    const { shelf } = engine;
    const now = shelf.known(shelf.exactNow());
    const { held, times } = plan;
    const body = typeof held === "object" && held !== null && held.status === "success" ? held : { status: "success", data: held };
    const metadata = {
      fromCache: true,
      cache: /** @type {const} */ ("hit"),
      age: ageAt(times, now),
      ttl: ttlAt(times, now),
      key: plan.key,
      requestId: requestId ?? shelf.stamps.nextRequestId(),
      timestamp: shelf.stamps.timestamp(now),
      durationMs: 0,
      apiVersion,
    };
    return { kind: "hit", response: { ...own(body), metadata } };
  },

  mutate(cache, { endpoint, params }) {
    const engine = coreOf(cache);
    if (!engine.isMutation(endpoint)) return false;
    const { flight } = engine.openRequest(endpoint, true, undefined, textOf(params), params, undefined, undefined, LOOK);
    const { tier } = engine.shelf;
    const scopes = tier === undefined ? [] : engine.mutationScopes(flight);
    engine.settle(flight);
    tier?.mutated(scopes);
    return true;
  },

  fill(cache, ticket, response, ttl) {
    const { moment, key, tags, at } = /** @type {Ticket} */ (ticket);
    const { metadata, ...body } = /** @type {any} */ (Object(response));
    const plain = typeof response === "object" && response !== null && "status" in response;
    const engine = coreOf(cache);
    const value = snapshot(plain ? body : { status: "success", data: response }).value;
    const lives = ttl === undefined ? engine.shelf.settings.plainTtl : ttlMs(ttl, "cacheTtl");
    const { tier } = engine.shelf;
    const bounded = tier === undefined ? lives : tier.within(lives, at);
    if (bounded > 0) engine.fillSince(moment, key, value, bounded, tags);
  },
};

/** @param {any} params */
function textOf(params) {
  try {
    return requestText(params);
  } catch {
    return undefined;
  }
}

/** A response's own copy, whatever the caller does with it. @param {any} body */
function own(body) {
  const copy = snapshot(body);
  return copy.shared ? copy.value : thaw(copy.value);
}

export const { createCacheMiddleware, createCacheInvalidationMiddleware, cacheResponse } = bindMiddleware(core);
