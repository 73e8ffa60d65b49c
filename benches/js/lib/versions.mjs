// The exact versions that were measured, read from what is installed.
import { readFileSync } from "node:fs";
import os from "node:os";

/** The installed version of a peer. */
export function version(name) {
  return JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), "utf8")).version;
}

/** What the numbers were taken on; they mean nothing without it. */
export function machine() {
  const cpus = os.cpus();
  return {
    node: process.version,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus[0]?.model ?? "unknown",
    cores: cpus.length,
  };
}
