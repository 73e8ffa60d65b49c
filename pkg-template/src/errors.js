/** Errors with a stable `code`, as the compiled half throws them. */

/**
 * @param {ErrorConstructor | TypeErrorConstructor | RangeErrorConstructor} type
 * @param {string} code
 * @param {string} sentence
 * @param {unknown} [cause]
 */
export function coded(type, code, sentence, cause) {
  const error = cause === undefined ? new type(sentence) : new type(sentence, { cause });
  return Object.assign(error, { code });
}
