/** The errors that the package throws. */

/** The `code` of every error the package throws. Codes are stable; sentences may get better. */
export type ErrorCode =
  /** A value in params has no place in JSON, the sentence names its path; or their JSON text has more than 65,536 characters. */
  | "ERR_PARAMS"
  /** A duration is NaN, negative or not a duration. */
  | "ERR_TTL"
  /** A key is not a non-empty string of well-formed Unicode. */
  | "ERR_KEY"
  /** A key has more than 1,024 characters, or a user id has. */
  | "ERR_KEY_LENGTH"
  /** An endpoint is empty, has more than 1,024 characters, or holds `:`, white space or a control character. */
  | "ERR_ENDPOINT"
  /** An endpoint pattern has an empty segment or a `*` that is not a whole segment. */
  | "ERR_ENDPOINT_PATTERN"
  /** A user id is empty or neither a string nor a finite number. */
  | "ERR_USER_ID"
  /** The value to store is `undefined`. */
  | "ERR_VALUE"
  /** The value cannot be copied; see `CacheOptions.isolation`. */
  | "ERR_SNAPSHOT"
  /** An invalidation pattern is not a string, a RegExp or an object that names something. */
  | "ERR_PATTERN"
  /** A member of an invalidation pattern is empty. */
  | "ERR_PATTERN_EMPTY"
  /** A regular expression or glob cannot be read; the sentence names the position. Nothing was removed. */
  | "ERR_PATTERN_SYNTAX"
  /** A pattern has more than 4,096 characters or compiles to more than is allowed. Nothing was removed. */
  | "ERR_PATTERN_TOO_LARGE"
  /**
   * A pattern could take more steps for a key than is allowed, whatever keys there are: told before the first is looked at, and
   * the same on every machine. Nothing was removed.
   */
  | "ERR_PATTERN_BUDGET"
  /** What a change touches is no scope, or names nothing; the sentence says what is wrong. Nothing was done. */
  | "ERR_SCOPE"
  /** An option is unknown, of the wrong type or out of its range; the sentence names it. */
  | "ERR_OPTION"
  /** A load took longer than `hardTimeout`. */
  | "ERR_TIMEOUT"
  /** A handler read something in a cached read that is not part of the key. */
  | "ERR_UNKEYED"
  /** The cache was used after `dispose()`. */
  | "ERR_DISPOSED"
  /** The cache was made by a copy of the package of another version, which this copy cannot use; the sentence names both. */
  | "ERR_COPY"
  /** The cache failed inside and could not start anew yet. Only what belongs to no one cache throws it, such as a key. */
  | "ERR_FAILURE"
  /** An adapter was given a framework or client that it cannot work with; the sentence names what was found and what is expected. */
  | "ERR_PEER";

/** What the package throws: a TypeError, RangeError, SyntaxError or Error with a `code`. */
export interface CodedError extends Error {
  readonly code: ErrorCode;
}
