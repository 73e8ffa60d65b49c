import type { Bus, Store, TieredOptions } from "./tiered.js";

/** Numbers from 0 up to 1, the same for the same seed. */
export function seeded(seed: number): () => number;

export interface ChaosStoreOptions {
  /** Default: 1. */
  seed?: number | undefined;
  /** Share of calls that reject. Default: 0. */
  fail?: number | undefined;
  /** Share of calls that do nothing and say they did: no store may lose what it confirmed, so promises end here. Default: 0. */
  lose?: number | undefined;
  /** Share of values that come back damaged or cut short. Default: 0. */
  corrupt?: number | undefined;
  /** Share of calls that take up to `maxDelayMs`. Default: 0. */
  delay?: number | undefined;
  /** Default: 50. */
  maxDelayMs?: number | undefined;
  timers?: TieredOptions["timers"];
}

/** A store that misbehaves by seed. */
export function chaosStore(store: Store, options?: ChaosStoreOptions): Store & {
  /** From now on every call fails; `cut(false)` ends that. */
  cut(away?: boolean): void;
};

export interface ChaosBusOptions {
  /** Default: 1. */
  seed?: number | undefined;
  /** Share of messages that never arrive. Default: 0. */
  drop?: number | undefined;
  /** Share of messages that arrive twice. Default: 0. */
  double?: number | undefined;
  /** Share of messages that arrive late, and so out of order. Default: 0. */
  delay?: number | undefined;
  /** Default: 50. */
  maxDelayMs?: number | undefined;
  timers?: TieredOptions["timers"];
}

/** A bus that misbehaves by seed. */
export function chaosBus(bus: Bus, options?: ChaosBusOptions): Bus & {
  /** From now on nothing is sent or heard, and nobody is told; `cut(false)` ends that. */
  cut(away?: boolean): void;
};
