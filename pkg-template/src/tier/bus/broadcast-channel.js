/** BroadcastChannel: tabs of one browser, worker threads of one Node, Deno or Bun process. */

/** @param {string} [name] of the channel */
export function broadcastChannelBus(name = "endpoint-cache") {
  const channel = new BroadcastChannel(name);
  // Listening must not keep a process alive by itself.
  /** @type {any} */ (channel).unref?.();
  return {
    publish(/** @type {string} */ text) {
      channel.postMessage(text);
    },
    subscribe(/** @type {(text: string) => void} */ onMessage) {
      channel.onmessage = (event) => onMessage(event.data);
    },
    close() {
      channel.close();
    },
  };
}
