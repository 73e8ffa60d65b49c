/** The cache that everybody writes first: get, load, set; delete on write. What the scenes put beside the package. */
export class NaiveCache {
  values = new Map();

  async get(key, load) {
    if (this.values.has(key)) return this.values.get(key);
    const value = await load();
    this.values.set(key, value);
    return value;
  }

  invalidate(key) {
    this.values.delete(key);
  }
}
