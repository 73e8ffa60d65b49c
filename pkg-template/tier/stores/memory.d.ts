import type { Store } from "../tiered.js";

/** A store in this process' memory, for tests. */
export function memoryStore(options?: {
  /** Milliseconds. Default: `Date.now`. */
  now?: (() => number) | undefined;
  /** The oldest goes first. Default: 100,000. */
  maxEntries?: number | undefined;
}): Store & { readonly size: number; clear(): void };
