// Runs one measurement in a process of its own and reads the JSON it prints.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Starts `script` (beside the sections) with arguments; returns the object it printed, or { error }. */
export function child(script, args, { gc = true, heap = 4096 } = {}) {
  const path = fileURLToPath(new URL(`../children/${script}`, import.meta.url));
  const flags = [...(gc ? ["--expose-gc", `--max-old-space-size=${heap}`] : []), path, ...args.map(String)];
  const done = spawnSync(process.execPath, flags, { encoding: "utf8", maxBuffer: 1 << 26 });
  if (done.status !== 0) return { error: (done.stderr || `exit ${done.status}`).trim().split("\n").slice(-6).join(" ") };
  return JSON.parse(done.stdout.trim().split("\n").at(-1));
}
