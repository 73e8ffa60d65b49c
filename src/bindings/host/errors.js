/** Errors with a stable `code`: one call from Rust for each, instead of a constructor and an assignment. */

const CLASSES = [TypeError, RangeError, SyntaxError, Error];

/**
 * An error with a code.
 *
 * @param {number} kind 0 TypeError, 1 RangeError, 2 SyntaxError, 3 Error: the order of `Class` in errors.rs
 * @param {string} code
 * @param {string} sentence
 * @param {number} [position] in a pattern; none below 0
 * @returns {Error & { code: string, position?: number }}
 */
export function coded(kind, code, sentence, position = -1) {
  const error = new (CLASSES[kind] ?? Error)(sentence);
  return Object.assign(error, position < 0 ? { code } : { code, position });
}

/**
 * Whether an error says that a key, or a part of one, is too long.
 * @param {any} error
 */
export const isLength = (error) => error?.code === "ERR_KEY_LENGTH";

/** @param {string} sentence */
export const typeError = (sentence, code = "ERR_OPTION") => coded(0, code, sentence);

/** @param {string} sentence */
export const rangeError = (sentence, code = "ERR_OPTION") => coded(1, code, sentence);
