import type { Caches } from "./metrics.js";

/** What is used of an OpenTelemetry `Meter`. */
export interface Meter {
  createObservableCounter(name: string, options?: { unit?: string; description?: string }): unknown;
  createObservableGauge(name: string, options?: { unit?: string; description?: string }): unknown;
  addBatchObservableCallback(callback: (result: any) => void, observables: any[]): void;
  removeBatchObservableCallback(callback: (result: any) => void, observables: any[]): void;
}

export interface ObserveOptions {
  /** How every instrument's name starts: letters, digits, `_ . -` and `/`, a letter first. Default: "endpoint_cache". */
  prefix?: string | undefined;
  /** Attributes of every observation. Default: none. */
  attributes?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/**
 * Observes the statistics of a cache, or of several by name: counters for what happened, gauges for what it holds and may
 * hold. Each family of `endpoint-cache/metrics` is an instrument here; several caches are told apart by the attribute `cache`.
 * @returns a function that ends the observation
 * @throws TypeError "ERR_OPTION" for a bad prefix, for what is no meter and for what is no cache
 */
export function observeCache(caches: Caches, meter: Meter, options?: ObserveOptions): () => void;
