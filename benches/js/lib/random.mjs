// Seeded randomness: every run of a bench walks the same keys in the same order.

/** Returns a generator of numbers in [0, 1) that depends on the seed alone (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Shuffles in place (Fisher and Yates) and returns the array. */
export function shuffle(array, next) {
  for (let i = array.length - 1; i > 0; i -= 1) {
    const j = Math.floor(next() * (i + 1));
    [array[i], array[j]] = [array[j], array[i]];
  }
  return array;
}

/** Returns a generator of ranks 0..n-1 whose popularity falls as 1 / (rank + 1) ** skew. */
export function zipf(n, skew, next) {
  const cumulated = new Float64Array(n);
  let total = 0;
  for (let i = 0; i < n; i += 1) {
    total += (i + 1) ** -skew;
    cumulated[i] = total;
  }
  return () => {
    const wanted = next() * total;
    let low = 0;
    let high = n - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulated[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
