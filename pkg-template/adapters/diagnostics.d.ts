import type { CacheEvent } from "../index.js";

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

/** A listener for `new CacheService({ onEvent: diagnosticsListener() })`. */
export function diagnosticsListener(options?: DiagnosticsOptions): (event: CacheEvent) => void;
