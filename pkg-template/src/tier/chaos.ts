/**
 * A store and a bus that misbehave by seed, for tests: they drop, delay, fail, corrupt, double and reorder.
 *
 * What happens to the n-th call depends on the seed and on n alone, so a run can be repeated. Shares are from 0 to 1.
 */

import type { Bus, Store, TieredOptions } from "../types/tier.js";

/** Numbers from 0 up to 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

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
export function chaosStore(
  store: Store,
  { seed = 1, fail = 0, lose = 0, corrupt = 0, delay = 0, maxDelayMs = 50, timers = globalThis }: ChaosStoreOptions = {},
): Store & {
  /** From now on every call fails; `cut(false)` ends that. */
  cut(away?: boolean): void;
} {
  const random = seeded(seed);
  let cut = false;
  const damaged = (bytes: Uint8Array | null | undefined) => {
    if (bytes === undefined || bytes === null || random() >= corrupt) return bytes;
    const copy = bytes.slice(0, random() < 0.3 ? Math.floor(random() * bytes.length) : bytes.length);
    const at = Math.floor(random() * copy.length);
    if (copy.length > 0) copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    return copy;
  };
  const pass = async <T>(call: () => Promise<T>, lost: T): Promise<T> => {
    const [fails, loses, waits, share] = [random() < fail, random() < lose, random() < delay, random()];
    if (waits) await new Promise((resolve) => timers.setTimeout(() => resolve(undefined), share * maxDelayMs));
    if (cut) throw new Error("chaos: the store is cut off");
    if (fails) throw new Error("chaos: the call failed");
    return loses ? lost : call();
  };
  return {
    get: (key) => pass(async () => damaged(await store.get(key)), undefined),
    ...(store.getMany && {
      getMany: (keys) => pass(async () => ((await store.getMany?.(keys)) ?? []).map(damaged), []),
    }),
    set: (key, bytes, options) => pass(() => store.set(key, bytes, options), undefined),
    ...(store.add && {
      add: (key, bytes, options) => pass(async () => (await store.add?.(key, bytes, options)) ?? false, false),
    }),
    delete: (keys) => pass(() => store.delete(keys), undefined),
    cut(away = true) {
      cut = away;
    },
  };
}

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
export function chaosBus(
  bus: Bus,
  { seed = 1, drop = 0, double = 0, delay = 0, maxDelayMs = 50, timers = globalThis }: ChaosBusOptions = {},
): Bus & {
  /** From now on nothing is sent or heard, and nobody is told; `cut(false)` ends that. */
  cut(away?: boolean): void;
} {
  const random = seeded(seed);
  let cut = false;
  return {
    publish: (text) => (cut ? undefined : bus.publish(text)),
    subscribe: (onMessage, onGap) =>
      bus.subscribe((text) => {
        if (cut || random() < drop) return;
        const times = random() < double ? 2 : 1;
        for (let time = 0; time < times; time += 1) {
          if (random() < delay) timers.setTimeout(() => onMessage(text), random() * maxDelayMs);
          else onMessage(text);
        }
      }, onGap),
    close: () => bus.close(),
    cut(away = true) {
      cut = away;
    },
  };
}
