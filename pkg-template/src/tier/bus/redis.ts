/** Redis or Valkey publish and subscribe, by a connected client of node-redis, ioredis or iovalkey. */

import { checkRedis, isIoredis } from "../redis-client.js";

/**
 * @param client used to publish, and duplicated to listen
 * @param options `subscriber`: a client of your own to listen with
 */
export function redisBus(client: any, { channel = "endpoint-cache", subscriber }: { channel?: string, subscriber?: any } = {}) {
  checkRedis("bus/redis", client, ["publish"]);
  checkRedis("bus/redis", subscriber ?? client, [subscriber === undefined ? "duplicate" : "subscribe"]);
  const ioredis = isIoredis(client);
  const own = subscriber === undefined;
  const listening = subscriber ?? client.duplicate();
  // Without a listener of its own, a client's lost connection would end the process.
  if (own) listening.on("error", () => {});
  return {
    async publish(text: string) {
      await client.publish(channel, text);
    },
    async subscribe(onMessage: (text: string) => void, onGap: () => void) {
      if (ioredis) {
        listening.on("message", (on: string, text: string) => {
          if (on === channel) onMessage(text);
        });
        await listening.subscribe(channel);
      } else {
        if (own) await listening.connect();
        await listening.subscribe(channel, (text: string) => onMessage(text));
      }
      // Connected again: what was said meanwhile is lost.
      listening.on("ready", onGap);
    },
    async close() {
      if (!own) return;
      if (ioredis) listening.disconnect();
      else if (typeof listening.destroy === "function") listening.destroy();
      else await listening.disconnect();
    },
  };
}
