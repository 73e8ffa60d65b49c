// Hit ratios in percent, one pass from cold, by the caches themselves, and the best that any cache could have done.
import { LRUCache } from "lru-cache";
import { newCache } from "transitory";

export function lru(accesses, capacity) {
  const cache = new LRUCache({ max: capacity });
  return percent(accesses, (id) => cache.get(id) !== undefined || void cache.set(id, id));
}

export function transitory(accesses, capacity) {
  const cache = newCache().maxSize(capacity).build();
  return percent(accesses, (id) => cache.getIfPresent(id) !== null || void cache.set(id, id));
}

/** Returns a function for a package that has been loaded. */
export function endpointCache({ CacheService }) {
  return (accesses, capacity) => {
    const cache = new CacheService({ maxEntries: capacity, defaultTtl: 0, seed: 1 });
    const ratio = percent(accesses, (id) => cache.get(id) !== undefined || void cache.set(id, id));
    cache.dispose();
    return ratio;
  };
}

function percent(accesses, ask) {
  let hits = 0;
  for (const id of accesses) if (ask(id)) hits += 1;
  return (100 * hits) / accesses.length;
}

/** Belady's optimum: what is needed last, or never again, goes first. */
export function optimum(accesses, capacity) {
  const next = new Int32Array(accesses.length);
  const seen = new Map();
  for (let i = accesses.length - 1; i >= 0; i -= 1) {
    next[i] = seen.get(accesses[i]) ?? 0x7fffffff;
    seen.set(accesses[i], i);
  }
  const needed = new Map();
  const heap = new Heap();
  let hits = 0;
  accesses.forEach((id, i) => {
    if (needed.has(id)) hits += 1;
    else {
      while (needed.size >= capacity) {
        const [at, victim] = heap.pop();
        if (needed.get(victim) === at) needed.delete(victim);
      }
    }
    needed.set(id, next[i]);
    heap.push(next[i], id);
  });
  return (100 * hits) / accesses.length;
}

/** The largest first; entries that have been overtaken are left in and recognised when they come out. */
class Heap {
  at = [];
  id = [];
  push(at, id) {
    let i = this.at.length;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (this.at[parent] >= at) break;
      this.at[i] = this.at[parent];
      this.id[i] = this.id[parent];
      i = parent;
    }
    this.at[i] = at;
    this.id[i] = id;
  }
  pop() {
    const top = [this.at[0], this.id[0]];
    const at = this.at.pop();
    const id = this.id.pop();
    const length = this.at.length;
    if (length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= length) break;
      if (child + 1 < length && this.at[child + 1] > this.at[child]) child += 1;
      if (this.at[child] <= at) break;
      this.at[i] = this.at[child];
      this.id[i] = this.id[child];
      i = child;
    }
    this.at[i] = at;
    this.id[i] = id;
    return top;
  }
}

/** One table of hit ratios over workloads. The share says how much of what LRU leaves to the optimum is won. */
export function hitRatios(workloads, ours, title) {
  const own = ours && endpointCache(ours);
  const rows = [];
  const sums = { lru: 0, transitory: 0, ours: 0, optimum: 0 };
  for (const { name, accesses, distinct, capacities } of workloads) {
    for (const capacity of capacities) {
      const row = {
        lru: lru(accesses, capacity),
        transitory: transitory(accesses, capacity),
        ours: own ? own(accesses, capacity) : null,
        optimum: optimum(accesses, capacity),
      };
      for (const key of Object.keys(sums)) sums[key] += row[key] ?? 0;
      rows.push({ name: `${name} @ ${capacity}`, value: { ...row, accesses: accesses.length, distinct }, cells: cells(row) });
    }
  }
  const mean = Object.fromEntries(Object.entries(sums).map(([key, sum]) => [key, sum / rows.length]));
  rows.push({ name: "average", value: mean, cells: cells({ ...mean, ours: own ? mean.ours : null }) });
  return {
    title,
    unit: "text",
    columns: [
      "LRU (lru-cache)",
      "transitory",
      ...(own ? ["endpoint-cache"] : []),
      "optimum",
      "share of LRU→optimum: transitory",
      ...(own ? ["endpoint-cache"] : []),
    ],
    rows,
  };
}

function cells(row) {
  const share = (value) => (row.optimum - row.lru < 0.005 ? "" : `${((100 * (value - row.lru)) / (row.optimum - row.lru)).toFixed(0)} %`);
  const own = row.ours === null ? [] : [row.ours.toFixed(2)];
  return [
    row.lru.toFixed(2),
    row.transitory.toFixed(2),
    ...own,
    row.optimum.toFixed(2),
    share(row.transitory),
    ...(row.ours === null ? [] : [share(row.ours)]),
  ];
}
