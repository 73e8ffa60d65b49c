/**
 * Bytes as text, for engines that keep texts only, with the time after which they count as absent: not every engine
 * keeps that itself.
 */

const decoder = new TextDecoder();

/** Bytes as the text they spell. A Buffer says it by itself, and faster than a decoder. */
export function spell(bytes: Uint8Array): string {
  const { utf8Slice } = bytes as { utf8Slice?: (from: number, to: number) => string };
  return utf8Slice === undefined ? decoder.decode(bytes) : utf8Slice.call(bytes, 0, bytes.length);
}

/** How many bytes are turned into characters at once: argument lists have a limit. */
const CHUNK = 8_192;

export function toText(bytes: Uint8Array, ttlMs: number | undefined) {
  let binary = "";
  for (let at = 0; at < bytes.length; at += CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  const until = ttlMs !== undefined && ttlMs < Infinity ? Math.ceil(Date.now() + ttlMs) : 0;
  return `ec|${until}|${btoa(binary)}`;
}

/** @returns undefined where it is none of ours, or its time is over */
export function fromText(text: unknown): Uint8Array | undefined {
  if (typeof text !== "string") return undefined;
  const [mark, until, data] = text.split("|");
  if (mark !== "ec" || data === undefined) return undefined;
  if (Number(until) !== 0 && Date.now() > Number(until)) return undefined;
  try {
    return Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
