/**
 * Whether what an adapter was handed is a framework or client it can work with.
 *
 * The package accepts any version beside it, so that it never stops an install; it is looked at where it is used.
 * What counts is what it can do: a version is rarely written on it.
 */

import { coded } from "./errors.js";

/** @param entry of the package */
export function peerError(entry: string, wanted: string, found: string, cause?: unknown) {
  return coded(TypeError, "ERR_PEER", `endpoint-cache/${entry} works with ${wanted}, and was given ${found}`, cause);
}

/**
 * @param entry of the package
 * @param methods that it must have
 * @throws TypeError "ERR_PEER" naming what is missing
 */
export function checkPeer(entry: string, wanted: string, given: unknown, methods: string[]) {
  if (given === undefined || given === null) throw peerError(entry, wanted, String(given));
  if (typeof given !== "object" && typeof given !== "function") throw peerError(entry, wanted, `a ${typeof given}`);
  const missing = methods.filter((name) => typeof (given as Record<string, unknown>)[name] !== "function");
  if (missing.length > 0) throw peerError(entry, wanted, `${named(given)} without ${missing.join(", ")}`);
}

function named(given: object): string {
  if (typeof given === "function") return "a function";
  const name = given.constructor?.name;
  return typeof name === "string" && name !== "" && name !== "Object" ? `a ${name}` : "an object";
}
