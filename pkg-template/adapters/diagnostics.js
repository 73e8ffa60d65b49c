/** Events of a cache on `node:diagnostics_channel`, which Node, Deno, Bun and workerd have. */

import { channel } from "node:diagnostics_channel";

/** The types of events; each has the channel `endpoint-cache:TYPE`. */
const TYPES = ["hit", "stale", "miss", "joined", "set", "removed", "refused", "loadFailed", "bypass", "mutation", "invalidated", "cleared", "failure"];

/**
 * The channels, held for good: Node forgets a channel that nobody holds, and with it, at times, the one made after it
 * under the same name and those who subscribed to that.
 */
const channels = new Map(TYPES.map((type) => [type, channel(`endpoint-cache:${type}`)]));

/**
 * A listener for `new CacheService({ onEvent })`. Nobody subscribed to an event's channel: nothing is published.
 *
 * @param {{ name?: string, onEvent?: (event: any) => void }} [options]
 */
export function diagnosticsListener({ name, onEvent } = {}) {
  return (/** @type {any} */ event) => {
    const subscribed = channels.get(event.type);
    if (subscribed?.hasSubscribers) subscribed.publish(name === undefined ? event : { ...event, cache: name });
    onEvent?.(event);
  };
}
