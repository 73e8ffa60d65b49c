/**
 * The guide's two middlewares and its helper, for routers that keep a chain of `(context, params) => response | undefined`.
 *
 * This room knows the chain's context: where identity stands, what is left in it for the handler, and that a chain says
 * "before" and never "after". It must not know rules, keys or entries: all of that is asked of a `MiddlewareCore`.
 * No middleware throws: a cache that fails leaves the request to its handler.
 *
 *     export const { createCacheMiddleware, createCacheInvalidationMiddleware, cacheResponse } = bindMiddleware(core);
 */

/** @import { CacheService, Middleware, MiddlewareContext, RouteResponse, Ttl } from "../index.js" */

/**
 * A request as the core plans it.
 *
 * @typedef {object} ChainRequest
 * @property {string} endpoint
 * @property {string} method
 * @property {object | null | undefined} params
 * @property {object | null} [vary] values that rules may make part of the key
 * @property {string | undefined} userId undefined for nobody; otherwise a non-empty string
 * @property {boolean} identified false when the context names a user that is no id: a read bypasses with the reason
 *   "user-id", a mutation invalidates all the same
 * @property {string | undefined} requestId
 * @property {string} apiVersion
 * @property {string | undefined} [text] what the params of a mutation were when it was first met
 */

/**
 * What a read is to do. A `ticket` stands for the moment of the miss: the core stores under it only what no invalidation
 * has covered since. It may be used once, or never (a chain drops requests without telling), so it must not hold
 * anything open that others wait for.
 *
 * @typedef {{ kind: "hit", response: RouteResponse }
 *   | { kind: "miss", key: string, ttl: number, ticket: object }
 *   | { kind: "pass" }} ChainPlan
 */

/**
 * What this room needs of the cache. All of it is synchronous and may throw.
 *
 * @typedef {object} MiddlewareCore
 * @property {(cache: unknown) => unknown} [check] throws where this is no cache
 * @property {(cache: CacheService, request: ChainRequest) => ChainPlan} plan looks up a read; "pass" for everything that
 *   is not to be cached, mutations included. Counts and logs hits, misses and bypasses. `ttl` is in seconds.
 * @property {(cache: CacheService, request: ChainRequest) => boolean} mutate invalidates what a mutation touches and
 *   answers true; answers false for a request that is no mutation
 * @property {(cache: CacheService, key: string, ttl: unknown) => boolean} [lives] whether an answer may be stored that says this
 *   of its own lifetime
 * @property {(cache: CacheService, ticket: object, response: unknown, ttl: Ttl | undefined) => void} fill stores a snapshot of
 *   the response unless an invalidation came since the ticket, or it is not storable
 */

/**
 * Where a context carries what `cacheResponse` needs. A symbol survives the copies that routers make by spreading, and this one is
 * the same in every copy of the package: a middleware of one may be followed by a helper of another.
 */
const PENDING = Symbol.for("endpoint-cache/1.pending");

/**
 * What waits for a handler's response. Copies of a context share it, so it remembers itself that it was used.
 *
 * @typedef {object} Pending
 * @property {CacheService} cache
 * @property {"read" | "mutation"} kind
 * @property {boolean} used
 * @property {(response: unknown, context: MiddlewareContext) => void} settle
 *
 * @typedef {MiddlewareContext & { [PENDING]?: Pending }} Carrier
 */

/**
 * The three functions of the public API, over a core.
 *
 * @param {MiddlewareCore} core
 */
export function bindMiddleware(core) {
  return {
    /**
     * @param {CacheService} cache
     * @param {string} [apiVersion]
     * @returns {Middleware}
     */
    createCacheMiddleware(cache, apiVersion = "v1") {
      core.check?.(cache);
      return (context, params) =>
        quietly(() => {
          dropLeftovers(context);
          const plan = core.plan(cache, chainRequest(context, params, apiVersion));
          if (plan.kind === "hit") return plan.response;
          if (plan.kind === "miss") expectResponse(core, cache, plan, context);
          return undefined;
        });
    },

    /**
     * @param {CacheService} cache
     * @returns {Middleware}
     */
    createCacheInvalidationMiddleware(cache) {
      core.check?.(cache);
      return (context, params) =>
        quietly(() => {
          const request = changeRequest(context, params);
          if (core.mutate(cache, request)) {
            // The handler commits after this; its response is the sign that it is time to invalidate again.
            leave(context, { cache, kind: "mutation", used: false, settle: () => core.mutate(cache, request) });
          }
          return undefined;
        });
    },

    /**
     * @template R
     * @param {CacheService} cache
     * @param {R} response
     * @param {MiddlewareContext} context
     * @returns {R}
     */
    cacheResponse(cache, response, context) {
      quietly(() => {
        const pending = pendingOf(context);
        if (pending !== undefined) {
          // One left by the middleware of another cache has a key and a moment that mean nothing here.
          if (pending.used || pending.cache !== cache) return;
          pending.used = true;
          pending.settle(response, context);
        } else if (isSuccess(response) && typeof context.cacheKey === "string") {
          // A key that was put there by hand is stored by hand.
          if (core.lives?.(cache, context.cacheKey, context.cacheTtl) !== false) cache.set(context.cacheKey, response, context.cacheTtl);
        }
      });
      return response;
    },
  };
}

