import type { Store } from "../tiered.js";

/** What unstorage's `createStorage` returns, with any driver. */
export function unstorageStore(storage: object): Store;
