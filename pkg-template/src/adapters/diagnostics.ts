/** Events of a cache on `node:diagnostics_channel`, which Node, Deno, Bun and workerd have. */

import { channel } from "node:diagnostics_channel";
import type { CacheEvent } from "../types/index.js";

/** The channel of a type of event, as `node:diagnostics_channel` names it. */
export type ChannelName = `endpoint-cache:${CacheEvent["type"]}`;

/** What subscribers of a channel are given. */
export type Published<Type extends CacheEvent["type"] = CacheEvent["type"]> = Extract<CacheEvent, { type: Type }> & {
  /** The name of the cache, where it was given one. */
  readonly cache?: string | undefined;
};

export interface DiagnosticsOptions {
  /** Says in every message which cache it is about. Default: none. */
  name?: string | undefined;
  /** Another listener, told after the channels. Default: none. */
  onEvent?: ((event: CacheEvent) => void) | undefined;
}

/** The types of events, each with the channel `endpoint-cache:TYPE`; the compiler sees to it that all of them are here. */
const TYPES: Record<CacheEvent["type"], true> = {
  hit: true,
  stale: true,
  miss: true,
  joined: true,
  set: true,
  removed: true,
  refused: true,
  loadFailed: true,
  bypass: true,
  mutation: true,
  invalidated: true,
  expired: true,
  cleared: true,
  failure: true,
};

/**
 * The channels, held for good: Node forgets a channel that nobody holds, and with it, at times, the one made after it
 * under the same name and those who subscribed to that.
 */
const channels = new Map(Object.keys(TYPES).map((type) => [type, channel(`endpoint-cache:${type}`)]));

/**
 * A listener for `new CacheService({ onEvent: diagnosticsListener() })`. Nobody subscribed to an event's channel: nothing is published.
 *
 * @returns what the other listener returns: if that is a promise, the cache keeps it quiet
 */
export function diagnosticsListener({ name, onEvent }: DiagnosticsOptions = {}): (event: CacheEvent) => void {
  return (event) => {
    const subscribed = channels.get(event.type);
    if (subscribed?.hasSubscribers) subscribed.publish(name === undefined ? event : { ...event, cache: name });
    return onEvent?.(event);
  };
}
