/** BroadcastChannel: tabs of one browser, worker threads of one Node, Deno or Bun process. */

/** @param name of the channel */
export function broadcastChannelBus(name: string = "endpoint-cache") {
  const channel = new BroadcastChannel(name);
  // Listening must not keep a process alive by itself.
  (channel as any).unref?.();
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
