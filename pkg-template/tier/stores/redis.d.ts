import type { Store } from "../tiered.js";

/**
 * Redis or Valkey by a connected client of node-redis (4 and newer), ioredis or iovalkey, single or cluster; it stays yours
 * to close. Give the client a short reconnect delay (at most an eighth of `l1Ttl`) and no offline queue.
 */
export function redisStore(client: object): Store;
