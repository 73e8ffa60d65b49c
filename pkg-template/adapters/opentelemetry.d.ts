import type { CacheService } from "../index.js";

/** What is used of an OpenTelemetry `Meter`. */
export interface Meter {
  createObservableCounter(name: string, options?: { unit?: string; description?: string }): unknown;
  createObservableGauge(name: string, options?: { unit?: string; description?: string }): unknown;
  addBatchObservableCallback(callback: (result: any) => void, observables: any[]): void;
  removeBatchObservableCallback(callback: (result: any) => void, observables: any[]): void;
}

export interface ObserveOptions {
  /** How every instrument's name starts. Default: "endpoint_cache". */
  prefix?: string | undefined;
  /** Attributes of every observation, the name of the cache for example. Default: none. */
  attributes?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/**
 * Observes the statistics of a cache: counters for what happened, gauges for what it holds.
 * @returns a function that ends the observation
 */
export function observeCache(cache: CacheService, meter: Meter, options?: ObserveOptions): () => void;
