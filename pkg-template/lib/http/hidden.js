/** Headers of a request that make an answer depend on what its asker has already. */
const CONDITIONS = ["if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range"];

/**
 * Headers of a request that its handler must not see where others may get the answer, since they are no part of the key.
 * @param {boolean} shared whether the key names no user
 */
export const hiddenHeaders = (shared) => (shared ? [...CONDITIONS, "cookie", "authorization"] : CONDITIONS);
