/** What a cache answers where there is no instance of the module that could be asked: that of an empty cache that stores nothing. */

import { nameExplanation, nameStats } from "../../src/bindings/host/stats-format.js";

/** The scope of a mutation of which nothing is known. */
export const EVERYTHING = [""];

/** By member of the compiled class. */
export const SUBSTITUTES: Record<string, (argument: string) => unknown> = {
  set: () => false,
  has: () => false,
  delete: () => false,
  invalidate: () => 0,
  expire: () => 0,
  cleanupExpired: () => 0,
  keys: () => [],
  entries: () => [],
  preview: () => [],
  mutationScopes: () => EVERYTHING,
  getStats: () => nameStats(new Array(64).fill(0)),
  endpointSizes: () => ({}),
  explain: (key) =>
    nameExplanation(key, "absent", "The cache failed inside and starts anew, empty.", new Float64Array(3).fill(NaN), "", ""),
};
