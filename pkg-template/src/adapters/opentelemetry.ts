/** Statistics of caches as observable instruments of an OpenTelemetry meter. The meter is the user's; nothing is imported. */

import type { Family } from "../metric-families.js";
import { checkedPrefix, FAMILIES, named, report, UP } from "../metric-families.js";
import { checkPeer } from "../peers.js";
import type { Caches } from "../types/metrics.js";

/** What is used of the result that an OpenTelemetry `Meter` hands over. */
export interface BatchResult {
  observe(instrument: unknown, value: number, attributes?: Record<string, string | number | boolean>): void;
}

/** What is used of an OpenTelemetry `Meter`. */
export interface Meter {
  createObservableCounter(name: string, options?: { unit?: string; description?: string }): unknown;
  createObservableGauge(name: string, options?: { unit?: string; description?: string }): unknown;
  addBatchObservableCallback(callback: (result: BatchResult) => void, observables: unknown[]): void;
  removeBatchObservableCallback(callback: (result: BatchResult) => void, observables: unknown[]): void;
}

export interface ObserveOptions {
  /** How every instrument's name starts: letters, digits, `_ . -` and `/`, a letter first. Default: "endpoint_cache". */
  prefix?: string | undefined;
  /** Attributes of every observation. Default: none. */
  attributes?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** What an instrument's name may begin with. */
const PREFIX = /^[a-zA-Z][a-zA-Z0-9_.\-/]{0,200}$/;

const METHODS = ["createObservableCounter", "createObservableGauge", "addBatchObservableCallback", "removeBatchObservableCallback"];

/**
 * Observes the statistics of a cache, or of several by name: counters for what happened, gauges for what it holds and may
 * hold. Each family of `endpoint-cache/metrics` is an instrument here; several caches are told apart by the attribute `cache`.
 * @returns a function that ends the observation
 * @throws TypeError "ERR_OPTION" for a bad prefix, for what is no meter and for what is no cache
 */
export function observeCache(
  caches: Caches,
  meter: Meter,
  { prefix = "endpoint_cache", attributes = {} }: ObserveOptions = {},
): () => void {
  const start = checkedPrefix(prefix, PREFIX, "letters, digits, _ . - and /, begins with a letter, and has 201 characters at most");
  checkPeer("opentelemetry", "a Meter of @opentelemetry/api 1.3 or newer", meter, METHODS);
  named(caches);
  const make = ({ dotted, kind, unit, help }: Pick<Family, "dotted" | "kind" | "unit" | "help">) =>
    meter[kind === "counter" ? "createObservableCounter" : "createObservableGauge"](`${start}.${dotted}`, { unit, description: help });
  const instruments = FAMILIES.map((family) => ({ read: family.read, instrument: make(family) }));
  const up = make(UP);
  const observe = (result: BatchResult) => {
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
