/**
 * Copies of values: what a handler returned, or nothing.
 *
 * A copy is faithful, or there is none. Plain objects, arrays and the built-ins of `builtins.js` are copied with all that they
 * have; anything else (a class instance, a function, a promise) throws, because its copy would lose methods, private members
 * or a `toJSON` that hides some. A tree without anything mutable is frozen, and every caller is given the same one. Where
 * something stays mutable when frozen (a Date, a Map, bytes), only the path to it is made anew for each caller, and all else
 * is shared. This module must not know keys, entries, responses or metadata.
 *
 *     const { value, shared } = snapshot(result);   // throws what cannot be copied
 *     const own = shared ? value : cloneSnapshot(value);     // what one caller is given
 */

import { copyBuiltIn, copyDate, isDatePrototype, isShared, kindOf, nameOf, SEARCHED } from "./builtins.js";

/** The `code` of every refusal made here. */
export const ERR_SNAPSHOT = "ERR_SNAPSHOT";

/**
 * What a user's `clone` option does: a copy of an object that is neither plain nor built-in, the object itself where it never
 * changes, or undefined where it has no copy.
 */
export type CloneHook = (value: object) => unknown;

export interface Snapshot {
  /** frozen where everybody is given it as it is */
  value: any;
  /** true when every caller may be given `value` itself. False when it holds something that stays mutable: then each caller, the first included, is given `cloneSnapshot(value)` */
  shared: boolean;
}

/** Values nested deeper are not copied: the walk recurses, and nothing that is sent to anybody is so deep. */
const MAX_DEPTH = 1_000;

/**
 * V8 makes a table, of five times the memory, of an object that gets more members than a few one by one and is frozen. Made at
 * once it keeps a shape that its likes share: worth it for rows of many columns, and not for an object keyed by ids or by words.
 */
const isWide = (names: string[]) => names.length > 16 && names.length <= 128 && !/\d$|.{21}/.test(names[names.length - 1] ?? "");

const {
  create, defineProperty, entries, freeze, fromEntries, getOwnPropertyDescriptor, getOwnPropertyNames, getOwnPropertySymbols, getPrototypeOf, hasOwn,
  isFrozen, keys, setPrototypeOf,
} = Object;
const { isArray } = Array;
const { ownKeys } = Reflect;
const plainPrototype = Object.prototype;
const arrayPrototype = Array.prototype;

/** A walk found an object twice that each caller must have its own of: the whole value is then copied for each. */
const TANGLED = Symbol("tangled");

/** How a stored value is given out: as it is, or by a `Recipe`. */
const made: WeakMap<object, typeof SHARED | typeof VOUCHED | Recipe> = new WeakMap();
const SHARED = Symbol("shared");
const VOUCHED = Symbol("vouched");

const OBJECT = 0;
const ARRAY = 1;
const MAP = 2;
const SET = 3;
/** Objects that are more than enumerable members named by strings, and arrays that are more than their elements. */
const UNUSUAL = 4;

/**
 * A container on the path to something mutable. What is listed is made anew for each caller, the rest is taken from `base`.
 */
class Branch {
  kind: number;
  base: any;
  names: readonly any[];
  parts: readonly any[];

  /**
   * @param base the stored copy; for a Map or a Set its content as an array
   * @param names of the members to renew
   * @param parts what stands there: a `Branch`, or something mutable
   */
  constructor(kind: number, base: any, names: readonly any[], parts: readonly any[]) {
    this.kind = kind;
    this.base = base;
    this.names = names;
    this.parts = parts;
  }
}

/** An object of a user's own type, which the user's function copies. */
class Custom {
  value: object;
  clone: CloneHook;

  constructor(value: object, clone: CloneHook) {
    this.value = value;
    this.clone = clone;
  }
}

/** How the copy for one caller is made. */
class Recipe {
  value: any;
  part: any;
  clone: CloneHook | undefined;

  /**
   * @param value the stored copy
   * @param part a `Branch` or something mutable; undefined where the whole value is copied
   */
  constructor(value: any, part: any, clone: CloneHook | undefined) {
    this.value = value;
    this.part = part;
    this.clone = clone;
  }

  renew() {
    return this.part === undefined ? copyOf(this.value, this.clone) : renew(this.part);
  }

  /** Whether a user's function is needed to renew it, which may throw. */
  get isCustom() {
    return this.clone !== undefined;
  }
}

/** The state of one walk. `part` is what was found out about the value copied last: undefined where nobody can change it. */
export interface Walk {
  /** copies by original */
  seen: Map<object, object>;
  /** whether a copy is to be shared by callers */
  frozen: boolean;
  /** whether plain objects need a careful look, because somebody gave all objects a member */
  unusual: boolean;
  /** whether anything mutable was met */
  mutable: boolean;
  part: any;
  clone: CloneHook | undefined;
}

