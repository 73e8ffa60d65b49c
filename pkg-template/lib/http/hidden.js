/**
 * Whether a header of a request must be hidden from a handler whose answer others may get: those that make the answer depend
 * on what the asker has already, and where the key names no user, those that name one. They are no part of the key.
 *
 * @param {string} name
 * @param {boolean} shared whether the key names no user
 */
export const isHidden = (name, shared) => name.startsWith("if-") || (shared && (name === "cookie" || name === "authorization"));
