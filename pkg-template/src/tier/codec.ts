/**
 * Values as bytes. JSON carries what JSON gives back as it was; bytes travel as they are; anything else is declined,
 * because a date that comes back as a text would be a different answer.
 */

import type { Codec } from "../types/tier.js";
import { spell } from "./text.js";

const encoder = new TextEncoder();

/** How deep a value may nest. */
const MAX_DEPTH = 100;

export const json: Codec = {
  id: 0,
  encode: (value) => (isPlain(value, 0) ? encoder.encode(JSON.stringify(value)) : undefined),
  decode: (bytes) => JSON.parse(spell(bytes)),
};

export const bytes: Codec = {
  id: 1,
  encode: (value) => (value instanceof Uint8Array ? value : undefined),
  decode: (data) => data.slice(),
};

/** Whether JSON gives a value back as it was; members that are undefined are left out, as everywhere. */
function isPlain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    case "object":
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (depth >= MAX_DEPTH || typeof (value as { toJSON?: unknown }).toJSON === "function") return false;
  if (Array.isArray(value)) return value.every((item) => isPlain(item, depth + 1));
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return false;
  if (prototype !== null && !Object.hasOwn(prototype, "isPrototypeOf")) return false;
  return Object.values(value).every((item) => item === undefined || isPlain(item, depth + 1));
}
