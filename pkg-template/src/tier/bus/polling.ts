/**
 * A bus without connections, for hosts that have none: one key of the store that every invalidation changes, looked at
 * now and then. A change says that something went, not what; the tier asks the store for that.
 */

import { durationMs } from "../../../../src/bindings/host/ttl.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function pollingBus(store: any, { interval = 1, key = "ec#pulse", timers = globalThis }: { interval?: any, key?: string, timers?: any } = {}) {
  const pause = Math.max(10, durationMs(interval, "interval"));
  let seen = "";
  let timer: any;
  let closed = false;
  const poll = async (onGap: () => void) => {
    try {
      const bytes = await store.get(key);
      const now = bytes === undefined ? "" : decoder.decode(bytes);
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
    timer?.unref?.();
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
