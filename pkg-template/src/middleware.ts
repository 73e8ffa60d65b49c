/**
 * The two middlewares and the helper for routers that keep a chain of `(context, params) => response | undefined`.
 *
 * This module knows the chain's context: where identity stands, what is left in it for the handler, and that a chain says
 * "before" and never "after". It must not know rules, keys or entries: all of that is asked of a `MiddlewareCore`.
 * No middleware throws: a cache that fails leaves the request to its handler.
 *
 *     export const { createCacheMiddleware, createCacheInvalidationMiddleware, cacheResponse } = bindMiddleware(core);
 */

import type { CacheService, Middleware, MiddlewareContext, RouteResponse, Ttl } from "./types/index.js";

/** A request as the core plans it. */
export interface ChainRequest {
  endpoint: string;
  method: string;
  params: object | null | undefined;
  /** values that rules may make part of the key */
  vary?: object | null;
  /** undefined for nobody; otherwise a non-empty string */
  userId: string | undefined;
  /** false when the context names a user that is no id: a read bypasses with the reason "user-id", a mutation invalidates all the same */
  identified: boolean;
  requestId: string | undefined;
  apiVersion: string;
  /** what the params of a mutation were when it was first met */
  text?: string | undefined;
}

/**
 * What a read is to do. A `ticket` stands for the moment of the miss: the core stores under it only what no invalidation
 * has covered since. It may be used once, or never (a chain drops requests without telling), so it must not hold
 * anything open that others wait for.
 */
export type ChainPlan =
  | { kind: "hit"; response: RouteResponse }
  | { kind: "miss"; key: string; ttl: number; ticket: object }
  | { kind: "pass" };

/** What this module needs of the cache. All of it is synchronous and may throw. */
export interface MiddlewareCore {
  /** throws where this is no cache */
  check?: (cache: unknown) => unknown;
  /** looks up a read; "pass" for everything that is not to be cached, mutations included. Counts and logs hits, misses and bypasses. `ttl` is in seconds. */
  plan: (cache: CacheService, request: ChainRequest) => ChainPlan;
  /** invalidates what a mutation touches and answers true; answers false for a request that is no mutation */
  mutate: (cache: CacheService, request: ChainRequest) => boolean;
  /** whether an answer may be stored that says this of its own lifetime */
  lives?: (cache: CacheService, key: string, ttl: unknown) => boolean;
  /** stores a snapshot of the response unless an invalidation came since the ticket, or it is not storable */
  fill: (cache: CacheService, ticket: object, response: unknown, ttl: Ttl | undefined) => void;
}

/**
 * Where a context carries what `cacheResponse` needs. A symbol survives the copies that routers make by spreading, and this one is
 * the same in every copy of the package: a middleware of one may be followed by a helper of another.
 */
const PENDING = Symbol.for("endpoint-cache/1.pending");

/** What waits for a handler's response. Copies of a context share it, so it remembers itself that it was used. */
export interface Pending {
  cache: CacheService;
  kind: "read" | "mutation";
  used: boolean;
  settle: (response: unknown, context: MiddlewareContext) => void;
}

export type Carrier = MiddlewareContext & { [PENDING]?: Pending };

/** The three functions of the public API, over a core. */
export function bindMiddleware(core: MiddlewareCore) {
  return {
    createCacheMiddleware(cache: CacheService, apiVersion: string = "v1"): Middleware {
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

    createCacheInvalidationMiddleware(cache: CacheService): Middleware {
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

    cacheResponse<R>(cache: CacheService, response: R, context: MiddlewareContext): R {
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

/** Leaves in the context what the handler's response will be stored by. */
function expectResponse(
  core: MiddlewareCore,
  cache: CacheService,
  miss: { key: string; ttl: number; ticket: object },
  context: MiddlewareContext,
): void {
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

function leave(context: Carrier, pending: Pending): void {
  context[PENDING] = pending;
}

function pendingOf(context: Carrier): Pending | undefined {
  return context[PENDING];
}

/** Takes away what an earlier read left in a context that is used again: its key is not this request's. */
function dropLeftovers(context: MiddlewareContext): void {
  const pending = pendingOf(context);
  if (pending?.kind !== "read") return;
  pending.used = true;
  context.cacheKey = undefined;
  context.cacheTtl = undefined;
}

function chainRequest(context: MiddlewareContext, params: object | null | undefined, apiVersion: string): ChainRequest {
  const { endpoint, method = "GET", requestId, vary } = context;
  return { endpoint, method, params, requestId, apiVersion, ...(vary === undefined ? {} : { vary }), ...identityOf(context) };
}

/** What may be a change, whoever asks: an identity that cannot be read does not keep it from being one. */
function changeRequest({ endpoint }: MiddlewareContext, params: object | null | undefined): ChainRequest {
  return { endpoint, method: "POST", params, userId: undefined, identified: true, requestId: undefined, apiVersion: "v1" };
}

/**
 * Who asks: `context.user?.userId ?? context.userId`. Numbers are their digits, so 0 is a user like any other.
 * An empty id, or a `user` without any, is an identity that failed to resolve: it must not become anonymous.
 */
export function identityOf(context: { user?: { readonly userId?: unknown } | null | undefined; userId?: unknown }): {
  userId: string | undefined;
  identified: boolean;
} {
  const { user } = context;
  const id = user?.userId ?? context.userId;
  if (typeof id === "string" && id !== "") return { userId: id, identified: true };
  if (typeof id === "number" && Number.isFinite(id)) return { userId: String(id), identified: true };
  const anonymous = (id === undefined || id === null) && (user === undefined || user === null);
  return { userId: undefined, identified: anonymous };
}

/** Whether a response may be stored: plain data, or an envelope that says "success". */
function isSuccess(response: unknown): boolean {
  if (response === undefined) return false;
  return typeof response !== "object" || response === null || !("status" in response) || response.status !== "error";
}

/** Runs `work`; where that throws, nothing was done and the request goes on without the cache. */
function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
