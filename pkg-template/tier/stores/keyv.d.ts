import type { Store } from "../tiered.js";

/** A Keyv store adapter, or a Keyv. An adapter that ignores TTLs keeps entries until it is cleaned up; they are not served. */
export function keyvStore(adapter: object): Store;
