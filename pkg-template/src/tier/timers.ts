/** Timers of whatever host, or of a test. */

/** Keeps a timer from keeping a process alive by itself, where the host can. */
export function unref(timer: unknown) {
  (timer as { unref?: () => void } | null | undefined)?.unref?.();
}
