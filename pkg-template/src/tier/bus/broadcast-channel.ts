/** BroadcastChannel: tabs of one browser, worker threads of one Node, Deno or Bun process. */

import type { Bus } from "../../types/tier.js";

/** Tabs of a browser, worker threads of a process. @param name of the channel. Default: "endpoint-cache" */
export function broadcastChannelBus(name: string = "endpoint-cache"): Bus {
  const channel = new BroadcastChannel(name);
  // Listening must not keep a process alive by itself.
  (channel as { unref?: () => void }).unref?.();
  return {
    publish(text: string) {
      channel.postMessage(text);
    },
    subscribe(onMessage: (text: string) => void) {
      channel.onmessage = (event) => onMessage(event.data);
    },
    close() {
      channel.close();
    },
  };
}
