/** What keeps requests out of the cache although somebody wanted them in it, said aloud once for each endpoint. */

import { guarded } from "../../../src/bindings/host/loads.js";
import type { CacheService } from "../types/http.js";
import { protocolOf } from "../whole.js";

/** By reason: what happened and what to do about it. Reasons that only depend on what a client sends are not here. */
const TEXTS: Record<string, string> = {
  unkeyed:
    "the handler looked at a session or a user though `identity` named nobody, so its answer is for its asker alone and is not " +
    "cached: let `identity` return who asks",
  constraints: "the route has constraints (version, host or others), which the key does not hold, so it is not cached",
  http2: "a request over HTTP/2 is not cached by this adapter; what it changes is invalidated",
  "set-cookie": "the answer sets a cookie, so it is for its receiver alone and is not cached",
};

export function warn(cache: CacheService, endpoint: unknown, reason: string | undefined) {
  const text = reason !== undefined && Object.hasOwn(TEXTS, reason) ? TEXTS[reason] : undefined;
  if (reason !== undefined && text !== undefined) guarded(() => protocolOf(cache).warn(endpoint, reason, text));
}
