/** Statistics in Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/ */

import type { Reported } from "./metric-families.js";
import { checkedPrefix, FAMILIES, UP } from "./metric-families.js";

/** What a metric's name may begin with. */
const PREFIX = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** How every name starts where nobody says. */
const DEFAULT = "endpoint_cache";

/** The family that the count and the sum of durations are of. */
const SUMMARY = "load_duration_seconds";
const SUMMARY_HELP = "How long loads took, however they ended.";

/** @returns one that metrics may have */
export function metricPrefix(prefix: unknown = DEFAULT): string {
  return checkedPrefix(prefix, PREFIX, "letters, digits, _ and :, and does not begin with a digit");
}

/**
 * The text of one cache or several: each family once, with the samples of all.
 *
 * @param prefix of every name
 */
export function exposition(caches: readonly Reported[], prefix?: unknown): string {
  const start = metricPrefix(prefix);
  const lines = [] as string[];
  let last = "";
  const head = (name: string, kind: string, help: string) => {
    if (name !== last) lines.push(`# HELP ${start}_${name} ${help}`, `# TYPE ${start}_${name} ${kind}`);
    last = name;
  };
  for (const { name, kind, help, read } of FAMILIES) {
    const samples = caches.flatMap(({ labels, stats }) =>
      stats === undefined ? [] : read(stats).map((one) => line(`${start}_${name}`, { ...labels, ...one.labels }, one.value)),
    );
    const summary = name.startsWith(`${SUMMARY}_`);
    // Families of endpoints are there where endpoints are counted.
    if (samples.length === 0 && name.startsWith("endpoint_")) continue;
    head(summary ? SUMMARY : name, summary ? "summary" : kind, summary ? SUMMARY_HELP : help);
    lines.push(...samples);
  }
  head(UP.name, UP.kind, UP.help);
  lines.push(...caches.map(({ labels, stats }) => line(`${start}_${UP.name}`, labels, stats === undefined ? 0 : 1)));
  return `${lines.join("\n")}\n`;
}

function line(name: string, labels: Record<string, string>, value: number) {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${number(value)}`;
}

/** A label's value, as it stands between quotes. */
function escaped(text: string) {
  return text.toWellFormed().replace(/[\\"\n]/g, (c) => (c === "\n" ? "\\n" : `\\${c}`));
}

function number(value: number) {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}
