/** Statistics in Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/ */

import { checkedPrefix, FAMILIES, UP } from "./families.js";

/** What a metric's name may begin with. */
const PREFIX = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** How every name starts where nobody says. */
const DEFAULT = "endpoint_cache";

/** The family that the count and the sum of durations are of. */
const SUMMARY = "load_duration_seconds";
const SUMMARY_HELP = "How long loads took, however they ended.";

/** @param {unknown} [prefix] @returns {string} one that metrics may have */
export function metricPrefix(prefix = DEFAULT) {
  return checkedPrefix(prefix, PREFIX, "letters, digits, _ and :, and does not begin with a digit");
}

/**
 * The text of one cache or several: each family once, with the samples of all.
 *
 * @param {readonly import("./families.js").Reported[]} caches
 * @param {unknown} [prefix] of every name
 * @returns {string}
 */
export function exposition(caches, prefix) {
  const start = metricPrefix(prefix);
  const lines = /** @type {string[]} */ ([]);
  let last = "";
  /** @param {string} name @param {string} kind @param {string} help */
  const head = (name, kind, help) => {
    if (name !== last) lines.push(`# HELP ${start}_${name} ${help}`, `# TYPE ${start}_${name} ${kind}`);
    last = name;
  };
  for (const { name, kind, help, read } of FAMILIES) {
    const samples = caches.flatMap(({ labels, stats }) => (stats === undefined ? [] : read(stats).map((one) => line(`${start}_${name}`, { ...labels, ...one.labels }, one.value))));
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

/** @param {string} name @param {Record<string, string>} labels @param {number} value */
function line(name, labels, value) {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${number(value)}`;
}

/** A label's value, as it stands between quotes. @param {string} text */
function escaped(text) {
  return text.toWellFormed().replace(/[\\"\n]/g, (c) => (c === "\n" ? "\\n" : `\\${c}`));
}

/** @param {number} value */
function number(value) {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}
