/** Values used throughout: durations, who asks, names of endpoints, clocks and loggers. */

/**
 * A duration: a number of seconds (fractions are kept to the millisecond) or a number with its unit.
 * @throws TypeError "ERR_TTL" for other types and unreadable strings, RangeError "ERR_TTL" for NaN and negative ones
 */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

/**
 * A time to live: a `Duration` where `0` and `Infinity` mean that the entry never expires.
 * An entry is alive *at* its deadline and expired after it.
 */
export type Ttl = Duration;

/** Who asks: a non-empty string, or a number, which is the same user as its digits (`0` is user "0", not anonymous). */
export type UserId = string | number;

/**
 * A set of endpoints in whole segments: `"storycore.prompt.list"`, `"storycore.prompt.*"`, `"*.list"`.
 * A `*` is one segment in the middle and one or more at either end.
 */
export type EndpointPattern = string;

/** Where time comes from: `Date` itself fits, so does `performance`, or an object with a `now` that a test moves. */
export interface Clock {
  /**
   * Milliseconds. It may stand still or start at 0. Where it steps forward, that time has passed; where it steps back, none
   * has, and every entry keeps the life that it has left. A value that is not a finite number is ignored and counted.
   */
  now(): number;
}

/**
 * A logger in pino's shape; `console` fits too. Hits, misses and sets go to `debug`, invalidations to `info` (a mutation is one
 * line, when it settles, and at `debug` where it removed nothing), what keeps an endpoint from being cached to `warn`, a failure
 * of the cache to `error`. An error is the field `err`. Messages are one line each: control characters in keys, user ids,
 * endpoints and tags are written as escapes; the fields hold them as they are.
 * All four methods are needed: TypeError "ERR_OPTION" where one is missing.
 */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
