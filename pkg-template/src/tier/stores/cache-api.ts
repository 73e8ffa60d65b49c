/**
 * A `Cache` of the Cache API. In Workers it belongs to one data centre: processes in another see none of it, and each
 * data centre's invalidations reach the others by the bus or by time.
 */

import { checkPeer } from "../../peers.js";
import type { Store } from "../../types/tier.js";

type Client = Pick<Cache, "match" | "put" | "delete">;

const HOST = "https://endpoint-cache.invalid/";

/** A `Cache` of the Cache API: `caches.default` in Workers, shared by one data centre. */
export function cacheApiStore(cache: object): Store {
  const client = cache as Client;
  checkPeer("stores/cache-api", "a Cache of the Cache API", cache, ["match", "put", "delete"]);
  const address = (key: string) => HOST + encodeURIComponent(key.toWellFormed());
  return {
    get: async (key: string) => {
      const response = await client.match(address(key));
      if (response === undefined || response === null) return undefined;
      const until = Number(response.headers.get("x-until"));
      const bytes = new Uint8Array(await response.arrayBuffer());
      return until > 0 && Date.now() > until ? undefined : bytes;
    },
    set: async (key: string, bytes: Uint8Array, options: { ttlMs?: number } = {}) => {
      const { ttlMs = Infinity } = options;
      const ends = ttlMs < Infinity;
      const seconds = ends ? Math.max(1, Math.ceil(ttlMs / 1e3)) : 31_536_000;
      const headers = { "cache-control": `max-age=${seconds}`, "x-until": String(ends ? Math.ceil(Date.now() + ttlMs) : 0) };
      await client.put(address(key), new Response(bytes.slice(), { headers }));
    },
    delete: async (keys: string[]) => {
      await Promise.all(keys.map((key) => client.delete(address(key))));
    },
  };
}
