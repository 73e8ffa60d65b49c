/**
 * A search over the keys on a hostStore, in batches.
 *
 * Plain texts that a matching key must hold are looked for here, where the keys are; only keys that hold them, and
 * whose pattern asks for more, are handed to Rust, some thousands of characters at a time. What a key costs at most is known
 * before the search begins, so nothing here looks at the time.
 */

import type { HostStore } from "./host-store.js";

/** Characters of keys that are handed over at once: enough that the crossing is nothing, few enough to stay in the caches. */
const BATCH = 1 << 16;

export class Scan {
  keys: (string | undefined)[];
  rest: MapIterator<number>;
  pieces: string[];
  anchors: number;
  exact: boolean;
  /** Slots of the batch that waits for its answers. */
  asked: number[];
  /** A slot whose key holds a line feed and is asked about alone. */
  odd: number;
  found: number[];

  /**
   * @param slots to look at; all of them if none are given
   * @param pieces texts that occur in a matching key in this order
   * @param anchors 1: the first piece starts the key, 2: the last one ends it, 3: both
   * @param exact true when the pieces decide, for keys without a line feed
   */
  constructor(hostStore: HostStore, slots: Uint32Array | undefined, pieces: string[], anchors: number, exact: boolean) {
    this.keys = hostStore.keys;
    this.rest = (slots ?? hostStore.slots.values())[Symbol.iterator]();
    this.pieces = pieces;
    this.anchors = anchors;
    this.exact = exact;
    this.asked = [];
    this.odd = -1;
    this.found = [];
  }

  /** The next keys to be matched, joined by line feeds; `undefined` when there are none left. */
  next(): string | undefined {
    this.asked.length = 0;
    if (this.odd >= 0) {
      this.asked.push(this.odd);
      this.odd = -1;
      return this.keys[this.asked[0] ?? -1];
    }
    const texts = ([] as string[]);
    let length = 0;
    while (length < BATCH) {
      const { value: slot, done } = this.rest.next();
      if (done) break;
      const key = this.keys[slot];
      if (key === undefined || !holds(key, this.pieces, this.anchors)) continue;
      if (key.includes("\n")) {
        this.odd = slot;
        break;
      }
      if (this.exact) {
        this.found.push(slot);
        continue;
      }
      texts.push(key);
      this.asked.push(slot);
      length += key.length;
    }
    if (texts.length > 0) return texts.join("\n");
    return this.odd >= 0 ? this.next() : undefined;
  }

  /** How many keys the batch holds: a single one may hold line feeds of its own. */
  count() {
    return this.asked.length;
  }

  /** Takes the answers for the batch: 1 for a key that matches. */
  keep(answers: Uint8Array) {
    this.asked.forEach((slot, at) => {
      if (answers[at] === 1) this.found.push(slot);
    });
  }

  /** The slots found. */
  slots() {
    return Uint32Array.from(this.found);
  }
}

/** True when the pieces occur in the key in order and without overlap. */
function holds(key: string, pieces: string[], anchors: number) {
  let from = 0;
  for (let at = 0; at < pieces.length; at += 1) {
    const piece = pieces[at] ?? "";
    const starts = at === 0 && (anchors & 1) !== 0;
    const ends = at === pieces.length - 1 && (anchors & 2) !== 0;
    const place = starts ? 0 : ends ? key.length - piece.length : key.indexOf(piece, from);
    if (place < from || !key.startsWith(piece, place)) return false;
    if (ends && place + piece.length !== key.length) return false;
    from = place + piece.length;
  }
  return true;
}
