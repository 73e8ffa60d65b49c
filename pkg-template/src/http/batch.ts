/**
 * Several requests in one: an array of `{ endpoint, params }`, each answered, cached and invalidated by itself.
 *
 * Reads between two mutations run side by side; a mutation waits for what stands before it, and what stands after it waits
 * for the mutation, so that the answers are those of the same requests sent one after the other.
 */

import type { Settings } from "./settings.js";
import type { Incoming } from "./resolve-endpoint.js";
import type { CacheService } from "../types/http.js";
import { routeRequest } from "../whole.js";
import { bodyOf, identify } from "./resolve-endpoint.js";
import { denial, isMutation } from "./handle-request.js";

export async function answerBatch(cache: CacheService, settings: Settings, incoming: Incoming): Promise<{ status: number; body: unknown }> {
  const { maxItems = 100 } = settings.batch as NonNullable<typeof settings.batch>;
  const items: unknown = await bodyOf(incoming);
  const fits = Array.isArray(items);
  if (!fits || items.length > maxItems) {
    return { status: fits ? 413 : 400, body: failed(`a batch is an array of ${maxItems} { endpoint, params } at most`) };
  }
  const who = await identify(settings, incoming);
  const answers: Promise<unknown>[] = [];
  for (const item of items as Item[]) {
    const alone = isMutation(cache, item?.endpoint, true);
    if (alone) await Promise.all(answers);
    const next = answer(cache, settings, incoming, who, Object(item));
    answers.push(next);
    if (alone) await next;
  }
  return { status: 200, body: await Promise.all(answers) };
}

/** What an array that came in holds, whatever that is. */
type Item = { readonly endpoint?: unknown; readonly params?: unknown } | null | undefined;

/** Params that the key of an item can hold beside a member of this module's own. */
function isParams(given: unknown): given is object {
  return typeof given === "object" && given !== null && !Array.isArray(given) && !Object.hasOwn(given, "@batch");
}

const failed = (error: unknown) => ({ status: "error", error });

async function answer(
  cache: CacheService,
  settings: Settings,
  incoming: Incoming,
  { userId, reason }: Awaited<ReturnType<typeof identify>>,
  { endpoint, params }: NonNullable<Item>,
) {
  if (typeof endpoint !== "string") return failed("an item names its endpoint");
  try {
    if ((await denial(settings, incoming, { endpoint, method: "POST", userId })) !== undefined) return failed("denied");
    // An item without params asks the same as one whose params are empty.
    const given = params ?? {};
    const known = isParams(given);
    // Unclear identity, or params that are none: a method that is never cached, and mutations stay what they are.
    const method = reason === undefined && known ? "POST" : "PUT";
    const own = known ? given : {};
    const keyed = isMutation(cache, endpoint, true) ? own : { ...own, "@batch": settings.host ? { host: incoming.host } : {} };
    const { waitUntil, execution } = incoming;
    const request = { endpoint, method, params: keyed, userId, waitUntil, execution };
    const response = await routeRequest(cache, request, (_, context) => settings.batch?.handler(params ?? {}, context));
    const { cache: how, age, ttl } = response.metadata;
    const { status } = response;
    return status === "success" ? { status, data: response.data, metadata: { cache: how, age, ttl } } : { status, error: response.error };
  } catch {
    // What a handler threw is for the server's eyes; what its asker may know it returns as { status: "error", error }.
    return failed("the handler failed");
  }
}
