/** The options of `tiered`: read once, checked, with every duration in milliseconds. */

import { durationMs, ttlMs } from "../../../src/bindings/host/ttl.js";
import { coded } from "../errors.js";
import { json } from "./codec.js";
import type { Bus, Codec, Store, TieredOptions, TierEvent } from "../types/tier.js";

/** The part of `l1Ttl` for which this process trusts what it has seen; the rest is for processes that are late to find the store again. */
const TRUSTED = 0.75;

const KNOWN = [
  "store",
  "bus",
  "l1Ttl",
  "namespace",
  "deadline",
  "codec",
  "format",
  "lease",
  "scopeTtl",
  "mutationTimeout",
  "node",
  "maxQueued",
  "maxBytes",
  "onEvent",
  "timers",
] satisfies (keyof TieredOptions)[] as readonly string[];

/** What the parts of a tier know: the options, with durations in milliseconds. */
export interface Options {
  store: Store;
  bus: Bus | undefined;
  codec: Codec;
  format: "frame" | "json";
  namespace: string;
  node: string;
  onEvent: ((event: TierEvent) => void) | undefined;
  timers: NonNullable<TieredOptions["timers"]>;
  l1Ttl: number;
  deadline: number;
  /** for which this process trusts what it has seen */
  trust: number;
  freshness: number;
  longestPause: number;
  lease: number;
  scopeTtl: number;
  mutationTimeout: number;
  maxQueued: number;
  /** bytes */
  maxBytes: number;
}

/** What they share besides. */
export interface Shared extends Options {
  now: () => number;
  wall: () => number;
  counts: Record<string, number>;
  tell: (type: TierEvent["type"], fields?: object) => void;
}

/** Whether somebody's object has these methods. */
const has = (it: unknown, methods: string[]) => methods.every((method) => typeof Object(it)[method] === "function");

export function readOptions(options: TieredOptions): Options {
  if (typeof options !== "object" || options === null) throw wrong("options", "an object with a store");
  const stranger = Object.keys(options).find((name) => !KNOWN.includes(name));
  if (stranger !== undefined) throw wrong(stranger, `an option of tiered; there are ${KNOWN.join(", ")}`);
  const { store, bus, codec = json, format = "frame", namespace = "ec", node = "node", onEvent, timers = globalThis } = options;
  if (!has(store, ["get", "set", "delete"])) throw wrong("store", "an object with get, set and delete");
  if (bus !== undefined && !has(bus, ["publish", "subscribe", "close"])) throw wrong("bus", "an object with publish, subscribe and close");
  if (typeof namespace !== "string" || !/^[\w-]{0,64}$/.test(namespace)) throw wrong("namespace", "at most 64 letters, digits, _ and -");
  if (format !== "frame" && format !== "json") throw wrong("format", '"frame" or "json"');
  if (!has(codec, ["encode", "decode"])) throw wrong("codec", "an object with encode and decode");
  const l1Ttl = durationMs(options.l1Ttl ?? 5, "l1Ttl");
  if (l1Ttl < 20) throw wrong("l1Ttl", "at least 20 ms");
  const deadline = durationMs(options.deadline ?? Math.min(500, l1Ttl / 8) / 1e3, "deadline");
  if (!(deadline > 0)) throw wrong("deadline", "above 0");
  return {
    store,
    bus,
    codec,
    format,
    namespace,
    node: String(node),
    onEvent,
    timers,
    l1Ttl,
    deadline,
    trust: l1Ttl * TRUSTED,
    freshness: (l1Ttl * TRUSTED) / 2,
    longestPause: l1Ttl / 8,
    lease: durationMs(options.lease ?? 0, "lease"),
    scopeTtl: ttlMs(options.scopeTtl ?? "7d", "scopeTtl"),
    mutationTimeout: durationMs(options.mutationTimeout ?? 60, "mutationTimeout"),
    maxQueued: positive(options.maxQueued ?? 1_000, "maxQueued"),
    maxBytes: positive(options.maxBytes ?? 1024 * 1024, "maxBytes"),
  };
}

function positive(value: unknown, name: string) {
  if (typeof value !== "number" || !(value >= 1)) throw wrong(name, "a number from 1");
  return value;
}

const wrong = (name: string, expected: string) => coded(TypeError, "ERR_OPTION", `${name} is ${expected}`);
