/**
 * Durations as people write them, in milliseconds as the core counts them.
 *
 * This module knows the two spellings (a number of seconds, a string with its unit), what zero and infinity mean,
 * and the words of each refusal. It must not know clocks, defaults or which option it reads: the caller names that.
 * No other module is imported, because a snippet travels alone.
 *
 *     ttlMs(120)      // 120000        ttlMs(0)          // Infinity: never expires
 *     ttlMs("250ms")  // 250           durationMs(0)     // 0: no time at all
 */

/** The `code` of every refusal made here. */
export const ERR_TTL = "ERR_TTL";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * The lifetime in milliseconds. `0` and `Infinity` mean that the entry never expires and give `Infinity`.
 * A positive lifetime is rounded to whole milliseconds and is never less than one, so that a very short life cannot
 * turn into an endless one. Beyond the largest number it saturates at `Infinity`.
 *
 * @param ttl a number of seconds or a string such as "250ms" "90s" "2m" "1h" "7d"
 * @param name how the sentence of a refusal calls it
 * @throws {TypeError} with `code` "ERR_TTL" when it is neither a number nor such a string
 * @throws {RangeError} with `code` "ERR_TTL" when it is NaN or negative
 */
export function ttlMs(ttl: unknown, name: string = "ttl"): number {
  return durationMs(ttl, name) || Infinity;
}

/**
 * The duration in milliseconds, where `0` means no time at all (a `staleWhileRevalidate` of 0 turns it off).
 * Otherwise as {@link ttlMs}.
 *
 * @throws {TypeError | RangeError} as {@link ttlMs}
 */
export function durationMs(duration: unknown, name: string = "duration"): number {
  if (typeof duration === "number") {
    if (Number.isNaN(duration)) throw outOfRange(name, "NaN");
    if (duration < 0) throw outOfRange(name, String(duration));
    return wholeMs(duration * 1000);
  }
  if (typeof duration === "string") return parsed(duration, name);
  throw coded(TypeError, `${name} must be a number of seconds or a string such as "250ms", got ${kind(duration)}`);
}

/**
 * What an answer says of its own lifetime, in milliseconds: unlike an option it is never an error. 0 where it has none, which
 * is what 0 and less mean here; NaN where it cannot be read.
 */
export function lifetimeMs(ttl: unknown): number {
  try {
    if (typeof ttl === "number") return ttl <= 0 ? 0 : durationMs(ttl);
    const negative = typeof ttl === "string" && ttl.startsWith("-");
    const ms = durationMs(negative ? ttl.slice(1) : ttl);
    return negative ? 0 : ms;
  } catch {
    return NaN;
  }
}

function parsed(text: string, name: string): number {
  const match = /^(-?)(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  if (match === null) {
    const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
    throw coded(TypeError, `${name} ${shown} is not a number followed by one of ms, s, m, h, d`);
  }
  const [, sign, amount, unit] = match;
  const ms = Number(amount) * (UNIT_MS[String(unit)] ?? NaN);
  if (sign === "-" && ms > 0) throw outOfRange(name, JSON.stringify(text));
  return wholeMs(ms);
}

function wholeMs(ms: number): number {
  return ms > 0 && ms < 1 ? 1 : Math.round(ms) + 0;
}

function outOfRange(name: string, shown: string): RangeError {
  return coded(RangeError, `${name} must be zero or more, got ${shown}`);
}

function kind(value: unknown): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "undefined":
      return "undefined";
    case "object":
      return "an object";
    case "boolean":
      return String(value);
    default:
      return `a ${typeof value}`;
  }
}

function coded<E extends Error>(Type: new (message: string) => E, sentence: string): E & { code: string } {
  return Object.assign(new Type(sentence), { code: ERR_TTL });
}
