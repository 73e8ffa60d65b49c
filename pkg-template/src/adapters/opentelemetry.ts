/** Statistics of caches as observable instruments of an OpenTelemetry meter. The meter is the user's; nothing is imported. */

import type { Family } from "../metric-families.js";
import { checkedPrefix, FAMILIES, named, report, UP } from "../metric-families.js";
import { checkPeer } from "../peers.js";

/** What an instrument's name may begin with. */
const PREFIX = /^[a-zA-Z][a-zA-Z0-9_.\-/]{0,200}$/;

const METHODS = ["createObservableCounter", "createObservableGauge", "addBatchObservableCallback", "removeBatchObservableCallback"];

/** @returns ends the observation */
export function observeCache(caches: any, meter: any, { prefix = "endpoint_cache", attributes = {} }: { prefix?: string, attributes?: object } = {}): () => void {
  const start = checkedPrefix(prefix, PREFIX, "letters, digits, _ . - and /, begins with a letter, and has 201 characters at most");
  checkPeer("opentelemetry", "a Meter of @opentelemetry/api 1.3 or newer", meter, METHODS);
  named(caches);
  const make = ({ dotted, kind, unit, help }: Pick<Family, "dotted" | "kind" | "unit" | "help">) =>
    meter[kind === "counter" ? "createObservableCounter" : "createObservableGauge"](`${start}.${dotted}`, { unit, description: help });
  const instruments = FAMILIES.map((family) => ({ read: family.read, instrument: make(family) }));
  const up = make(UP);
  const observe = (result: any) => {
    for (const { labels, stats } of named(caches).map(report)) {
      const mine = { ...attributes, ...labels };
      result.observe(up, stats === undefined ? 0 : 1, mine);
      if (stats === undefined) continue;
      for (const { read, instrument } of instruments) {
        for (const { value, labels } of read(stats)) {
          // No bound is nothing to be observed, and the protocol has no infinity in whole numbers.
          if (Number.isFinite(value)) result.observe(instrument, value, { ...mine, ...labels });
        }
      }
    }
  };
  const all = [...instruments.map(({ instrument }) => instrument), up];
  meter.addBatchObservableCallback(observe, all);
  return () => meter.removeBatchObservableCallback(observe, all);
}
