import type { Duration } from "../../index.js";
import type { Bus, Store, TieredOptions } from "../tiered.js";

/** A bus without connections: one key of the store, looked at now and then. */
export function pollingBus(
  store: Store,
  options?: {
    /** Range: from 10 ms. Default: 1. */
    interval?: Duration | undefined;
    /** Default: "ec#pulse". */
    key?: string | undefined;
    timers?: TieredOptions["timers"];
  },
): Bus;
