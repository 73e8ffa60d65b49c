/**
 * Frames: how an entry lies in a store. Whatever is wrong with one makes it a miss and never an error.
 *
 *     "EC" version codec | checksum | stored at | expires | length of head | head (JSON) | value
 *
 * All numbers are little-endian; times are milliseconds as 64-bit floats, infinite for "never". The checksum is FNV-1a
 * over all that follows it. The head names the key, the whole digest of the request, the tags, and the token that each
 * scope of the entry had before its load began.
 */

import { spell } from "./text.js";

const VERSION = 1;
const FIXED = 28;
const encoder = new TextEncoder();

export interface Frame {
  key: string;
  /** the whole digest of the request, or "" */
  identity: string;
  storedAt: number;
  expiresAt: number;
  /** by scope */
  tokens: Record<string, string>;
  tags: readonly string[];
}

export type Fault = "absent" | "foreign" | "outdated" | "corrupt";

export function encodeFrame({ key, identity, storedAt, expiresAt, tokens, tags }: Frame, codec: number, value: Uint8Array): Uint8Array {
  const head = encoder.encode(JSON.stringify({ k: key, i: identity, s: tokens, t: tags }));
  const bytes = new Uint8Array(FIXED + head.length + value.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x45, 0x43, VERSION, codec]);
  view.setFloat64(8, storedAt, true);
  view.setFloat64(16, expiresAt, true);
  view.setUint32(24, head.length, true);
  bytes.set(head, FIXED);
  bytes.set(value, FIXED + head.length);
  view.setUint32(4, checksum(bytes), true);
  return bytes;
}

export function decodeFrame(bytes: Uint8Array | undefined | null): { frame: Frame; codec: number; value: Uint8Array } | Fault {
  if (bytes === undefined || bytes === null || !(bytes instanceof Uint8Array)) return "absent";
  if (bytes[0] !== 0x45 || bytes[1] !== 0x43) return "foreign";
  if (bytes[2] !== VERSION) return "outdated";
  if (bytes.length < FIXED) return "corrupt";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(4, true) !== checksum(bytes)) return "corrupt";
  const start = FIXED + view.getUint32(24, true);
  try {
    const { k: key, i: identity, s: tokens, t: tags } = JSON.parse(spell(bytes.subarray(FIXED, start)));
    const sound = typeof key === "string" && typeof tokens === "object" && tokens !== null && Array.isArray(tags);
    if (!sound || start > bytes.length) return "corrupt";
    const frame = { key, identity, tokens, tags, storedAt: view.getFloat64(8, true), expiresAt: view.getFloat64(16, true) };
    return { frame, codec: bytes[3] ?? 0, value: bytes.subarray(start) };
  } catch {
    return "corrupt";
  }
}

/** The frame of a value that lies elsewhere as plain text: its checksum stands in the frame's place for the value. */
export function seal(value: Uint8Array) {
  const bytes = new Uint8Array(8 + value.length);
  bytes.set(value, 8);
  return encoder.encode(`${value.length}.${checksum(bytes).toString(36)}`);
}

/** FNV-1a over everything behind the checksum itself. */
function checksum(bytes: Uint8Array) {
  let hash = 0x811c9dc5 ^ ((bytes[2] ?? 0) << 8) ^ (bytes[3] ?? 0);
  for (let at = 8; at < bytes.length; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return hash >>> 0;
}
