/** Errors with a stable `code`: one call from Rust for each, instead of a constructor and an assignment. */

const CLASSES = [TypeError, RangeError, SyntaxError, Error];

/**
 * An error with a code.
 *
 * @param kind 0 TypeError, 1 RangeError, 2 SyntaxError, 3 Error: the order of `Class` in errors.rs
 * @param position in a pattern; none below 0
 */
export function coded(kind: number, code: string, sentence: string, position: number = -1): Error & { code: string, position?: number } {
  const error = new (CLASSES[kind] ?? Error)(sentence);
  return Object.assign(error, position < 0 ? { code } : { code, position });
}

/** Whether an error says that a key, or a part of one, is too long. */
export const isLength = (error: any) => error?.code === "ERR_KEY_LENGTH";

export const typeError = (sentence: string, code = "ERR_OPTION") => coded(0, code, sentence);

export const rangeError = (sentence: string, code = "ERR_OPTION") => coded(1, code, sentence);
