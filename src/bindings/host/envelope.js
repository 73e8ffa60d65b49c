/**
 * Envelopes: `{ status: "success", data }` and `{ status: "error", error }`, the form of a response.
 *
 * The `status` and the `data` or `error` are members of the object's own. Anything else is data, whatever its `status` says: a
 * build, an order or a job has a status too.
 */

import { isVouched } from "./snapshot.js";

const { hasOwn } = Object;

/** @param {any} value */
export function isEnvelope(value) {
  if (typeof value !== "object" || value === null || !hasOwn(value, "status")) return false;
  // What says itself how it is sent would send more than that once its members are taken apart.
  if (typeof value.toJSON === "function") return false;
  return value.status === "success" ? hasOwn(value, "data") : value.status === "error" && hasOwn(value, "error");
}

/** Whether an object says of itself that it is an error: such a one is never stored, envelope or not. @param {any} value */
export const saysError = (value) => typeof value === "object" && value !== null && hasOwn(value, "status") && value.status === "error";

/**
 * What a handler returned, as a response: an envelope with its other members, or data that is put into one.
 *
 * @param {any} raw
 * @returns {{ value: any, data: any, storable: boolean }}
 */
export function asResponse(raw) {
  if (!isEnvelope(raw)) return { value: { status: "success", data: raw }, data: raw, storable: raw !== undefined && !saysError(raw) };
  if (isVouched(raw)) return { value: raw, data: raw.data, storable: raw.data !== undefined };
  const { metadata, ...value } = raw;
  if (value.status === "error") return { value, data: undefined, storable: false };
  return { value, data: value.data, storable: value.data !== undefined };
}
