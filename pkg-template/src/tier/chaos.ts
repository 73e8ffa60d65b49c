/**
 * A store and a bus that misbehave by seed, for tests: they drop, delay, fail, corrupt, double and reorder.
 *
 * What happens to the n-th call depends on the seed and on n alone, so a run can be repeated. Shares are from 0 to 1.
 */

/** @returns from 0 up to 1 */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

export function chaosStore(store: any, { seed = 1, fail = 0, lose = 0, corrupt = 0, delay = 0, maxDelayMs = 50, timers = globalThis }: { seed?: number, fail?: number, lose?: number, corrupt?: number, delay?: number, maxDelayMs?: number, timers?: any } = {}) {
  const random = seeded(seed);
  let cut = false;
  const damaged = (bytes: Uint8Array | undefined) => {
    if (bytes === undefined || bytes === null || random() >= corrupt) return bytes;
    const copy = bytes.slice(0, random() < 0.3 ? Math.floor(random() * bytes.length) : bytes.length);
    const at = Math.floor(random() * copy.length);
    if (copy.length > 0) copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    return copy;
  };
  const pass = async (call: () => any, lost: any) => {
    const [fails, loses, waits, share] = [random() < fail, random() < lose, random() < delay, random()];
    if (waits) await new Promise((resolve) => timers.setTimeout(resolve, share * maxDelayMs));
    if (cut) throw new Error("chaos: the store is cut off");
    if (fails) throw new Error("chaos: the call failed");
    return loses ? lost : call();
  };
  return {
    get: (key: string) => pass(async () => damaged(await store.get(key)), undefined),
    ...(store.getMany && {
      getMany: (keys: string[]) => pass(async () => (await store.getMany(keys)).map(damaged), []),
    }),
    set: (key: string, bytes: Uint8Array, options: any) => pass(() => store.set(key, bytes, options), undefined),
    ...(store.add && {
      add: (key: string, bytes: Uint8Array, options: any) => pass(() => store.add(key, bytes, options), false),
    }),
    delete: (keys: string[]) => pass(() => store.delete(keys), undefined),
    /** From now on every call fails, or none does for that reason. */
    cut(away: boolean = true) {
      cut = away;
    },
  };
}

/** @param options messages that are delayed arrive out of order */
export function chaosBus(bus: any, { seed = 1, drop = 0, double = 0, delay = 0, maxDelayMs = 50, timers = globalThis }: { seed?: number, drop?: number, double?: number, delay?: number, maxDelayMs?: number, timers?: any } = {}) {
  const random = seeded(seed);
  let cut = false;
  return {
    publish: (text: string) => (cut ? undefined : bus.publish(text)),
    subscribe: (onMessage: (text: string) => void, onGap: () => void) =>
      bus.subscribe((text: string) => {
        if (cut || random() < drop) return;
        const times = random() < double ? 2 : 1;
        for (let time = 0; time < times; time += 1) {
          if (random() < delay) timers.setTimeout(() => onMessage(text), random() * maxDelayMs);
          else onMessage(text);
        }
      }, onGap),
    close: () => bus.close(),
    /** From now on nothing is sent or heard, and nobody is told. */
    cut(away: boolean = true) {
      cut = away;
    },
  };
}
