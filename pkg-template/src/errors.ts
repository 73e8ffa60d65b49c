/** Errors with a stable `code`, as the compiled half throws them. */

export function coded(
  type: ErrorConstructor | TypeErrorConstructor | RangeErrorConstructor,
  code: string,
  sentence: string,
  cause?: unknown,
) {
  const error = cause === undefined ? new type(sentence) : new type(sentence, { cause });
  return Object.assign(error, { code });
}
