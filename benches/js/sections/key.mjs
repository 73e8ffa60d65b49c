import * as crypto from "node:crypto";
import { nested } from "../lib/keys.mjs";
import { loadOurs, takesPart } from "../lib/ours.mjs";
import { version } from "../lib/versions.mjs";

export const about = `A cache key from nested parameters, a new object in every call: of 1,000 requests that were met before, and of requests that never were.`;

const ENDPOINT = "core.items.list";
const CALLS = 5_000;
const stable = `safe-stable-stringify ${version("safe-stable-stringify")}`;
const stringified = async (make) => {
  const { stringify } = await import("safe-stable-stringify");
  return (params) => `${ENDPOINT}:${make(stringify(params))}`;
};

const contenders = [
  { id: "json", name: "JSON.stringify (no sorting, no hash)", make: async () => (params) => `${ENDPOINT}:${JSON.stringify(params)}` },
  { id: "stable", name: stable, make: () => stringified((text) => text) },
  {
    id: "createHash",
    name: `${stable} + createHash sha256`,
    make: () => stringified((text) => crypto.createHash("sha256").update(text).digest("hex").slice(0, 16)),
  },
  {
    id: "hash",
    name: `${stable} + crypto.hash sha256`,
    make: () => stringified((text) => crypto.hash("sha256", text, "hex").slice(0, 16)),
  },
  {
    id: "ours",
    name: "endpoint-cache generateCacheKey",
    async make() {
      const { CacheService } = await loadOurs();
      return (params) => CacheService.generateCacheKey(ENDPOINT, params);
    },
  },
].filter(({ id }) => (id !== "ours" || takesPart) && (id !== "hash" || crypto.hash));

function walk(make, from, calls, distinct) {
  let sum = 0;
  for (let i = 0; i < calls; i += 1) sum += make(nested(from + (i % distinct))).length;
  return sum;
}

export const tables = () =>
  [
    { title: "a key from nested parameters, seen before", distinct: 1_000, step: 0 },
    { title: "a key from nested parameters, never seen", distinct: Infinity, step: 1 },
  ].map(({ title, distinct, step }) => ({
    title,
    reference: "createHash",
    floor: "json",
    contenders,
    async start({ make }) {
      const key = await make();
      return {
        prepare: (round) => 1_000_000 + round * CALLS * step,
        run(from) {
          if (walk(key, from, CALLS, distinct) < CALLS * 30) throw new Error("keys are missing");
          return CALLS;
        },
      };
    },
  }));
