/**
 * What the exports of the crate call in JavaScript. `make generate` bundles this module and all that it imports into
 * `src/bindings/host.js`, the one file that travels with the crate; the npm package bundles it from here.
 */

export { enter, enterKey, readText, readUser } from "./validate.js";
export { getOrSet, routeRequest } from "./route-request.js";
export { coded, isLength } from "./errors.js";
export { serviceOptions } from "./options.js";
export { requestText } from "./params.js";
export { readPattern } from "./patterns.js";
export { listSlots, nameExplanation, nameSize, nameStats } from "./stats-format.js";
export { ttlsChanged } from "./profile.js";
export { normalId } from "./request-parts.js";
export { Scan } from "./scan.js";
export { setOptions } from "./set-value.js";
export { HostStore } from "./host-store.js";
export { estimateBytes } from "./size.js";
export { flush, rejected, tell } from "./notify.js";
export { ttlMs } from "./ttl.js";
export { bytesAt } from "./values.js";
