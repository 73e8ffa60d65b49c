/**
 * What is stored of a value, and what a caller is given of it: the four ways in which callers are kept apart.
 *
 * - `snapshot`: a copy that is what the handler returned; frozen and shared, but for what stays mutable
 * - `json`: what `JSON.stringify` would send, so `toJSON` decides; frozen and shared
 * - `copy`: a copy for each caller, to change at will
 * - `reference`: the very object
 *
 * A value may be stored in one way and asked for in another: an option of one call counts for that call. How a tree is copied
 * is said in `snapshot.js`.
 */

import type { CloneHook } from "./snapshot.js";
import { copyOf, isShareable, isVouched, looseCopy, recipeOf, snapshot, cloneSnapshot } from "./snapshot.js";

export type Isolation = "snapshot" | "json" | "copy" | "reference";

export const ISOLATIONS = (["snapshot", "json", "copy", "reference"] as const);

/** Frozen values that JSON made. */
const fromJson: WeakSet<object> = new WeakSet();

const isObject = (value: unknown) => typeof value === "object" && value !== null;

/**
 * What is stored for a value that a handler returned.
 *
 * @throws where it has no faithful copy
 */
export function storedForm(value: any, isolation: Isolation, clone: CloneHook | undefined): any {
  if (isolation === "reference" || isVouched(value)) return value;
  if (isolation === "json") return jsonForm(value);
  if (isObject(value)) {
    if (isolation === "copy") return looseCopy(value, clone);
    if (isShareable(value)) return value;
  }
  return snapshot(value, clone).value;
}

function jsonForm(value: any) {
  if (isObject(value) && fromJson.has(value)) return value;
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`JSON has no text for ${typeof value}`);
  const { value: form } = snapshot(JSON.parse(text));
  if (isObject(form)) fromJson.add(form);
  return form;
}

/**
 * What one caller is given of a stored value.
 *
 * @throws what the user's `clone` or a `toJSON` throws
 */
export function copyFor(stored: any, isolation: Isolation, clone: CloneHook | undefined): any {
  if (!isObject(stored) || isVouched(stored)) return stored;
  if (isolation === "copy") return copyOf(stored, clone);
  if (isolation === "json") return jsonForm(stored);
  const recipe = recipeOf(stored);
  // What was copied for others is nobody's to change, by reference neither.
  if (recipe !== undefined) return recipe.renew();
  return isolation === "reference" || isShareable(stored) ? stored : ownSnapshot(stored, clone);
}

/**
 * A snapshot of an object that was stored as it is, by hand or by reference. One that has no copy is given out as it is: whoever
 * stored it chose that.
 */
function ownSnapshot(stored: any, clone: CloneHook | undefined) {
  let copy;
  try {
    copy = snapshot(stored, clone);
  } catch {
    return stored;
  }
  return copy.shared ? copy.value : cloneSnapshot(copy.value);
}

/**
 * Whether callers who are kept apart in this way are given a stored value as it is, or what its recipe makes without any code of
 * the user's: then a hit needs no decision.
 */
export function isReady(stored: any, isolation: Isolation) {
  if (!isObject(stored) || isVouched(stored)) return true;
  const recipe = recipeOf(stored);
  if (recipe !== undefined) return !recipe.isCustom && isolation !== "json" && (isolation !== "copy" || recipe.part === undefined);
  if (isolation === "snapshot") return isShareable(stored);
  return isolation === "json" ? fromJson.has(stored) : isolation === "reference";
}