const newWalk = (frozen: boolean, clone: CloneHook | undefined): Walk => ({ seen: new Map(), frozen, unusual: isPolluted(), mutable: false, part: undefined, clone });

/**
 * A copy of `value` to be stored. The value itself is neither frozen nor kept. Shared references and cycles stay what they are.
 *
 * @throws {TypeError} with `code` "ERR_SNAPSHOT" for what has no faithful copy
 */
export function snapshot(value: unknown, clone?: CloneHook): Snapshot {
  if ((typeof value !== "object" || value === null) && typeof value !== "function" && typeof value !== "symbol") return { value, shared: true };
  return reporting(() => {
    const walk = newWalk(true, clone);
    let copy;
    try {
      copy = copyValue(value, 0, walk);
      if (walk.part !== undefined) return kept(copy, new Recipe(copy, walk.part, clone));
    } catch (cause) {
      if (cause !== TANGLED) throw cause;
      const loose = newWalk(false, clone);
      copy = copyValue(value, 0, loose);
      if (loose.mutable) return kept(copy, new Recipe(copy, undefined, clone));
      for (const object of loose.seen.values()) freeze(object);
    }
    made.set(copy, SHARED);
    return { value: copy, shared: true };
  });
}

function kept(value: any, recipe: Recipe): Snapshot {
  made.set(value, recipe);
  return { value, shared: false };
}

/**
 * A copy that its receiver may change at will.
 *
 * @throws {TypeError} as {@link snapshot}
 */
export function copyOf(value: any, clone?: CloneHook): any {
  if (typeof value !== "object" || value === null) return typeof value === "function" ? snapshot(value) : value;
  return reporting(() => copyValue(value, 0, newWalk(false, clone)));
}

/** A copy to be stored of which every caller gets a copy of its own, to change at will. */
export function looseCopy(value: any, clone?: CloneHook): any {
  const copy = copyOf(value, clone);
  if (typeof copy === "object" && copy !== null) made.set(copy, new Recipe(copy, undefined, clone));
  return copy;
}

/** What one caller is given of a snapshot's value that is not shared: equal, and nobody else's. */
export function cloneSnapshot(value: any): any {
  const recipe = made.get(value);
  return recipe instanceof Recipe ? recipe.renew() : copyOf(value);
}

/** How a stored value is given out, where that is not as it is. */
export function recipeOf(value: any): Recipe | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const recipe = made.get(value);
  return recipe instanceof Recipe ? recipe : undefined;
}

/** @param value true when it is a frozen copy that anybody may have */
export function isShareable(value: any) {
  if (typeof value !== "object" || value === null) return true;
  const how = made.get(value);
  return how === SHARED || how === VOUCHED;
}

/** Whether `share` was told of this object. */
export function isVouched(value: any) {
  return typeof value === "object" && value !== null && made.get(value) === VOUCHED;
}

/**
 * Vouches for an object: it is frozen to the bottom, or its bytes are never handed out to be written to, so anybody may have
 * it as it is, however callers are kept apart.
 */
export function share<T extends object>(value: T): T {
  made.set(value, VOUCHED);
  return value;
}

// -- copying ----------------------------------------------------------------------------------------------------------

function copyValue(value: any, depth: number, walk: Walk): any {
  walk.part = undefined;
  switch (typeof value) {
    case "object":
      if (value === null) return null;
      break;
    case "function":
    case "symbol":
      throw new Unfaithful(`the value holds a ${typeof value}, which has no copy`);
    default:
      return value;
  }
  const known = walk.seen.get(value);
  if (known !== undefined) {
    // A frozen copy is complete and may stand in several places. Any other is under way, or is each caller's own.
    if (walk.frozen && !isFrozen(known)) throw TANGLED;
    return known;
  }
  if (depth === MAX_DEPTH) throw new Unfaithful(`the value nests deeper than ${MAX_DEPTH} levels`);
  const prototype = getPrototypeOf(value);
  if (prototype === plainPrototype) return copyObject(value, depth, walk);
  if (isArray(value)) {
    if (prototype === arrayPrototype) return copyArray(value, depth, walk);
    // The prototype of another realm's arrays is an array itself, that of a subclass is not.
    if (prototype !== null && isArray(prototype)) return copyUnusual(value, setPrototypeOf([], prototype), depth, walk);
  } else if (prototype === null || isForeignPlain(prototype)) return copyUnusual(value, create(prototype), depth, walk);
  return copySpecial(value, prototype, depth, walk);
}

