/**
 * All that stands behind an entry, for the adapters and the tier, which share it with whatever entry a program imports.
 *
 * Who needs a part imports it from here. So whoever needs any part needs every one, and the build makes one file of them all: a
 * host takes half a millisecond for each file.
 */

export * from "./api.js";
export { protocolOf } from "./copy-protocol.js";
