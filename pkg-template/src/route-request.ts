/**
 * `routeRequest`, and its fast path for hits.
 *
 * A request like one seen before finds its entry by its params, compared whole: nothing is hashed and nothing is awaited.
 * The entry is served if the slot has the same key and version as when the route was remembered, and the engine's columns
 * call it fresh. Whatever is out of the ordinary goes to the export of the WebAssembly module.
 */

import type { KnownRequest } from "../../src/bindings/host/request-memo.js";
import { routeRequest as drive } from "../../src/bindings/host/route-request.js";
import { rest } from "../../src/bindings/host/contexts.js";
import { guarded } from "../../src/bindings/host/loads.js";
import { ParamsText, readParams } from "../../src/bindings/host/params.js";
import { readTokens } from "../../src/bindings/host/params-fingerprint.js";
import { coreOf } from "./core-of.js";
import { protocolOf } from "./copy-protocol.js";
import { broken } from "./instance.js";

export function routeRequest(cache: any, request: any, handler: (params: any, context: any) => any, options?: any): Promise<any> {
  // No try around this: Node 20 dies of it when it deoptimises ("unreachable code" in V8) under thousands of waiting callers.
  const core = coreOf(cache);
  if (core === undefined) return throughDoors(cache, request, handler, options);
  // What is none of these is refused, whether there is a value or not.
  const plain = options === undefined && typeof request === "object" && request !== null && typeof handler === "function";
  const found = plain ? quickHit(core.hostStore, request) : undefined;
  if (found === undefined || found === null || found instanceof ParamsText) return drive(core, request, handler, options, found);
  rest();
  return Promise.resolve(found);
}

/** The same for a cache that another copy of the package made; what is no cache rejects. */
async function throughDoors(cache: any, request: any, handler: (params: any, context: any) => any, options: any) {
  return protocolOf(cache).routeRequest(request, handler, options);
}

/**
 * The response to a request whose entry is known and fresh; or the text of its params, where it had to be made, null where
 * they have none; or undefined. What a getter of the request itself throws rejects the promise, whatever reads it first.
 */
function quickHit(hostStore: any, request: any) {
  try {
    return lookUp(hostStore, request);
  } catch (error) {
    return Promise.reject(error);
  }
}

function lookUp(hostStore: any, request: any) {
  if (broken || typeof request !== "object" || request === null) return undefined;
  const { endpoint, method, params, user, signal } = request;
  if (typeof endpoint !== "string" || hostStore.observer !== undefined) return undefined;
  // Aborted, or no signal at all.
  if (signal !== undefined && signal !== null && signal.aborted !== false) return undefined;
  if (method !== undefined && method !== "GET" && method !== "POST") return undefined;
  const userId = user === undefined || user === null ? request.userId : user.userId;
  const anonymous = userId === undefined || userId === null;
  if (anonymous ? user !== undefined && user !== null : typeof userId !== "string" || userId === "") return undefined;
  const name = anonymous ? "" : userId;
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
    cache: "hit",
    age: (now - hostStore.storedAt(slot)) / 1e3,
    ttl: (hostStore.endOf(slot) - now) / 1e3,
    key: route.key,
    requestId: request.requestId ?? hostStore.responseMetadata.nextRequestId(),
    timestamp: hostStore.responseMetadata.timestamp(hostStore.wall()),
    durationMs: 0,
    apiVersion: "v1",
  };
  return { status: "success", data: value.data, metadata };
}

/** Whether a route leads to a fresh value, and to the one it was remembered with. */
function isGood(hostStore: any, { slot, key, version }: KnownRequest, now: number) {
  return hostStore.versions[slot] === version && hostStore.keys[slot] === key && hostStore.isFreshAt(slot, now);
}
