// The assembled package, where it has been built; null where it has not (`make build` makes it).
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const entry = new URL("../../../pkg/index.js", import.meta.url);
export const oursPath = fileURLToPath(entry);
export const oursDirectory = fileURLToPath(new URL(".", entry));

/** Whether the package takes part: it has been built, and nobody said --peers-only. */
export const takesPart = !process.argv.includes("--peers-only") && existsSync(oursPath);

/** The package under test, or null: with a note where it has not been built, and without one after --peers-only. */
export async function loadOurs() {
  if (takesPart) return import(entry.href);
  if (!existsSync(oursPath))
    process.stderr.write("note: pkg/index.js is not there; run `make build` first. Only the peers are measured.\n");
  return null;
}

export function oursVersion() {
  return JSON.parse(readFileSync(new URL("package.json", entry), "utf8")).version;
}
