import type { Store } from "../tiered.js";

/** A Cloudflare KV binding. KV shows a write elsewhere within about a minute: add that to `l1Ttl`. */
export function cloudflareKvStore(namespace: object): Store;
