/**
 * Asynchronous contexts, where the host has any: which loads a piece of code runs inside of, and work in another context
 * than that of the moment.
 *
 * Nothing is imported: hosts have it under several names, some not at all, and a module that names one does not load
 * elsewhere. Where there is none, a load that waits for itself is told by its synchronous part only, and work in the
 * background runs where it was begun.
 */

export interface Storage {
  run: <T>(inside: Inside, run: () => T) => T;
  getStore: () => Inside | undefined;
  disable?: (() => void) | undefined;
}

/** Found at first need, and not when the module is loaded. Null where the host has none. */
let storage: Storage | null | undefined;

/** How many loads are open: while there are none, nobody is inside of any. */
let open = 0;

/** Whether the storage has to be turned off while it is not needed, and whether it is on. */
let costly = false;
let isOn = false;

/** A load as those know it that its handler calls. It holds on to nothing of the load: promises made in there keep it alive. */
export class Inside {
  /** Loads that the handler waits for now. */
  awaits: Set<Inside> | undefined;

  constructor() {
    this.awaits = undefined;
  }
}

/** @returns the host's module of asynchronous contexts */
function hooks(): any {
  const { process } = (globalThis as any);
  return process?.getBuiltinModule?.("node:async_hooks");
}

function find(): Storage | null {
  const { AsyncContext, AsyncLocalStorage = hooks()?.AsyncLocalStorage, process, Bun, Deno } = (globalThis as any);
  if (typeof AsyncContext?.Variable === "function") {
    const variable = new AsyncContext.Variable();
    return { run: (inside, run) => variable.run(inside, run), getStore: () => variable.get() };
  }
  if (typeof AsyncLocalStorage !== "function") return null;
  // Before Node 24 one that is in use has a hook run for every promise of the process, which doubles what a hit takes.
  costly = Bun === undefined && Deno === undefined && Number.parseInt(process?.versions?.node ?? "24", 10) < 24;
  return new AsyncLocalStorage();
}

/** Opens a load: undefined where the host has no contexts. */
export function beginInside(): Inside | undefined {
  if (storage === undefined) {
    try {
      storage = find();
    } catch {
      storage = null;
    }
  }
  if (storage === null) return undefined;
  open += 1;
  return new Inside();
}

/** Closes a load that was opened. */
export function endInside() {
  open -= 1;
}

/**
 * Turns the storage off where no load is open. Not at each load's end: to turn it off and on again takes as long as a small load, so
 * whoever is served without a load does it.
 */
export function rest() {
  if (!isOn || open > 0) return;
  isOn = false;
  storage?.disable?.();
}

/** Runs a load's handler so that what it calls is known to be inside of that load. */
export function runInside<T>(inside: Inside | undefined, run: () => T): T {
  if (inside === undefined || !storage) return run();
  isOn = costly;
  return storage.run(inside, run);
}

/** The load whose handler is calling; undefined where none is. */
export function insideOf() {
  return open > 0 ? storage?.getStore() : undefined;
}

/** Whether one load waits for another, or is that other. */
export function awaits(from: Inside, to: Inside, seen: Set<Inside> = new Set()): boolean {
  if (from === to) return true;
  if (from.awaits === undefined || seen.has(from)) return false;
  seen.add(from);
  for (const next of from.awaits) {
    if (awaits(next, to, seen)) return true;
  }
  return false;
}

/** What runs something in the context of this moment, whenever it is called; undefined where the host has no contexts. */
export function inContextOfNow(): ((run: () => unknown) => unknown) | undefined {
  try {
    const { AsyncContext, AsyncLocalStorage = hooks()?.AsyncLocalStorage } = (globalThis as any);
    if (typeof AsyncContext?.Snapshot === "function") {
      const snapshot = new AsyncContext.Snapshot();
      return (run) => snapshot.run(run);
    }
    return AsyncLocalStorage?.snapshot?.();
  } catch {
    return undefined;
  }
}

/**
 * Runs something by a function that decides where: in another context, later, or not at all.
 *
 * @returns what it comes to, or why it was never run
 */
export function runBy(place: (run: () => unknown) => unknown, run: () => unknown): Promise<any> {
  return new Promise((resolve, reject) => {
    const once = () => {
      try {
        const result = run();
        resolve(result);
        return result;
      } catch (error) {
        // It is the load's, not that of whoever runs it.
        return reject(error);
      }
    };
    let next: (() => unknown) | undefined = once;
    const placed = place(() => {
      const call = next;
      next = undefined;
      return call?.();
    });
    Promise.resolve(placed).catch(reject);
  });
}