/**
 * Leaves in the context what the handler's response will be stored by.
 *
 * @param {MiddlewareCore} core
 * @param {CacheService} cache
 * @param {{ key: string, ttl: number, ticket: object }} miss
 * @param {MiddlewareContext} context
 * @returns {void}
 */
function expectResponse(core, cache, miss, context) {
  leave(context, {
    cache,
    kind: "read",
    used: false,
    settle(response, { cacheKey, cacheTtl }) {
      // A handler that took the key away, or put another there, does not want this one filled.
      if (cacheKey === miss.key && isSuccess(response)) core.fill(cache, miss.ticket, response, cacheTtl);
    },
  });
  context.cacheKey = miss.key;
  context.cacheTtl = miss.ttl;
}

/**
 * @param {Carrier} context
 * @param {Pending} pending
 * @returns {void}
 */
function leave(context, pending) {
  context[PENDING] = pending;
}

/**
 * @param {Carrier} context
 * @returns {Pending | undefined}
 */
function pendingOf(context) {
  return context[PENDING];
}

/**
 * Takes away what an earlier read left in a context that is used again: its key is not this request's.
 *
 * @param {MiddlewareContext} context
 * @returns {void}
 */
function dropLeftovers(context) {
  const pending = pendingOf(context);
  if (pending?.kind !== "read") return;
  pending.used = true;
  context.cacheKey = undefined;
  context.cacheTtl = undefined;
}

/**
 * @param {MiddlewareContext} context
 * @param {object | null | undefined} params
 * @param {string} apiVersion
 * @returns {ChainRequest}
 */
function chainRequest(context, params, apiVersion) {
  const { endpoint, method = "GET", requestId, vary } = context;
  return { endpoint, method, params, requestId, apiVersion, ...(vary === undefined ? {} : { vary }), ...identityOf(context) };
}

/**
 * What may be a change, whoever asks: an identity that cannot be read does not keep it from being one.
 *
 * @param {MiddlewareContext} context
 * @param {object | null | undefined} params
 * @returns {ChainRequest}
 */
function changeRequest({ endpoint }, params) {
  return { endpoint, method: "POST", params, userId: undefined, identified: true, requestId: undefined, apiVersion: "v1" };
}

/**
 * Who asks: `context.user?.userId ?? context.userId`. Numbers are their digits, so 0 is a user like any other.
 * An empty id, or a `user` without any, is an identity that failed to resolve: it must not become anonymous.
 *
 * @param {{ user?: { readonly userId?: unknown } | null | undefined, userId?: unknown }} context
 * @returns {{ userId: string | undefined, identified: boolean }}
 */
export function identityOf(context) {
  const { user } = context;
  const id = user?.userId ?? context.userId;
  if (typeof id === "string" && id !== "") return { userId: id, identified: true };
  if (typeof id === "number" && Number.isFinite(id)) return { userId: String(id), identified: true };
  const anonymous = (id === undefined || id === null) && (user === undefined || user === null);
  return { userId: undefined, identified: anonymous };
}

/**
 * Whether a response may be stored: plain data, or an envelope that says "success".
 *
 * @param {unknown} response
 * @returns {boolean}
 */
function isSuccess(response) {
  if (response === undefined) return false;
  return typeof response !== "object" || response === null || !("status" in response) || response.status !== "error";
}

/**
 * Runs `work`; where that throws, nothing was done and the request goes on without the cache.
 *
 * @template T
 * @param {() => T} work
 * @returns {T | undefined}
 */
function quietly(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}
