/**
 * A Cloudflare KV namespace. KV shows a write everywhere within about a minute: on it, an invalidation elsewhere is
 * seen that much later than `l1Ttl` says.
 */

import { checkPeer } from "../../peers.js";
import type { Store } from "../../types/tier.js";

/** What is used of a namespace. */
interface Client {
  getWithMetadata(
    key: string,
    options: { type: "arrayBuffer" },
  ): Promise<{ value?: ArrayBuffer | null; metadata?: { until: number } | null }>;
  put(key: string, bytes: ArrayBuffer, options: { metadata: object; expirationTtl?: number }): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

/** KV keeps nothing for less than this many seconds; what ends earlier says so itself. */
const SHORTEST = 60;

/** A Cloudflare KV binding. KV shows a write elsewhere within about a minute: add that to `l1Ttl`. */
export function cloudflareKvStore(namespace: object): Store {
  const client = namespace as Client;
  checkPeer("stores/cloudflare-kv", "a KV namespace of Cloudflare", namespace, ["getWithMetadata", "put", "delete"]);
  return {
    get: async (key: string) => {
      const { value, metadata } = await client.getWithMetadata(key, { type: "arrayBuffer" });
      if (value === null || value === undefined || (metadata && metadata.until > 0 && Date.now() > metadata.until)) return undefined;
      return new Uint8Array(value);
    },
    set: async (key: string, bytes: Uint8Array, options: { ttlMs?: number } = {}) => {
      const { ttlMs = Infinity } = options;
      const ends = ttlMs < Infinity;
      const metadata = { until: ends ? Math.ceil(Date.now() + ttlMs) : 0 };
      await client.put(
        key,
        bytes.slice().buffer,
        ends ? { metadata, expirationTtl: Math.max(SHORTEST, Math.ceil(ttlMs / 1e3)) } : { metadata },
      );
    },
    delete: async (keys: string[]) => {
      await Promise.all(keys.map((key) => client.delete(key)));
    },
  };
}
