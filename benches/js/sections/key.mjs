// A cache key from nested parameters: requests seen before (1,000 of them, new objects each time) and never seen ones.
import { createHash, hash } from "node:crypto";
import { stringify } from "safe-stable-stringify";
import { interleave, keep, loop } from "../lib/measure.mjs";
import { version } from "../lib/versions.mjs";

const PARAMS = '{ project_name: "demo-project-" + (n % 10), page: n, filter: { state: "open", tags: ["alpha", "beta-" + (n % 7)] } }';

export async function run({ ours, quick }) {
  const stable = `safe-stable-stringify ${version("safe-stable-stringify")}`;
  const makers = [
    { name: "JSON.stringify (no sorting, no hash)", make: (endpoint, params) => `${endpoint}:${JSON.stringify(params)}` },
    { name: stable, make: (endpoint, params) => `${endpoint}:${stringify(params)}` },
    {
      name: `${stable} + createHash sha256`,
      reference: true,
      make: (endpoint, params) => `${endpoint}:${createHash("sha256").update(stringify(params)).digest("hex").slice(0, 16)}`,
    },
    ...(hash ? [{ name: `${stable} + crypto.hash sha256`, make: (endpoint, params) => `${endpoint}:${hash("sha256", stringify(params), "hex").slice(0, 16)}` }] : []),
    ...(ours ? [{ name: "endpoint-cache generateCacheKey", make: (endpoint, params) => ours.CacheService.generateCacheKey(endpoint, params) }] : []),
  ];
  const calls = quick ? 5_000 : 20_000;
  let unseen = 1_000_000;
  const results = [];
  for (const seen of [true, false]) {
    const contenders = makers.map(({ name, make }) => {
      const walk = loop(["make", "from", "calls", "seen"], `let sum = 0; for (let i = 0; i < calls; i += 1) { const n = seen ? i % 1000 : from + i; sum += make("core.items.list", ${PARAMS}).length; } return sum;`);
      return {
        name,
        run() {
          unseen += calls;
          keep(walk(make, unseen, calls, seen));
          return calls;
        },
      };
    });
    const rows = await interleave(contenders, { rounds: quick ? 5 : 15, gcBetween: false });
    results.push({
      title: seen ? "a key from nested parameters, seen before" : "a key from nested parameters, never seen",
      unit: "time",
      reference: makers.find((maker) => maker.reference).name,
      rows,
    });
  }
  return results;
}
