// Import to first answer: node cold.mjs SPECIFIER KIND. Prints milliseconds.
const [, , specifier, kind] = process.argv;
const start = performance.now();
const library = await import(specifier);
const imported = performance.now();
const uses = {
  ours: () => new library.CacheService({ defaultTtl: 300 }),
  lru: () => new library.LRUCache({ max: 1000, ttl: 300_000 }),
  ttl: () => new library.TTLCache({ max: 1000, ttl: 300_000 }),
  tiny: () => library.lru(1000, 300_000),
  quick: () => new library.default({ maxSize: 1000, maxAge: 300_000 }),
  node: () => new library.default({ stdTTL: 300 }),
  transitory: () => library.newCache().maxSize(1000).expireAfterWrite(300_000).build(),
  cacheable: () => new library.Cacheable({ ttl: 300_000 }),
  manager: () => library.createCache({ ttl: 300_000 }),
  bento: () => library,
  dedupe: () => library.createCache({ ttl: 300, storage: { type: "memory" } }),
};
const cache = uses[kind]();
if (kind === "dedupe") {
  cache.define("load", async () => 1);
  await cache.load("a");
} else if (kind === "bento") {
  const { memoryDriver } = await import(new URL("./build/src/drivers/memory.js", new URL("../", specifier)));
  const bento = new library.BentoCache({ default: "m", stores: { m: library.bentostore().useL1Layer(memoryDriver({ maxItems: 1000 })) } });
  await bento.set({ key: "a", value: 1, ttl: 300_000 });
  await bento.get({ key: "a" });
} else {
  await cache.set("a", 1);
  const got = kind === "transitory" ? cache.getIfPresent("a") : await cache.get("a");
  if (got !== 1) throw new Error(`got ${got}`);
}
const ready = performance.now();
console.log(JSON.stringify({ imported: imported - start, ready: ready - start }));
process.exit(0);
