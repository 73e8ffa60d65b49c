import type { Bus } from "../tiered.js";

/** Publish and subscribe by a connected client of node-redis, ioredis or iovalkey. */
export function redisBus(
  client: object,
  options?: {
    /** Default: "endpoint-cache". */
    channel?: string | undefined;
    /** A connected client to listen with. Default: a duplicate of `client`, ended by `close`. */
    subscriber?: object | undefined;
  },
): Bus;