function copyObject(original: any, depth: number, walk: Walk) {
  const own = keys(original);
  if (walk.unusual || getOwnPropertyNames(original).length !== own.length || getOwnPropertySymbols(original).length > 0) {
    return copyUnusual(original, {}, depth, walk);
  }
  const wide = isWide(own);
  // Else member by member: what is spread is frozen more slowly than it is made.
  const copy: any = wide ? fromEntries(entries(original)) : {};
  const value = wide ? copy : original;
  walk.seen.set(original, copy);
  let names: string[] | undefined;
  let parts: any[] | undefined;
  for (const name in value) {
    let item = value[name];
    switch (typeof item) {
      case "object":
        if (item === null) break;
        item = copyValue(item, depth + 1, walk);
        if (walk.part === undefined) break;
        (names ??= []).push(name);
        (parts ??= []).push(walk.part);
        break;
      case "function":
      case "symbol":
        throw new Unfaithful(`the value holds a ${typeof item}, which has no copy`);
    }
    // Assigning this name would set the copy's prototype.
    if (name === "__proto__") place(copy, name, item, true);
    else copy[name] = item;
  }
  return finished(OBJECT, copy, names, parts, walk);
}

function copyArray(value: any[], depth: number, walk: Walk) {
  const { length } = value;
  if (!isDense(value)) return copyUnusual(value, [], depth, walk);
  // As long as it has to be: an array that grows has places for 17 elements when it has one.
  const copy = value.slice();
  walk.seen.set(value, copy);
  let names: number[] | undefined;
  let parts: any[] | undefined;
  for (let at = 0; at < length; at += 1) {
    const item = copy[at];
    if (typeof item === "string" || typeof item === "number") continue;
    const own = copyValue(item, depth + 1, walk);
    if (own !== item) copy[at] = own;
    if (walk.part === undefined) continue;
    (names ??= []).push(at);
    (parts ??= []).push(walk.part);
  }
  return finished(ARRAY, copy, names, parts, walk);
}

/** Whether an array has all of its elements and nothing else; a very long one is asked for its elements only. */
function isDense(value: any[]) {
  const { length } = value;
  if (length > SEARCHED) {
    for (let at = 0; at < length; at += 1) if (value[at] === undefined && !hasOwn(value, at)) return false;
    return true;
  }
  const own = getOwnPropertyNames(value);
  // Indices come first: none is missing where "length" is next, and nothing else is there where it is the last.
  return own.length === length + 1 && own[length] === "length" && getOwnPropertySymbols(value).length === 0;
}

/**
 * An object or array with members that are not enumerable, are named by symbols or stand beside elements, with holes, without
 * a prototype, or with that of another realm. Each member keeps whether it is enumerable.
 *
 * @param copy empty, with the right prototype
 */
function copyUnusual(value: any, copy: any, depth: number, walk: Walk) {
  walk.seen.set(value, copy);
  let names: PropertyKey[] | undefined;
  let parts: any[] | undefined;
  for (const key of ownKeys(value)) {
    const found = getOwnPropertyDescriptor(value, key);
    if (found === undefined) continue;
    if (!found.enumerable && found.get !== undefined) throw new Unfaithful("the value holds a hidden accessor, which has no copy");
    const item = copyValue(value[key], depth + 1, walk);
    if (walk.part !== undefined) {
      (names ??= []).push(key);
      (parts ??= []).push(walk.part);
    }
    place(copy, key, item, found.enumerable === true);
  }
  return finished(UNUSUAL, copy, names, parts, walk);
}

function place(object: any, key: PropertyKey, value: any, enumerable: boolean) {
  // The length of an array cannot be configured.
  if (key === "length" && isArray(object)) object.length = value;
  else defineProperty(object, key, { value, enumerable, writable: true, configurable: true });
}

/** A built-in object, or one of a user's own type. */
function copySpecial(value: any, prototype: object, depth: number, walk: Walk) {
  const kind = kindOf(value, prototype);
  if (kind === undefined) return copyCustom(value, walk);
  const copy = copyBuiltIn(value, kind);
  if (copy === undefined) throw new Unfaithful(`the value holds a ${kind.name}, which has no copy`);
  walk.seen.set(value, copy);
  walk.mutable ||= kind.mutable;
  if (kind.name === "Map") return copyMap(value, copy, depth, walk);
  if (kind.name === "Set") return copySet(value, copy, depth, walk);
  if (kind.mutable) {
    walk.part = copy;
    return copy;
  }
  if (hasOwn(copy, "cause")) {
    copy.cause = copyValue(value.cause, depth + 1, walk);
    if (walk.frozen && walk.part !== undefined) throw TANGLED;
  }
  return walk.frozen ? freeze(copy) : copy;
}

function copyMap(value: Map<any, any>, copy: Map<any, any>, depth: number, walk: Walk) {
  const content: any[] = [];
  Map.prototype.forEach.call(value, (item, key) => content.push(key, item));
  const { items, names, parts } = copyItems(content, depth, walk);
  for (let at = 0; at < items.length; at += 2) copy.set(items[at], items[at + 1]);
  walk.part = new Branch(MAP, { of: copy, items }, names, parts);
  return copy;
}

