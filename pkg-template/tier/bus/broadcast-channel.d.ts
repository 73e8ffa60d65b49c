import type { Bus } from "../tiered.js";

/** Tabs of a browser, worker threads of a process. @param name of the channel. Default: "endpoint-cache" */
export function broadcastChannelBus(name?: string): Bus;
