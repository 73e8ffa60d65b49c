/**
 * A bus without connections, for hosts that have none: one key of the store that every invalidation changes, looked at
 * now and then. A change says that something went, not what; the tier asks the store for that.
 */

import { durationMs } from "../../../../src/bindings/host/ttl.js";
import type { Bus, Store, TieredOptions } from "../../types/tier.js";
import type { Duration } from "../../types/values.js";
import { unref } from "../timers.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A bus without connections: one key of the store, looked at now and then. */
export function pollingBus(
  store: Store,
  options: {
    /** Range: from 10 ms. Default: 1. */
    interval?: Duration | undefined;
    /** Default: "ec#pulse". */
    key?: string | undefined;
    timers?: TieredOptions["timers"];
  } = {},
): Bus {
  const { interval = 1, key = "ec#pulse", timers = globalThis } = options;
  const pause = Math.max(10, durationMs(interval, "interval"));
  let seen = "";
  let timer: unknown;
  let closed = false;
  const poll = async (onGap: () => void) => {
    try {
      const bytes = await store.get(key);
      const now = bytes === undefined || bytes === null ? "" : decoder.decode(bytes);
      if (now !== seen) {
        seen = now;
        onGap();
      }
    } catch {
      // The next look will tell.
    }
    again(onGap);
  };
  const again = (onGap: () => void) => {
    if (closed) return;
    timer = timers.setTimeout(() => void poll(onGap), pause);
    unref(timer);
  };
  return {
    async publish() {
      // Not remembered as seen: another's may have come just before.
      await store.set(key, encoder.encode(crypto.randomUUID()), {});
    },
    async subscribe(_onMessage: (text: string) => void, onGap: () => void) {
      again(onGap);
    },
    close() {
      closed = true;
      if (timer !== undefined) timers.clearTimeout(timer);
    },
  };
}
