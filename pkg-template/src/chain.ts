/** What the two middlewares of a chain need of a cache: a lookup without a load, a fill against a moment, a mutation. */

import { guarded } from "../../src/bindings/host/loads.js";
import { requestText } from "../../src/bindings/host/params.js";
import { LOOK } from "../../src/bindings/host/contract.js";
import { fillSince } from "../../src/bindings/host/load-results.js";
import { ageAt, isMutation, mayRead, planRequest, replanned, settleMutation, ttlAt } from "../../src/bindings/host/request-plan.js";
import { endpointOf } from "../../src/bindings/host/reasons.js";
import { asResponse, isEnvelope } from "../../src/bindings/host/envelope.js";
import { copyFor, storedForm } from "../../src/bindings/host/isolation.js";
import { lifetimeMs } from "../../src/bindings/host/ttl.js";
import { describe } from "../../src/bindings/host/values.js";
import { coreOf } from "./core-of.js";
import { addToProtocol, protocolOf } from "./copy-protocol.js";
import { bindMiddleware } from "./middleware.js";
import type { Engine } from "./supervisor.js";
import type { CacheService, Middleware, MiddlewareContext } from "./types/index.js";

type Ticket = { moment: number; key: string; tags: string[]; at: number };

addToProtocol({
  plan(cache, request) {
    const engine = coreOf(cache) as Engine;
    const { endpoint, method, params, vary, identified, requestId, apiVersion } = request;
    const userId = identified ? request.userId : "";
    let flaw: unknown;
    const text = guarded(
      () => requestText(params),
      undefined,
      (error) => (flaw = error),
    );
    // A mutation is the other middleware's; planning it here would begin it.
    if (isMutation(engine, endpoint)) return { kind: "pass" };
    const readable = mayRead(method.toUpperCase());
    const plan = planRequest(engine, { endpoint, readable, user: userId, text, params, vary, options: undefined, flags: LOOK });
    if (plan.kind === "miss") {
      const ticket: Ticket = { moment: engine.moment, key: plan.key, tags: plan.tags, at: engine.hostStore.exactNow() };
      return { kind: "miss", key: plan.key, ttl: plan.ttl / 1e3, ticket };
    }
    if (plan.kind === "bypass")
      engine.hostStore.reasons.bypassed(endpoint, plan.cause, plan.cause === "params" ? (plan.error ?? flaw) : plan.error);
    if (plan.kind !== "hit") return { kind: "pass" };
    const { hostStore } = engine;
    const now = hostStore.exactNow();
    const { held, times } = plan;
    const { isolation, clone } = hostStore.settings;
    const value = copyFor(held, isolation, clone);
    const body = isEnvelope(value) ? value : { status: "success", data: value };
    const metadata = {
      fromCache: true,
      cache: "hit" as const,
      age: ageAt(times, now),
      ttl: ttlAt(times, now),
      key: plan.key,
      requestId: requestId ?? hostStore.responseMetadata.nextRequestId(),
      timestamp: hostStore.responseMetadata.timestamp(hostStore.wall()),
      durationMs: 0,
      apiVersion,
    };
    return { kind: "hit", response: { ...body, metadata } };
  },

  mutate(cache, request) {
    const { endpoint, params } = request;
    const engine = coreOf(cache) as Engine;
    if (!isMutation(engine, endpoint)) return false;
    const text = guarded(() => requestText(params));
    // Params that the handler changed name another id by now: both may have changed, so nothing is spared.
    if (!("text" in request)) request.text = text;
    const before = request.text;
    const narrow = text === before ? text : undefined;
    const asked = { endpoint, readable: true, user: undefined, text: narrow, params, vary: undefined, options: undefined, flags: LOOK };
    const plan = replanned(engine, endpoint, planRequest(engine, asked));
    if (plan.kind !== "mutation") return false;
    const { tier } = engine.hostStore;
    const scopes = tier === undefined ? [] : engine.mutationScopes(plan.loadId);
    settleMutation(engine, plan, false);
    tier?.mutated(scopes);
    return true;
  },

  lives: (cache, key, ttl) => ttl === undefined || lifetime(coreOf(cache) as Engine, key, ttl) > 0,

  fill(cache, ticket, response, ttl) {
    const { moment, key, tags, at } = ticket as Ticket;
    const engine = coreOf(cache) as Engine;
    const { tier, settings } = engine.hostStore;
    const { value: answered, storable } = asResponse(response);
    if (!storable) return;
    const noCopy = (error: unknown) => engine.hostStore.reasons.rejected(key, "not-cloneable", error);
    const value = guarded(() => storedForm(answered, settings.isolation, settings.clone), undefined, noCopy);
    if (value === undefined) return;
    const lives = ttl === undefined ? settings.defaultTtl : lifetime(engine, key, ttl);
    const bounded = tier === undefined || !(lives > 0) ? lives : tier.within(lives, at);
    if (bounded > 0 || !(lives > 0)) {
      const { keyPolicy } = engine.hostStore;
      const window = Math.max(keyPolicy.staleWhileRevalidate, keyPolicy.staleIfError);
      fillSince(engine, moment, key, undefined, false, { value, ttl: bounded, window, jitter: keyPolicy.jitter, tags });
    }
  },
});

/** What a handler says of its answer's lifetime, in milliseconds: it is no option, and 0 is none. NaN where it cannot be read. */
function lifetime(engine: Engine, key: string, ttl: unknown) {
  const ms = lifetimeMs(ttl);
  if (Number.isNaN(ms)) {
    const sentence = `context.cacheTtl is a number of seconds or a string such as "90s", not ${describe(ttl)}: the answer is not stored`;
    engine.hostStore.warnings.once(endpointOf(key), "no-lifetime", sentence);
  }
  return ms;
}

const chain = bindMiddleware({
  check: protocolOf,
  plan: (cache, request) => protocolOf(cache).plan(request),
  mutate: (cache, request) => protocolOf(cache).mutate(request),
  lives: (cache, key, ttl) => protocolOf(cache).lives(key, ttl),
  fill: (cache, ticket, response, ttl) => protocolOf(cache).fill(ticket, response, ttl),
});

/**
 * A middleware that answers from the cache, and on a miss leaves `cacheKey` and `cacheTtl` in the context.
 * A chain has no place to await another request, so there is no single flight here; `routeRequest` has it.
 * @param apiVersion what `metadata.apiVersion` says. Default: "v1"
 */
export function createCacheMiddleware(cache: CacheService, apiVersion?: string): Middleware {
  return chain.createCacheMiddleware(cache, apiVersion);
}

/**
 * A middleware that invalidates what a mutation touches, before its handler. Put it before the cache middleware.
 * A chain does not tell when the handler has settled: hand a mutation's response to `cacheResponse` as well and
 * it invalidates once more, or use `routeRequest`, which always does.
 */
export function createCacheInvalidationMiddleware(cache: CacheService): Middleware {
  return chain.createCacheInvalidationMiddleware(cache);
}

/**
 * Stores a successful response under the context's `cacheKey` for its `cacheTtl`, unless an invalidation that covers the
 * key came since the middleware's miss. After a mutation it invalidates instead.
 * @returns the response as given; nothing is thrown
 */
export function cacheResponse<R>(cache: CacheService, response: R, context: MiddlewareContext): R {
  return chain.cacheResponse(cache, response, context);
}
