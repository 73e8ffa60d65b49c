/**
 * A Cloudflare KV namespace. KV shows a write everywhere within about a minute: on it, an invalidation elsewhere is
 * seen that much later than `l1Ttl` says.
 */

import { checkPeer } from "../../peers.js";

/** KV keeps nothing for less than this many seconds; what ends earlier says so itself. */
const SHORTEST = 60;

/** @param namespace a KV binding */
export function cloudflareKvStore(namespace: any) {
  checkPeer("stores/cloudflare-kv", "a KV namespace of Cloudflare", namespace, ["getWithMetadata", "put", "delete"]);
  return {
    get: async (key: string) => {
      const { value, metadata } = await namespace.getWithMetadata(key, { type: "arrayBuffer" });
      if (value === null || value === undefined || (metadata?.until > 0 && Date.now() > metadata.until)) return undefined;
      return new Uint8Array(value);
    },
    set: async (key: string, bytes: Uint8Array, options: { ttlMs?: number } = {}) => {
      const { ttlMs = Infinity } = options;
      const ends = ttlMs < Infinity;
      const metadata = { until: ends ? Math.ceil(Date.now() + ttlMs) : 0 };
      await namespace.put(key, bytes.slice().buffer, ends ? { metadata, expirationTtl: Math.max(SHORTEST, Math.ceil(ttlMs / 1e3)) } : { metadata });
    },
    delete: async (keys: string[]) => {
      await Promise.all(keys.map((key) => namespace.delete(key)));
    },
  };
}
