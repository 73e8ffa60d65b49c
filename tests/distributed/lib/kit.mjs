// What the tests of this folder share: a bus in memory, and waiting.

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A bus within this process. `cut` loses what is said. */
export function localBus() {
  const listeners = new Set();
  const line = {
    cut: false,
    end() {
      let own;
      return {
        publish(text) {
          if (line.cut) return;
          for (const listener of listeners) if (listener !== own) listener(text);
        },
        subscribe(listener) {
          listeners.add((own = listener));
        },
        close() {
          listeners.delete(own);
        },
      };
    },
  };
  return line;
}
