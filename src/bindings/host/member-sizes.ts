/**
 * What an object takes for the names of its members.
 *
 * Rows of one table share their names, and a member of theirs is a word. An object keyed by ids has a table of its own, or a
 * shape of its own, and the names besides; which one it is cannot be seen from outside, but names that were met before can. This
 * module must not know values.
 */

import { textBytes } from "./strings.js";

const WORD = 8;

/** What stands in a table for a member: its name, its value, and how it may be used. */
const CELL = 3 * WORD;

/** What an object without a prototype takes besides, which is always a table. */
const BARE = 64;

/** More members than these, and an object is taken for a table of names, unless its names were met before. */
const FEW_MEMBERS = 16;
/** More than these are a table whoever made them. */
const MANY_MEMBERS = 128;

/** Names remembered in each half, and how long they may be. */
const REMEMBERED = 512;
const LONG = 200;

/** What an object costs whose names nobody else has: its shape, and its share in it for each name. */
const SHAPE = 190;
const SHAPED = 56;

const { getPrototypeOf, isFrozen, keys } = Object;

/**
 * What was met in earlier values of the same cache: the last names of objects, which tell rows of one table from objects keyed
 * by ids, and slabs. Bounded, and the first sight of a name costs too much rather than too little.
 */
export class Met {
  young: Set<string>;
  old: Set<string>;
  slabs: WeakSet<object>;

  constructor() {
    this.young = new Set();
    this.old = new Set();
    this.slabs = new WeakSet();
  }

  /** Whether a name was met lately. */
  knows(name: string) {
    if (name.length > LONG) return false;
    if (this.young.has(name)) return true;
    if (this.young.size >= REMEMBERED) {
      this.old = this.young;
      this.young = new Set();
    }
    this.young.add(name);
    return this.old.has(name);
  }
}

/**
 * What an object takes for the names of its members. Rows of one table share theirs, and a member is a word. An object keyed by
 * ids has a table of its own, or a shape of its own, and the names besides.
 *
 * @param last of its names
 */
export function memberBytes(value: object, last: string, count: number, met: Met) {
  const end = last.charCodeAt(last.length - 1);
  const byId = (end <= 57 && end >= 48) || last.length > 20;
  if (count <= FEW_MEMBERS && !byId) return getPrototypeOf(value) === null ? BARE + places(count) * CELL : WORD * count;
  const index = Number(last);
  // Integers are no names. They come in order.
  if (index >= 0 && index < 2 ** 32 && String(index) === last) return index < 4 * count + FEW_MEMBERS ? 1.5 * WORD * index : places(count) * CELL;
  const known = met.knows(last);
  const table = places(count) * CELL;
  if (!known) return Math.max(count > FEW_MEMBERS ? table : 0, SHAPE + SHAPED * count) + nameBytes(value, count);
  if (count > MANY_MEMBERS || (byId && count > FEW_MEMBERS && isFrozen(value))) return table;
  // A shape or a table, which nobody can tell from outside.
  return (count <= FEW_MEMBERS ? 1 : byId ? 2 : 1.4) * WORD * count;
}

function nameBytes(value: object, count: number) {
  let total = 0;
  let seen = 0;
  for (const name of keys(value)) {
    if (seen === 1_000) break;
    total += textBytes(name);
    seen++;
  }
  return extrapolated(total, seen, count);
}

/** Places in a hash table for this many members. */
export const places = (count: number) => 2 ** Math.ceil(Math.log2(Math.max(2, count * 1.5)));

/** The whole of a container of which `seen` of `count` members made up `total`, the rest taken to be like them. */
export function extrapolated(total: number, seen: number, count: number): number {
  return seen === 0 || seen === count ? total : (total / seen) * count;
}
