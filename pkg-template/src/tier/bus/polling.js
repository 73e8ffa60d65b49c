/**
 * A bus without connections, for hosts that have none: one key of the store that every invalidation changes, looked at
 * now and then. A change says that something went, not what; the tier asks the store for that.
 */

import { durationMs } from "../../../../src/bindings/host/ttl.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * @param {any} store
 * @param {{ interval?: any, key?: string, timers?: any }} [options]
 */
export function pollingBus(store, { interval = 1, key = "ec#pulse", timers = globalThis } = {}) {
  const pause = Math.max(10, durationMs(interval, "interval"));
  let seen = "";
  /** @type {any} */
  let timer;
  let closed = false;
  const poll = async (/** @type {() => void} */ onGap) => {
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
  const again = (/** @type {() => void} */ onGap) => {
    if (closed) return;
    timer = timers.setTimeout(() => void poll(onGap), pause);
    timer?.unref?.();
  };
  return {
    async publish() {
      // Not remembered as seen: another's may have come just before.
      await store.set(key, encoder.encode(crypto.randomUUID()), {});
    },
    async subscribe(/** @type {(text: string) => void} */ _onMessage, /** @type {() => void} */ onGap) {
      again(onGap);
    },
    close() {
      closed = true;
      if (timer !== undefined) timers.clearTimeout(timer);
    },
  };
}
