// Sequences of accesses: real traces from files, and seeded ones that everybody can make again.
// A workload is { name, accesses: string[], capacities: number[] }.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { random, zipf } from "./random.mjs";

const LENGTH = 200_000;
/** Shares of the distinct ids that a cache is given where nothing better is known. */
const SHARES = [0.02, 0.1];
/** Capacities at which others have published figures for these traces. */
const KNOWN = { web07: [409, 2048], multi3: [149, 745], sprite: [141, 707] };

/** Reads the traces of a folder: *.gz holds text with one id a line, *.xz big-endian 32-bit integers. Says what it left out. */
export function readTraces(directory, say = console.error) {
  const found = [];
  for (const file of readdirSync(directory).sort()) {
    const path = join(directory, file);
    const name = basename(file)
      .replace(/\.(trace)?\.?(gz|xz)$/, "")
      .replace(/\.trace$/, "");
    let accesses;
    if (file.endsWith(".gz")) accesses = lines(gunzipSync(readFileSync(path)).toString("utf8"));
    else if (file.endsWith(".xz")) {
      let bytes;
      try {
        bytes = execFileSync("xz", ["-dc", path], { maxBuffer: 1 << 30 });
      } catch {
        say(`note: ${file} is left out, because the command xz is not there`);
        continue;
      }
      accesses = [];
      for (let at = 0; at + 4 <= bytes.length; at += 4) accesses.push(`i${bytes.readInt32BE(at)}`);
    } else continue;
    found.push(withCapacities(name, accesses, KNOWN[name]));
  }
  return found;
}

// A line "*" separates the programs of a trace of several; it is no access.
const lines = (text) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && line !== "*")
    .map((id) => `i${id}`);

function withCapacities(name, accesses, capacities) {
  const distinct = new Set(accesses).size;
  return { name, accesses, distinct, capacities: capacities ?? SHARES.map((share) => Math.max(10, Math.round(distinct * share))) };
}

/** Seeded workloads: skewed popularity, the same with scans through it, a loop, both at once, and popularity that moves. */
export function seededWorkloads() {
  const make = (name, fill) => {
    const ids = [];
    fill(ids);
    return withCapacities(
      name,
      ids.slice(0, LENGTH).map((id) => `i${id}`),
    );
  };
  return [
    make("Zipf 0.7", (ids) => {
      const rank = zipf(20_000, 0.7, random(42));
      while (ids.length < LENGTH) ids.push(rank());
    }),
    make("Zipf 0.9", (ids) => {
      const rank = zipf(20_000, 0.9, random(43));
      while (ids.length < LENGTH) ids.push(rank());
    }),
    make("Zipf 1.1", (ids) => {
      const rank = zipf(20_000, 1.1, random(44));
      while (ids.length < LENGTH) ids.push(rank());
    }),
    make("Zipf with scans", (ids) => {
      const next = random(7);
      const rank = zipf(10_000, 0.9, next);
      let scanned = 1_000_001;
      while (ids.length < LENGTH) {
        if (next() < 0.0005) for (let n = 500 + Math.floor(next() * 2_500); n > 0; n -= 1) ids.push(scanned++);
        else ids.push(rank());
      }
    }),
    make("loop over 3,000", (ids) => {
      for (let i = 0; i < LENGTH; i += 1) ids.push(i % 3_000);
    }),
    make("Zipf and loop", (ids) => {
      const next = random(9);
      const rank = zipf(10_000, 0.9, next);
      for (let i = 0; i < LENGTH; i += 1) ids.push(next() < 0.5 ? rank() : 1_000_000 + (i % 3_000));
    }),
    make("moving popularity", (ids) => {
      const rank = zipf(5_000, 0.9, random(11));
      for (let i = 0; i < LENGTH; i += 1) ids.push(rank() + Math.floor(i / 20));
    }),
    make("asked once, 40 %", (ids) => {
      const next = random(29);
      const rank = zipf(4_000, 0.8, next);
      for (let i = 0; i < LENGTH; i += 1) ids.push(next() < 0.4 ? 10_000_000 + i : rank() + Math.floor(i / 50));
    }),
  ];
}
