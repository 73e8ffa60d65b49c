/**
 * Several requests in one: an array of `{ endpoint, params }`, each answered, cached and invalidated by itself.
 *
 * Reads between two mutations run side by side; a mutation waits for what stands before it, and what stands after it waits
 * for the mutation, so that the answers are those of the same requests sent one after the other.
 */

import { coreOf, routeRequest } from "../whole.js";
import { identify } from "./locate.js";
import { isResponse } from "./web.js";

/**
 * @param {any} cache
 * @param {import("./settings.js").Settings} settings
 * @param {import("./locate.js").Incoming} incoming
 * @returns {Promise<{ status: any, body: any }>}
 */
export async function answerBatch(cache, settings, incoming) {
  const batch = /** @type {NonNullable<typeof settings.batch>} */ (settings.batch);
  const items = await incoming.json();
  if (!Array.isArray(items) || items.length > batch.maxItems) {
    const said = Array.isArray(items) ? `a batch holds ${batch.maxItems} items at most` : "a batch is an array of { endpoint, params }";
    return { status: Array.isArray(items) ? 413 : 400, body: { status: "error", error: said } };
  }
  const who = await identify(settings, incoming);
  const run = (/** @type {any} */ item) => answer(cache, settings, incoming, who, item);
  /** @type {Promise<any>[]} */
  const answers = [];
  for (const item of items) {
    const alone = isMutation(cache, item?.endpoint);
    if (alone) await Promise.all(answers);
    const next = run(item);
    answers.push(next);
    if (alone) await next;
  }
  return { status: 200, body: await Promise.all(answers) };
}

/** @param {any} cache @param {unknown} endpoint */
function isMutation(cache, endpoint) {
  try {
    return typeof endpoint === "string" && coreOf(cache).isMutation(endpoint);
  } catch {
    return true;
  }
}

/**
 * @param {any} cache
 * @param {import("./settings.js").Settings} settings
 * @param {import("./locate.js").Incoming} incoming
 * @param {{ userId: string | undefined, reason?: string }} who
 * @param {any} item
 */
async function answer(cache, settings, incoming, { userId, reason }, item) {
  const { endpoint, params } = Object(item);
  const { handler } = /** @type {NonNullable<typeof settings.batch>} */ (settings.batch);
  if (typeof endpoint !== "string") return { status: "error", error: "an item names its endpoint" };
  try {
    const asked = Object.freeze({ endpoint, method: "POST", userId });
    const result = await settings.authorize?.(incoming.subject, asked);
    if (result === false || isResponse(result)) return { status: "error", error: "denied" };
    const host = settings.host ? { host: incoming.host } : {};
    const known = typeof params === "object" && params !== null && !Array.isArray(params) && !Object.hasOwn(params, "@batch");
    // Unclear identity, or params that are none: a method that is never cached, and mutations stay what they are.
    const method = reason === undefined && known ? "POST" : "PUT";
    const keyed = isMutation(cache, endpoint) || method === "PUT" ? (known ? params : {}) : { ...params, "@batch": host };
    const { waitUntil, execution } = incoming;
    const own = params ?? {};
    const request = { endpoint, method, params: keyed, userId, waitUntil, execution };
    const response = await routeRequest(cache, request, (_, context) => handler(own, context));
    const { cache: how, age, ttl } = response.metadata;
    const { status, data, error } = response;
    return status === "success" ? { status, data, metadata: { cache: how, age, ttl } } : { status, error };
  } catch {
    // What a handler threw is for the server's eyes; what its asker may know it returns as { status: "error", error }.
    return { status: "error", error: "the handler failed" };
  }
}
