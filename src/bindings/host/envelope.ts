/**
 * Envelopes: `{ status: "success", data }` and `{ status: "error", error }`, the form of a response.
 *
 * The `status` and the `data` or `error` are members of the object's own. Anything else is data, whatever its `status` says: a
 * build, an order or a job has a status too.
 */

import { isVouched } from "./snapshot.js";

const { hasOwn } = Object;

export function isEnvelope(value: any) {
  return statusOf(value) !== undefined;
}

/** What an envelope says; undefined for what is none, and for what cannot be read. */
function statusOf(value: any): "success" | "error" | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  try {
    // What says itself how it is sent would send more than that once its members are taken apart.
    if (!hasOwn(value, "status") || typeof value.toJSON === "function") return undefined;
    const { status } = value;
    return (status === "success" && hasOwn(value, "data")) || (status === "error" && hasOwn(value, "error")) ? status : undefined;
  } catch {
    return undefined;
  }
}

/** Whether an object says of itself that it is an error: such a one is never stored, envelope or not. */
function saysError(value: any) {
  try {
    return typeof value === "object" && value !== null && hasOwn(value, "status") && value.status === "error";
  } catch {
    return false;
  }
}

/** What a handler returned, as a response: an envelope with its other members, or data that is put into one. */
export function asResponse(raw: any): { value: any, data: any, storable: boolean } {
  const status = statusOf(raw);
  if (status === undefined) return { value: { status: "success", data: raw }, data: raw, storable: raw !== undefined && !saysError(raw) };
  if (isVouched(raw)) return { value: raw, data: raw.data, storable: raw.data !== undefined };
  const { metadata, ...value } = raw;
  return status === "error" ? { value, data: undefined, storable: false } : { value, data: value.data, storable: value.data !== undefined };
}
