/** Redis or Valkey publish and subscribe, by a connected client of node-redis, ioredis or iovalkey. */

import type { Bus } from "../../types/tier.js";
import { checkRedis, type Ioredis, isIoredis, type NodeRedis } from "../redis-client.js";

/** Publish and subscribe by a connected client of node-redis, ioredis or iovalkey. */
export function redisBus(
  client: object,
  options: {
    /** Default: "endpoint-cache". */
    channel?: string | undefined;
    /** A connected client to listen with. Default: a duplicate of `client`, ended by `close`. */
    subscriber?: object | undefined;
  } = {},
): Bus {
  const { channel = "endpoint-cache", subscriber } = options;
  checkRedis("bus/redis", client, ["publish"]);
  checkRedis("bus/redis", subscriber ?? client, [subscriber === undefined ? "duplicate" : "subscribe"]);
  const speaking = client as Ioredis | NodeRedis;
  const own = subscriber === undefined;
  const listening = (subscriber as typeof speaking | undefined) ?? speaking.duplicate();
  // Which kind the other one is decides for both.
  const ioredis = isIoredis(client) ? (listening as Ioredis) : undefined;
  const redis = listening as NodeRedis;
  // Without a listener of its own, a client's lost connection would end the process.
  if (own) redis.on("error", () => {});
  return {
    async publish(text) {
      await speaking.publish(channel, text);
    },
    async subscribe(onMessage, onGap) {
      if (ioredis !== undefined) {
        ioredis.on("message", (on, text) => {
          if (on === channel) onMessage(text);
        });
        await ioredis.subscribe(channel);
      } else {
        if (own) await redis.connect();
        await redis.subscribe(channel, (text) => onMessage(text));
      }
      // Connected again: what was said meanwhile is lost.
      redis.on("ready", onGap);
    },
    async close() {
      if (!own) return;
      if (ioredis !== undefined) ioredis.disconnect();
      else if (typeof redis.destroy === "function") redis.destroy();
      else await redis.disconnect();
    },
  };
}
