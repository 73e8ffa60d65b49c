/**
 * The canonical text of small params, written from their tokens into memory: what Python's
 * `json.dumps(params, sort_keys=True)` writes.
 *
 * Only what needs no thought is written here: plain ASCII, integers, true, false and null. For everything else (an
 * escape, a fraction) the answer is that it was not written, and Rust does it. Knows nothing of hashes or keys.
 * Places and positions go from function to function: a variable of the module would be written back at each change.
 */

import { ARRAY, OBJECT, ends, tokens } from "../../src/bindings/host/tokens.js";

/** The places of the members of every object that is open, in order of their names; innermost last. */
const order = new Uint8Array(tokens.length);

/**
 * Writes the text of the params read last.
 *
 * @returns how many bytes were written; 0 where this is not for here
 */
export function writeCanonical(memory: Uint8Array): number {
  const length = write(memory, tokens, 0, 0, 0);
  // A byte beyond the end of the memory is lost, and counted.
  return length > 0 && length <= memory.length ? length : 0;
}

/**
 * @param place of a value's first token
 * @param at where to write
 * @param top how much of `order` is taken
 * @returns where the value ends, or -1
 */
function write(out: Uint8Array, row: any[], place: number, at: number, top: number): number {
  const token = row[place];
  if (typeof token === "string") return writeString(out, token, at);
  if (typeof token === "number") return Number.isSafeInteger(token) ? writeWord(out, String(token), at) : -1;
  if (token === OBJECT) return writeObject(out, row, place, at, top);
  if (token === ARRAY) return writeArray(out, row, place, at, top);
  return writeWord(out, String(token), at);
}

/** The place behind a value. */
function after(row: any[], place: number) {
  const token = row[place];
  return (token === OBJECT || token === ARRAY ? (ends[place] as number) : place) + 1;
}

function writeArray(out: Uint8Array, row: any[], start: number, at: number, top: number) {
  const end = (ends[start] as number);
  out[at++] = 0x5b;
  for (let place = start + 1; place < end; place = after(row, place)) {
    if (place > start + 1) {
      out[at++] = 0x2c;
      out[at++] = 0x20;
    }
    at = write(out, row, place, at, top);
    if (at < 0) return -1;
  }
  out[at++] = 0x5d;
  return at;
}

function writeObject(out: Uint8Array, row: any[], start: number, at: number, base: number) {
  const end = (ends[start] as number);
  let top = base;
  for (let place = start + 1; place < end; place = after(row, place + 1)) {
    // Names of plain ASCII have the same order by UTF-16 unit, which is JavaScript's, and by code point.
    const name = row[place];
    let to = top++;
    for (; to > base; to -= 1) {
      const before = (order[to - 1] as number);
      if (row[before] < name) break;
      order[to] = before;
    }
    order[to] = place;
  }
  out[at++] = 0x7b;
  for (let index = base; index < top; index += 1) {
    const place = (order[index] as number);
    if (index > base) {
      out[at++] = 0x2c;
      out[at++] = 0x20;
    }
    at = writeString(out, row[place], at);
    if (at < 0) return -1;
    out[at++] = 0x3a;
    out[at++] = 0x20;
    at = write(out, row, place + 1, at, top);
    if (at < 0) return -1;
  }
  out[at++] = 0x7d;
  return at;
}

function writeString(out: Uint8Array, text: string, at: number) {
  const { length } = text;
  out[at++] = 0x22;
  for (let index = 0; index < length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || unit > 0x7e || unit === 0x22 || unit === 0x5c) return -1;
    out[at++] = unit;
  }
  out[at++] = 0x22;
  return at;
}

function writeWord(out: Uint8Array, word: string, at: number) {
  for (let index = 0; index < word.length; index += 1) out[at++] = word.charCodeAt(index);
  return at;
}
