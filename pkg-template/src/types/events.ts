/** What happens to a cache, as listeners are told. */

import type { BypassReason, RefusalReason } from "./request.js";
import type { RemovalReason } from "./stats.js";

/** Something that happened. `at` is what the cache's clock read, in milliseconds. */
export type CacheEvent = { readonly at: number } & (
  | { readonly type: "hit"; readonly key: string; readonly age: number }
  | { readonly type: "stale"; readonly key: string; readonly age: number }
  | { readonly type: "miss"; readonly key: string }
  | { readonly type: "joined"; readonly key: string }
  | { readonly type: "set"; readonly key: string; readonly ttl: number; readonly bytes: number }
  | { readonly type: "removed"; readonly key: string; readonly reason: RemovalReason }
  | { readonly type: "refused"; readonly key: string; readonly reason: RefusalReason }
  | { readonly type: "loadFailed"; readonly key: string; readonly error: unknown }
  | { readonly type: "bypass"; readonly endpoint: string; readonly reason: BypassReason }
  /** `count` entries went now; `total` says, when it settles, how many went since it began. */
  | {
      readonly type: "mutation";
      readonly endpoint: string;
      readonly phase: "begin" | "settle" | "timeout";
      readonly count: number;
      readonly total?: number;
    }
  | { readonly type: "invalidated"; readonly by: string; readonly count: number }
  /** `expire()` marked entries stale. */
  | { readonly type: "expired"; readonly by: string; readonly count: number }
  | { readonly type: "cleared"; readonly count: number }
  | { readonly type: "failure"; readonly error: unknown }
);
