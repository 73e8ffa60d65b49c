/**
 * `routeRequest`, and its fast path for hits.
 *
 * A request like one seen before finds its entry by its params, compared whole: nothing is hashed and nothing is awaited.
 * The entry is served if the slot has the same key and version as when the route was remembered, and the engine's columns
 * call it fresh. Whatever is out of the ordinary goes to the export of the WebAssembly module.
 */

import type { HostStore } from "../../src/bindings/host/host-store.js";
import type { KnownRequest } from "../../src/bindings/host/request-memo.js";
import { routeRequest as drive } from "../../src/bindings/host/route-request.js";
import { rest } from "../../src/bindings/host/contexts.js";
import { guarded } from "../../src/bindings/host/loads.js";
import { ParamsText, readParams } from "../../src/bindings/host/params.js";
import { readTokens } from "../../src/bindings/host/params-fingerprint.js";
import { coreOf } from "./core-of.js";
import { protocolOf } from "./copy-protocol.js";
import { broken } from "./instance.js";
import type {
  AnyParams,
  CacheService,
  DataOf,
  Handler,
  RouteOptions,
  RouteRequest,
  RouteResponse,
  SuccessResponse,
} from "./types/index.js";

/**
 * Answers a request from the cache or by its handler: a mutation invalidates what it touches, before the handler and when
 * it settles; a read is served from its entry, waits for a load under way, or runs the handler and stores the answer.
 * Nothing that goes wrong in the cache reaches the caller: then the handler runs.
 *
 * A cache that another copy of the package made works as well, as it does for every function that takes one.
 *
 * @throws only what the handler or `authorize` throws, the reason of `signal`, "ERR_TIMEOUT" where `hardTimeout` is set, and,
 *   before anything is done, what a getter of the request or of the options throws, "ERR_OPTION" for what is no cache, request or
 *   handler, and "ERR_COPY" for a cache that cannot be used; always as a rejection
 */
export function routeRequest<T, P = AnyParams>(
  cache: CacheService,
  request: RouteRequest<P>,
  handler: Handler<T, P>,
  options?: RouteOptions,
): Promise<RouteResponse<DataOf<T>>> {
  // No try around this: Node 20 dies of it when it deoptimises ("unreachable code" in V8) under thousands of waiting callers.
  const core = coreOf(cache);
  if (core === undefined) return throughDoors(cache, request, handler, options);
  // What is none of these is refused, whether there is a value or not.
  const plain = options === undefined && typeof request === "object" && request !== null && typeof handler === "function";
  const found = plain ? quickHit(core.hostStore, request) : undefined;
  if (found === undefined || found === null || found instanceof ParamsText) return drive(core, request, handler, options, found);
  rest();
  return Promise.resolve(found as SuccessResponse<DataOf<T>>);
}

/** The same for a cache that another copy of the package made; what is no cache rejects. */
async function throughDoors<T, P>(
  cache: CacheService,
  request: RouteRequest<P>,
  handler: Handler<T, P>,
  options: RouteOptions | undefined,
) {
  return protocolOf(cache).routeRequest(request, handler, options);
}

/**
 * The response to a request whose entry is known and fresh; or the text of its params, where it had to be made, null where
 * they have none; or undefined. What a getter of the request itself throws rejects the promise, whatever reads it first.
 */
function quickHit(hostStore: HostStore, request: RouteRequest) {
  try {
    return lookUp(hostStore, request);
  } catch (error) {
    return Promise.reject(error);
  }
}

function lookUp(hostStore: HostStore, request: RouteRequest) {
  if (broken || typeof request !== "object" || request === null) return undefined;
  const { endpoint, method, params, user, signal } = request;
  if (typeof endpoint !== "string" || hostStore.observer !== undefined) return undefined;
  // Aborted, or no signal at all.
  if (signal !== undefined && signal !== null && signal.aborted !== false) return undefined;
  if (method !== undefined && method !== "GET" && method !== "POST") return undefined;
  const userId = user === undefined || user === null ? request.userId : user.userId;
  let name = "";
  if (userId === undefined || userId === null) {
    if (user !== undefined && user !== null) return undefined;
  } else {
    if (typeof userId !== "string" || userId === "") return undefined;
    name = userId;
  }
  const reading = readTokens(params);
  // Before the route is looked at: a user's clock may call the cache. If that reads other params, these are not recalled.
  const now = hostStore.now();
  let route = reading > 0 ? hostStore.requestMemo.recall(endpoint, name, reading) : undefined;
  if (route === undefined || !isGood(hostStore, route, now)) {
    const read = guarded(() => readParams(params)) ?? null;
    if (read === null) return null;
    route = hostStore.requestMemo.find(endpoint, name, read.text);
    if (route === undefined) return read;
    if (reading > 0) hostStore.requestMemo.promote(endpoint, name, read.text, route);
    if (!isGood(hostStore, route, now)) return read;
  }
  const { slot } = route;
  const value = hostStore.value(slot);
  // The user's `clone` did not copy it.
  if (value === undefined) return undefined;
  hostStore.countHit(slot);
  const metadata = {
    fromCache: true,
    cache: "hit" as const,
    age: (now - hostStore.storedAt(slot)) / 1e3,
    ttl: (hostStore.endOf(slot) - now) / 1e3,
    key: route.key,
    requestId: request.requestId ?? hostStore.responseMetadata.nextRequestId(),
    timestamp: hostStore.responseMetadata.timestamp(hostStore.wall()),
    durationMs: 0,
    apiVersion: "v1",
  };
  return { status: "success" as const, data: value.data, metadata };
}

/** Whether a route leads to a fresh value, and to the one it was remembered with. */
function isGood(hostStore: HostStore, { slot, key, version }: KnownRequest, now: number) {
  return hostStore.versions[slot] === version && hostStore.keys[slot] === key && hostStore.isFreshAt(slot, now);
}
