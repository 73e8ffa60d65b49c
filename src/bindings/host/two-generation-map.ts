/**
 * A bounded memory of what was met lately: two maps, young and old. When the young one is full the old one is dropped, so
 * nothing is counted or moved for an entry that is only read, and what is met again stays.
 */
export class TwoGenerationMap<K, V> {
  #young = new Map<K, V>();
  #old = new Map<K, V>();
  readonly #half: number;

  /** @param half how many entries each of the two maps holds */
  constructor(half: number) {
    this.#half = half;
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
  }
}