function copySet(value: Set<any>, copy: Set<any>, depth: number, walk: Walk) {
  const content: any[] = [];
  Set.prototype.forEach.call(value, (item) => content.push(item));
  const { items, names, parts } = copyItems(content, depth, walk);
  for (const item of items) copy.add(item);
  walk.part = new Branch(SET, { of: copy, items }, names, parts);
  return copy;
}

function copyItems(content: any[], depth: number, walk: Walk) {
  const names: number[] = [];
  const parts: any[] = [];
  const items = content.map((item, at) => {
    const copy = copyValue(item, depth + 1, walk);
    if (walk.part !== undefined) {
      names.push(at);
      parts.push(walk.part);
    }
    return copy;
  });
  return { items, names, parts };
}

function copyCustom(value: any, walk: Walk) {
  const copy = walk.clone?.(value);
  if (copy === undefined) {
    throw new Unfaithful(isShared(value) ? "the value holds a view of a SharedArrayBuffer, which has no copy" : `the value holds a ${nameOf(value)}, which has no copy`);
  }
  walk.seen.set(value, (copy as object));
  // A user's function that gives the object back says that it never changes.
  if (copy === value || typeof copy !== "object" || copy === null) return copy;
  walk.mutable = true;
  walk.part = new Custom(copy, (walk.clone as CloneHook));
  return copy;
}

/** Names of the branch made last: rows of one table share a list. */
let lastNames: readonly any[] = [];

function finished(kind: number, copy: any, names: PropertyKey[] | undefined, parts: any[] | undefined, walk: Walk) {
  if (!walk.frozen) walk.part = undefined;
  else if (names === undefined || parts === undefined) {
    freeze(copy);
    walk.part = undefined;
  } else {
    if (names.length !== lastNames.length || names.some((name, at) => name !== lastNames[at])) lastNames = names;
    // Not frozen: it is given to nobody, and copying a frozen object takes longer. The list is made as long as it has to be.
    walk.part = new Branch(kind, copy, lastNames, parts.slice());
  }
  return copy;
}

// -- giving out -------------------------------------------------------------------------------------------------------

function renew(part: any): any {
  if (part instanceof Branch) return renewBranch(part);
  if (part instanceof Custom) return part.clone(part.value);
  const prototype = getPrototypeOf(part);
  if (isDatePrototype(prototype)) return copyDate(part);
  const kind = kindOf(part, prototype);
  return kind === undefined ? part : copyBuiltIn(part, kind);
}

function renewBranch({ kind, base, names, parts }: Branch) {
  let copy: any;
  switch (kind) {
    case OBJECT:
      copy = { ...base };
      break;
    case ARRAY:
      copy = base.slice();
      break;
    case UNUSUAL:
      copy = isArray(base) ? setPrototypeOf([], getPrototypeOf(base)) : create(getPrototypeOf(base));
      for (const key of ownKeys(base)) {
        const { value, enumerable } = (getOwnPropertyDescriptor(base, key) as PropertyDescriptor);
        place(copy, key, value, enumerable === true);
      }
      break;
    default:
      return renewContent(kind, base, names, parts);
  }
  for (let at = 0; at < names.length; at += 1) copy[names[at]] = renew(parts[at]);
  return copy;
}

function renewContent(kind: number, { of, items }: { of: object, items: any[] }, names: readonly any[], parts: readonly any[]) {
  const content = items.slice();
  for (let at = 0; at < names.length; at += 1) content[names[at]] = renew(parts[at]);
  const copy = new (of.constructor as any)();
  if (kind === SET) for (const item of content) copy.add(item);
  else for (let at = 0; at < content.length; at += 2) copy.set(content[at], content[at + 1]);
  return copy;
}

// -- what cannot be copied --------------------------------------------------------------------------------------------

/** Whether somebody gave `Object.prototype` an enumerable member. */
function isPolluted() {
  for (const _ in plainPrototype) return true;
  return false;
}

/** Whether this is the `Object.prototype` of another realm. */
function isForeignPlain(prototype: object) {
  return getPrototypeOf(prototype) === null && hasOwn(prototype, "isPrototypeOf") && hasOwn(prototype, "constructor");
}

function reporting<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const unfaithful = cause instanceof Unfaithful;
    const error = new TypeError(unfaithful ? cause.sentence : "the value could not be read", unfaithful ? undefined : { cause });
    throw Object.assign(error, { code: ERR_SNAPSHOT });
  }
}

/** A finding on its way up, apart from whatever the caller's own code throws. */
class Unfaithful {
  sentence: string;

  constructor(sentence: string) {
    this.sentence = sentence;
  }
}
