/**
 * Built-in objects that have a faithful copy: which they are, and how each is copied.
 *
 * An object counts as built-in when it has the built-in prototype of its kind and nothing of its own besides. A subclass, or
 * a Date with a method of its own, is somebody's own type, and copying it would lose what makes it one. Objects of another
 * realm (a vm context, jest's sandbox) are built-in too, and their copies belong to that realm, so that `instanceof` says
 * there what it said of the original. Knows nothing of trees, callers or caches.
 */

const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, hasOwn } = Object;
const { ownKeys } = Reflect;
const { toString } = Object.prototype;
/** The host's own, whatever fake timers put in its place later. */
const HostDate = Date;
const getTime = HostDate.prototype.getTime;
const functionText = Function.prototype.toString;
const bufferOf = (getter(DataView.prototype, "buffer") as (view: DataView) => ArrayBuffer);
const { min } = Math;

function getter(prototype: object, name: string) {
  const { get } = (getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor & { get: Function });
  return (value: any) => get.call(value);
}

const TYPED = [
  "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array", "Float16Array",
  "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array",
];
const ERRORS = ["Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError"];
const BOXED = ["Boolean", "Number", "String"];

/** What an Error may have of its own and still be no more than an Error. */
const ERROR_MEMBERS = ["stack", "message", "cause"];

export type Kind = { name: string, mutable: boolean, copy: (value: any, Class: any) => any };

const KINDS: Map<string, Kind> = new Map();
const define = (names: string[], mutable: boolean, copy: (value: any, Class: any) => any) => names.forEach((name) => KINDS.set(name, { name, mutable, copy }));

define(["Date"], true, (value, Class) => new Class(getTime.call(value)));
define(["RegExp"], true, (value, Class) => {
  const copy = new Class(value.source, value.flags);
  copy.lastIndex = value.lastIndex;
  return copy;
});
define(TYPED, true, (value, Class) => new Class(value));
define(["ArrayBuffer"], true, (value) => (value.resizable === true ? undefined : value.slice(0)));
define(["DataView"], true, (value, Class) => {
  const { byteOffset, byteLength } = value;
  return new Class(bufferOf(value).slice(byteOffset, byteOffset + byteLength));
});
// A small Buffer lies in a pool that others share, so its copy is made over memory of its own.
define(["Buffer"], true, (value, Class) => Class.from(new Uint8Array(value).buffer));
// What Map and Set hold is copied by whoever walks the tree; here only the empty container is made.
define(["Map", "Set"], true, (_, Class) => new Class());
define(ERRORS, false, (value, Class) => {
  const copy = new Class();
  for (const name of ERROR_MEMBERS) {
    if (hasOwn(value, name)) defineProperty(copy, name, { value: value[name], writable: true, configurable: true, enumerable: false });
    else delete copy[name];
  }
  return copy;
});
define(BOXED, false, (value, Class) => new Class(value.valueOf()));
define(["BigInt"], false, (value) => Object(value.valueOf()));

/** The kinds of this realm by prototype. */
const OWN: Map<object, Kind> = new Map();
for (const [name, kind] of KINDS) {
  const prototype = name === "Buffer" ? undefined : (globalThis as any)[name]?.prototype;
  if (prototype !== undefined) OWN.set(prototype, kind);
}

/**
 * The kind of a built-in object that can be copied; undefined for every other.
 *
 * @param prototype of the value
 */
export function kindOf(value: object, prototype: object | null): Kind | undefined {
  if (prototype === null) return undefined;
  const kind = OWN.get(prototype) ?? hostKind(prototype) ?? foreignKind(value, prototype);
  return kind !== undefined && isBare(value, kind) ? kind : undefined;
}

/** Kinds that this host adds, or that it has replaced. */
function hostKind(prototype: object) {
  if (prototype === globalThis.Buffer?.prototype) return KINDS.get("Buffer");
  // Fake timers put a class of their own in the place of Date while they are installed.
  return prototype === globalThis.Date.prototype ? KINDS.get("Date") : undefined;
}

function foreignKind(value: object, prototype: object) {
  const tag = tagOf(value);
  const kind = KINDS.get(tag === "Error" ? String((prototype as any).name) : tag);
  if (kind === undefined) return undefined;
  if (isBuiltInPrototype(prototype, kind.name)) return kind;
  const above = getPrototypeOf(prototype);
  const isBuffer = classOf(prototype)?.name === "Buffer" && above !== null && isBuiltInPrototype(above, "Uint8Array");
  return isBuffer ? KINDS.get("Buffer") : undefined;
}

/** The class that a prototype belongs to. */
function classOf(prototype: object): any {
  const Class = getOwnPropertyDescriptor(prototype, "constructor")?.value;
  return typeof Class === "function" && Class.prototype === prototype ? Class : undefined;
}

/** Whether this is the prototype of a class that a host made: its source is not to be had. */
function isBuiltInPrototype(prototype: object, name: string) {
  const Class = classOf(prototype);
  return Class?.name === name && /\{\s*\[native code\]\s*\}\s*$/.test(functionText.call(Class));
}

/** Whether a built-in object has nothing of its own besides what its kind has. */
function isBare(value: any, { name }: Kind) {
  switch (name) {
    case "Date":
      // A fake Date says which class it stands in for.
      return ownKeys(value).every((key) => key === "constructor");
    case "RegExp":
      return ownKeys(value).length === 1;
    case "String":
      return ownKeys(value).length === value.length + 1;
    default:
      if (ERRORS.includes(name)) return ownKeys(value).every((key) => ERROR_MEMBERS.includes(String(key)));
      if (ArrayBuffer.isView(value) && name !== "DataView") {
        const { length } = (value as Uint8Array);
        return !isShared(value) && (length > SEARCHED || ownKeys(value).length === length);
      }
      return !isShared(value) && ownKeys(value).length === 0;
  }
}

/** Whether others see what is written into this memory. */
export function isShared(value: any) {
  return ArrayBuffer.isView(value) && tagOf(value.buffer) === "SharedArrayBuffer";
}

/** A copy of a built-in object; undefined where it has none after all. Throws for what only pretends to be of its kind. */
export function copyBuiltIn(value: any, kind: Kind) {
  const prototype = getPrototypeOf(value);
  // A fake Date is copied as one of the class that it stands in for.
  const isFake = kind.name === "Date" && getPrototypeOf(prototype) === HostDate.prototype;
  return kind.copy(value, isFake ? HostDate : prototype.constructor);
}

/** A copy of a Date of this realm, which nearly all mutable parts of an answer are. */
export const copyDate = (date: Date) => new HostDate(getTime.call(date));

/** Whether this is the prototype of this realm's Dates. */
export const isDatePrototype = (prototype: object | null) => prototype === HostDate.prototype;

/** Longer arrays are not searched for members of their own: that lists every index as a string. */
export const SEARCHED = 65_536;

/** @returns "Map", "Date", "Response" */
export function tagOf(value: object): string {
  return toString.call(value).slice(8, -1);
}

/** What an object is, for the sentence of a refusal. */
export function nameOf(value: object) {
  const { constructor } = (value as any);
  const name = typeof constructor === "function" ? constructor.name : "";
  return typeof name === "string" && name !== "" && name !== "Object" ? name.slice(0, min(name.length, 80)) : tagOf(value);
}
