// Generated from src/bindings/host/ by `make generate`. Do not edit.
// src/bindings/host/contract.ts
var REFUSALS = [
  "invalidated",
  "mutation-active",
  "superseded",
  "too-large",
  "out-of-memory",
  "not-storable",
  "too-late",
  "unknown-load",
  "no-lifetime",
  "not-cloneable",
  "too-many-tags"
];
var BYPASS_REASONS = [
  "collision",
  "too-many-loads",
  "too-many-followers",
  "not-joinable",
  "out-of-memory"
];
var KEY_FAULTS = [
  "params",
  "user-id",
  "key-length",
  "endpoint"
];
var REMOVAL_REASONS = [
  "deleted",
  "expired",
  "evicted",
  "invalidated",
  "abandoned"
];
var EVENTS = [
  "hit",
  "miss",
  "set",
  "invalidated",
  "cleared",
  "expired"
];
var ALONE = 1;
var LOOK = 2;
var REQUEST = 4;
var HIT = 0;
var STALE = 1;
var MISS = 2;
var JOIN = 3;
var BYPASS = 4;
var SLOT = 0;
var LOAD = 1;
var RESERVED = 2;
var COUNT = 3;
var ANSWERS = 4;
var MAX_KEY = 1024;
var MAX_TEXT = 65536;
var MAX_DEPTH = 100;
var MAX_PATTERN = 4096;
var MAX_TAGS = 1024;
var MAX_TAGS_TEXT = 16384;
var LIMITS = {
  maxEntries: 1e4,
  maxBytes: 67108864,
  maxEntryBytes: 8388608,
  maxLoads: 1e4,
  maxFollowers: Infinity,
  maxLoadMs: 3e4,
  maxMutationMs: 6e4,
  defaultTtlMs: 3e5
};

// src/bindings/host/errors.ts
var CLASSES = [TypeError, RangeError, SyntaxError, Error];
function coded(kind2, code, sentence, position = -1) {
  const error = new (CLASSES[kind2] ?? Error)(sentence);
  return Object.assign(error, position < 0 ? { code } : { code, position });
}
var isLength = (error) => error?.code === "ERR_KEY_LENGTH";
var typeError = (sentence, code = "ERR_OPTION") => coded(0, code, sentence);
var rangeError = (sentence, code = "ERR_OPTION") => coded(1, code, sentence);

// src/bindings/host/values.ts
function describe(value) {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`;
  if (typeof value === "object" && value !== null) return isArray(value) ? "an array" : "an object";
  return String(value);
}
function isArray(value) {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}
function kindOf(value) {
  if (typeof value !== "object" || value === null) return describe(value);
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return tag === "Object" ? "an object with a class" : `${/^[AEIOU]/.test(tag) ? "an" : "a"} ${tag === "Array" ? "array" : tag}`;
}
function isRecord(value) {
  return typeof value === "object" && value !== null && Object.prototype.toString.call(value) === "[object Object]";
}
function isPlain(value) {
  if (!isRecord(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
function isWellFormed(text) {
  return text.isWellFormed();
}
function isRegExp(value) {
  return Object.prototype.toString.call(value) === "[object RegExp]";
}
function bytesAt({ buffer }, start, length) {
  return new Uint8Array(buffer, start, length);
}

// src/bindings/host/validate.ts
var MAX_NAME = MAX_KEY;
var CONTROL = /[\0-\x1f\x7f-\x9f]/;
function enter(hostStore) {
  if (hostStore.disposed) throw coded(3, "ERR_DISPOSED", "this cache was disposed of and cannot be used any more");
  hostStore.refresh();
}
function enterKey(hostStore, key) {
  enter(hostStore);
  if (typeof key !== "string") throw typeError(`a key is a string, not ${describe(key)}`, "ERR_KEY");
  if (key === "") throw typeError("a key has at least one character", "ERR_KEY");
  if (key.length > MAX_KEY) {
    throw typeError(`a key has ${MAX_KEY} characters at most, not ${key.length}`, "ERR_KEY_LENGTH");
  }
  if (!isWellFormed(key)) {
    throw typeError("a key is well-formed Unicode, and this one holds a lone surrogate", "ERR_KEY");
  }
}
function readText(value, what, code = "ERR_ENDPOINT") {
  if (typeof value === "string") {
    if (value.length > MAX_NAME) throw tooLong(what, value, code);
    if (isWellFormed(value)) return value;
  }
  throw typeError(`${what} is a string of well-formed Unicode, not ${describe(value)}`, code);
}
function tooLong(what, name, code) {
  return typeError(`${what} has ${MAX_NAME} characters at most, not ${name.length}`, code);
}
function readUser(value) {
  if (value === void 0 || value === null) return void 0;
  if (Number.isFinite(value)) return String(value);
  if (typeof value === "string" && value.length > MAX_NAME) throw tooLong("a user id", value, "ERR_KEY_LENGTH");
  const id = readText(value, "a user id", "ERR_USER_ID");
  if (id === "") throw typeError("a user id has at least one character", "ERR_USER_ID");
  return id;
}
function readNames(list, what) {
  const refuse3 = (given) => typeError(`${what} is an array of non-empty strings without control characters, not ${given}`);
  if (!Array.isArray(list)) throw refuse3(describe(list));
  return Array.from(list, (item) => {
    if (typeof item === "string" && item.length > MAX_NAME) throw tooLong(`each of ${what}`, item, "ERR_OPTION");
    if (typeof item === "string" && item !== "" && isWellFormed(item) && !CONTROL.test(item)) return item;
    throw refuse3(`one that holds ${describe(item)}`);
  });
}

// src/bindings/host/contexts.ts
var storage;
var open = 0;
var costly = false;
var isOn = false;
var Inside = class {
  constructor() {
    this.awaits = void 0;
  }
};
function hooks() {
  const { process } = globalThis;
  return process?.getBuiltinModule?.("node:async_hooks");
}
function find() {
  const { AsyncContext, AsyncLocalStorage = hooks()?.AsyncLocalStorage, process, Bun, Deno } = globalThis;
  if (typeof AsyncContext?.Variable === "function") {
    const variable = new AsyncContext.Variable();
    return { run: (inside, run) => variable.run(inside, run), getStore: () => variable.get() };
  }
  if (typeof AsyncLocalStorage !== "function") return null;
  costly = Bun === void 0 && Deno === void 0 && Number.parseInt(process?.versions?.node ?? "24", 10) < 24;
  return new AsyncLocalStorage();
}
function beginInside() {
  if (storage === void 0) {
    try {
      storage = find();
    } catch {
      storage = null;
    }
  }
  if (storage === null) return void 0;
  open += 1;
  return new Inside();
}
function endInside() {
  open -= 1;
}
function runInside(inside, run) {
  if (inside === void 0 || !storage) return run();
  isOn = costly;
  return storage.run(inside, run);
}
function insideOf() {
  return open > 0 ? storage?.getStore() : void 0;
}
function awaits(from, to, seen2 = /* @__PURE__ */ new Set()) {
  if (from === to) return true;
  if (from.awaits === void 0 || seen2.has(from)) return false;
  seen2.add(from);
  for (const next of from.awaits) {
    if (awaits(next, to, seen2)) return true;
  }
  return false;
}
function inContextOfNow() {
  try {
    const { AsyncContext, AsyncLocalStorage = hooks()?.AsyncLocalStorage } = globalThis;
    if (typeof AsyncContext?.Snapshot === "function") {
      const snapshot2 = new AsyncContext.Snapshot();
      return (run) => snapshot2.run(run);
    }
    return AsyncLocalStorage?.snapshot?.();
  } catch {
    return void 0;
  }
}
function runBy(place2, run) {
  return new Promise((resolve, reject) => {
    const once = () => {
      try {
        const result = run();
        resolve(result);
        return result;
      } catch (error) {
        return reject(error);
      }
    };
    let next = once;
    const placed = place2(() => {
      const call = next;
      next = void 0;
      return call?.();
    });
    Promise.resolve(placed).catch(reject);
  });
}

// src/bindings/host/core.ts
var FAILED = -1e3;
function attempt(core, work, otherwise) {
  return core.attempt === void 0 ? work() : core.attempt(work, otherwise);
}

// src/bindings/host/tags.ts
var encoder = new TextEncoder();
var TOO_MANY_TAGS = Object.freeze([]);
function areTooMany(tags) {
  return bounded(tags) === TOO_MANY_TAGS;
}
function bounded(tags) {
  if (tags === TOO_MANY_TAGS || fits(tags)) return tags;
  const each = Array.from(new Set(tags));
  return fits(each) ? each : TOO_MANY_TAGS;
}
function enough(tags) {
  return areTooMany(tags) ? Array.from(new Set(tags)).slice(0, MAX_TAGS + 1) : tags;
}
function warnOfTags(hostStore, key) {
  const text = `a value has more than ${MAX_TAGS} tags, or more than ${MAX_TAGS_TEXT} bytes of text in them, and is not stored: give it fewer`;
  hostStore.warnings.once(key.split(":", 1)[0], "too-many-tags", text);
}
function fits(tags) {
  if (tags.length > MAX_TAGS) return false;
  let text = 0;
  for (const tag of tags) text += tag.length;
  return text <= MAX_TAGS_TEXT / 3 || text <= MAX_TAGS_TEXT && encoder.encode(tags.join("")).length <= MAX_TAGS_TEXT;
}
function joined(tags, more) {
  return tags === TOO_MANY_TAGS || areTooMany(more) ? TOO_MANY_TAGS : bounded([...tags, ...more]);
}

// src/bindings/host/load-results.ts
var UNKNOWN = "unknown-load";
var writeTags = (hostStore, tags, at) => tags.length > 0 ? hostStore.writeText(tags.join("\n"), at) : 0;
function fill(core, { loadId, key }, storable) {
  const { value, ttl, window, jitter, tags } = storable;
  if (tags === TOO_MANY_TAGS) {
    warnOfTags(core.hostStore, key);
    return refuse(core, loadId, key, "too-many-tags");
  }
  return attempt(
    core,
    () => {
      enter(core.hostStore);
      const bytes = core.hostStore.bytesOf(key, value);
      const now = core.hostStore.writeNow();
      const result = core.fill(loadId, writeTags(core.hostStore, tags, 0), ttl, window, bytes, jitter, now);
      return stored(core, key, value, bytes, now, result);
    },
    () => "failure"
  );
}
function fillSince(core, moment, key, request, hasUser, storable) {
  const { value, ttl, window, jitter, tags } = storable;
  if (tags === TOO_MANY_TAGS) {
    warnOfTags(core.hostStore, key);
    return refuse(core, -1, key, "too-many-tags");
  }
  if (!(ttl > 0)) return refuse(core, -1, key, "no-lifetime");
  return attempt(
    core,
    () => {
      const { hostStore } = core;
      enter(hostStore);
      const bytes = hostStore.bytesOf(key, value);
      const now = hostStore.writeNow();
      const length = request === void 0 ? hostStore.writeText(key) : core.requestKey(hostStore.writeText(request), hasUser);
      const tagBytes = writeTags(hostStore, tags, length);
      const result = core.fillSince(moment, hostStore.find(key), length, tagBytes, ttl, window, bytes, jitter, request !== void 0, now);
      return stored(core, key, value, bytes, now, result);
    },
    () => "failure"
  );
}
function stored(core, key, value, bytes, now, result) {
  const { hostStore } = core;
  if (result < 0) return refused(hostStore, key, result);
  if (!hostStore.put(result, key, value)) {
    core.takeBack(result);
    return told(hostStore, key, "out-of-memory");
  }
  const { observer } = hostStore;
  if (observer !== void 0) {
    observer.set(key, ((hostStore.deadlines[result] ?? now) - now) / 1e3, bytes);
    observer.flush();
  }
  return void 0;
}
function refused(hostStore, key, result) {
  if (result === FAILED) return "failure";
  const reason = REFUSALS[-1 - result] ?? UNKNOWN;
  return reason === UNKNOWN ? reason : told(hostStore, key, reason);
}
function told(hostStore, key, reason) {
  const { observer, reasons } = hostStore;
  if (observer !== void 0) {
    observer.refused(key, reason);
    observer.flush();
  }
  reasons.refused(key, reason);
  return reason;
}
function refuse(core, load, key, reason = "not-storable") {
  const known = REFUSALS.indexOf(reason);
  const number = known >= 0 ? known : REFUSALS.indexOf("not-storable");
  return attempt(
    core,
    () => {
      enter(core.hostStore);
      return refused(core.hostStore, key, core.refuse(load, number, core.hostStore.writeNow()));
    },
    () => "failure"
  );
}
function abandon(core, load, key, retryBackoff, error) {
  return attempt(
    core,
    () => {
      enter(core.hostStore);
      const moment = core.abandon(load, retryBackoff, core.hostStore.writeNow());
      const { answer: answer2, observer } = core.hostStore;
      if (observer !== void 0 && answer2[COUNT] === 1) {
        observer.failed(key, error);
        observer.flush();
      }
      return moment < 0 ? void 0 : moment;
    },
    () => void 0
  );
}

// src/bindings/host/builtins.ts
var { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, hasOwn } = Object;
var { ownKeys } = Reflect;
var { toString } = Object.prototype;
var HostDate = Date;
var getTime = HostDate.prototype.getTime;
var functionText = Function.prototype.toString;
var bufferOf = getter(DataView.prototype, "buffer");
var { min } = Math;
function getter(prototype, name) {
  const { get } = getOwnPropertyDescriptor(prototype, name);
  return (value) => get.call(value);
}
var TYPED = [
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float16Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array"
];
var ERRORS = ["Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError"];
var BOXED = ["Boolean", "Number", "String"];
var ERROR_MEMBERS = ["stack", "message", "cause"];
var KINDS = /* @__PURE__ */ new Map();
var define = (names, mutable, copy2) => names.forEach((name) => KINDS.set(name, { name, mutable, copy: copy2 }));
define(["Date"], true, (value, Class) => new Class(getTime.call(value)));
define(["RegExp"], true, (value, Class) => {
  const copy2 = new Class(value.source, value.flags);
  copy2.lastIndex = value.lastIndex;
  return copy2;
});
define(TYPED, true, (value, Class) => new Class(value));
define(["ArrayBuffer"], true, (value) => value.resizable === true ? void 0 : value.slice(0));
define(["DataView"], true, (value, Class) => {
  const { byteOffset, byteLength } = value;
  return new Class(bufferOf(value).slice(byteOffset, byteOffset + byteLength));
});
define(["Buffer"], true, (value, Class) => Class.from(new Uint8Array(value).buffer));
define(["Map", "Set"], true, (_, Class) => new Class());
define(ERRORS, false, (value, Class) => {
  const copy2 = new Class();
  for (const name of ERROR_MEMBERS) {
    if (hasOwn(value, name)) defineProperty(copy2, name, { value: value[name], writable: true, configurable: true, enumerable: false });
    else delete copy2[name];
  }
  return copy2;
});
define(BOXED, false, (value, Class) => new Class(value.valueOf()));
define(["BigInt"], false, (value) => Object(value.valueOf()));
var OWN = /* @__PURE__ */ new Map();
for (const [name, kind2] of KINDS) {
  const prototype = name === "Buffer" ? void 0 : globalThis[name]?.prototype;
  if (prototype !== void 0) OWN.set(prototype, kind2);
}
function kindOf2(value, prototype) {
  if (prototype === null) return void 0;
  const kind2 = OWN.get(prototype) ?? hostKind(prototype) ?? foreignKind(value, prototype);
  return kind2 !== void 0 && isBare(value, kind2) ? kind2 : void 0;
}
function hostKind(prototype) {
  if (prototype === globalThis.Buffer?.prototype) return KINDS.get("Buffer");
  return prototype === globalThis.Date.prototype ? KINDS.get("Date") : void 0;
}
function foreignKind(value, prototype) {
  const tag = tagOf(value);
  const kind2 = KINDS.get(tag === "Error" ? String(prototype.name) : tag);
  if (kind2 === void 0) return void 0;
  if (isBuiltInPrototype(prototype, kind2.name)) return kind2;
  const above = getPrototypeOf(prototype);
  const isBuffer = classOf(prototype)?.name === "Buffer" && above !== null && isBuiltInPrototype(above, "Uint8Array");
  return isBuffer ? KINDS.get("Buffer") : void 0;
}
function classOf(prototype) {
  const Class = getOwnPropertyDescriptor(prototype, "constructor")?.value;
  return typeof Class === "function" && Class.prototype === prototype ? Class : void 0;
}
function isBuiltInPrototype(prototype, name) {
  const Class = classOf(prototype);
  return Class?.name === name && /\{\s*\[native code\]\s*\}\s*$/.test(functionText.call(Class));
}
function isBare(value, { name }) {
  switch (name) {
    case "Date":
      return ownKeys(value).every((key) => key === "constructor");
    case "RegExp":
      return ownKeys(value).length === 1;
    case "String":
      return ownKeys(value).length === value.length + 1;
    default:
      if (ERRORS.includes(name)) return ownKeys(value).every((key) => ERROR_MEMBERS.includes(String(key)));
      if (ArrayBuffer.isView(value) && name !== "DataView") {
        const { length } = value;
        return !isShared(value) && (length > SEARCHED || ownKeys(value).length === length);
      }
      return !isShared(value) && ownKeys(value).length === 0;
  }
}
function isShared(value) {
  return ArrayBuffer.isView(value) && tagOf(value.buffer) === "SharedArrayBuffer";
}
function copyBuiltIn(value, kind2) {
  const prototype = getPrototypeOf(value);
  const isFake = kind2.name === "Date" && getPrototypeOf(prototype) === HostDate.prototype;
  return kind2.copy(value, isFake ? HostDate : prototype.constructor);
}
var copyDate = (date) => new HostDate(getTime.call(date));
var isDatePrototype = (prototype) => prototype === HostDate.prototype;
var SEARCHED = 65536;
function tagOf(value) {
  return toString.call(value).slice(8, -1);
}
function nameOf(value) {
  const { constructor } = value;
  const name = typeof constructor === "function" ? constructor.name : "";
  return typeof name === "string" && name !== "" && name !== "Object" ? name.slice(0, min(name.length, 80)) : tagOf(value);
}

// src/bindings/host/snapshot.ts
var ERR_SNAPSHOT = "ERR_SNAPSHOT";
var MAX_DEPTH2 = 1e3;
var isWide = (names) => names.length > 16 && names.length <= 128 && !/\d$|.{21}/.test(names[names.length - 1] ?? "");
var {
  create,
  defineProperty: defineProperty2,
  entries,
  freeze,
  fromEntries,
  getOwnPropertyDescriptor: getOwnPropertyDescriptor2,
  getOwnPropertyNames,
  getOwnPropertySymbols,
  getPrototypeOf: getPrototypeOf2,
  hasOwn: hasOwn2,
  isFrozen,
  keys,
  setPrototypeOf
} = Object;
var { isArray: isArray2 } = Array;
var { ownKeys: ownKeys2 } = Reflect;
var plainPrototype = Object.prototype;
var arrayPrototype = Array.prototype;
var TANGLED = /* @__PURE__ */ Symbol("tangled");
var made = /* @__PURE__ */ new WeakMap();
var SHARED = /* @__PURE__ */ Symbol("shared");
var VOUCHED = /* @__PURE__ */ Symbol("vouched");
var OBJECT = 0;
var ARRAY = 1;
var MAP = 2;
var SET = 3;
var UNUSUAL = 4;
var Branch = class {
  /**
   * @param base the stored copy; for a Map or a Set its content as an array
   * @param names of the members to renew
   * @param parts what stands there: a `Branch`, or something mutable
   */
  constructor(kind2, base, names, parts) {
    this.kind = kind2;
    this.base = base;
    this.names = names;
    this.parts = parts;
  }
};
var Custom = class {
  constructor(value, clone) {
    this.value = value;
    this.clone = clone;
  }
};
var Recipe = class {
  /**
   * @param value the stored copy
   * @param part a `Branch` or something mutable; undefined where the whole value is copied
   */
  constructor(value, part, clone) {
    this.value = value;
    this.part = part;
    this.clone = clone;
  }
  renew() {
    return this.part === void 0 ? copyOf(this.value, this.clone) : renew(this.part);
  }
  /** Whether a user's function is needed to renew it, which may throw. */
  get isCustom() {
    return this.clone !== void 0;
  }
};
var newWalk = (frozen, clone) => ({ seen: /* @__PURE__ */ new Map(), frozen, unusual: isPolluted(), mutable: false, part: void 0, clone });
function snapshot(value, clone) {
  if ((typeof value !== "object" || value === null) && typeof value !== "function" && typeof value !== "symbol") return { value, shared: true };
  return reporting(() => {
    const walk2 = newWalk(true, clone);
    let copy2;
    try {
      copy2 = copyValue(value, 0, walk2);
      if (walk2.part !== void 0) return kept(copy2, new Recipe(copy2, walk2.part, clone));
    } catch (cause) {
      if (cause !== TANGLED) throw cause;
      const loose = newWalk(false, clone);
      copy2 = copyValue(value, 0, loose);
      if (loose.mutable) return kept(copy2, new Recipe(copy2, void 0, clone));
      for (const object of loose.seen.values()) freeze(object);
    }
    made.set(copy2, SHARED);
    return { value: copy2, shared: true };
  });
}
function kept(value, recipe) {
  made.set(value, recipe);
  return { value, shared: false };
}
function copyOf(value, clone) {
  if (typeof value !== "object" || value === null) return typeof value === "function" ? snapshot(value) : value;
  return reporting(() => copyValue(value, 0, newWalk(false, clone)));
}
function looseCopy(value, clone) {
  const copy2 = copyOf(value, clone);
  if (typeof copy2 === "object" && copy2 !== null) made.set(copy2, new Recipe(copy2, void 0, clone));
  return copy2;
}
function cloneSnapshot(value) {
  const recipe = made.get(value);
  return recipe instanceof Recipe ? recipe.renew() : copyOf(value);
}
function recipeOf(value) {
  if (typeof value !== "object" || value === null) return void 0;
  const recipe = made.get(value);
  return recipe instanceof Recipe ? recipe : void 0;
}
function isShareable(value) {
  if (typeof value !== "object" || value === null) return true;
  const how = made.get(value);
  return how === SHARED || how === VOUCHED;
}
function isVouched(value) {
  return typeof value === "object" && value !== null && made.get(value) === VOUCHED;
}
function copyValue(value, depth, walk2) {
  walk2.part = void 0;
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
  const known = walk2.seen.get(value);
  if (known !== void 0) {
    if (walk2.frozen && !isFrozen(known)) throw TANGLED;
    return known;
  }
  if (depth === MAX_DEPTH2) throw new Unfaithful(`the value nests deeper than ${MAX_DEPTH2} levels`);
  const prototype = getPrototypeOf2(value);
  if (prototype === plainPrototype) return copyObject(value, depth, walk2);
  if (isArray2(value)) {
    if (prototype === arrayPrototype) return copyArray(value, depth, walk2);
    if (prototype !== null && isArray2(prototype)) return copyUnusual(value, setPrototypeOf([], prototype), depth, walk2);
  } else if (prototype === null || isForeignPlain(prototype)) return copyUnusual(value, create(prototype), depth, walk2);
  return copySpecial(value, prototype, depth, walk2);
}
function copyObject(original, depth, walk2) {
  const own = keys(original);
  if (walk2.unusual || getOwnPropertyNames(original).length !== own.length || getOwnPropertySymbols(original).length > 0) {
    return copyUnusual(original, {}, depth, walk2);
  }
  const wide = isWide(own);
  const copy2 = wide ? fromEntries(entries(original)) : {};
  const value = wide ? copy2 : original;
  walk2.seen.set(original, copy2);
  let names;
  let parts;
  for (const name in value) {
    let item = value[name];
    switch (typeof item) {
      case "object":
        if (item === null) break;
        item = copyValue(item, depth + 1, walk2);
        if (walk2.part === void 0) break;
        (names ??= []).push(name);
        (parts ??= []).push(walk2.part);
        break;
      case "function":
      case "symbol":
        throw new Unfaithful(`the value holds a ${typeof item}, which has no copy`);
    }
    if (name === "__proto__") place(copy2, name, item, true);
    else copy2[name] = item;
  }
  return finished(OBJECT, copy2, names, parts, walk2);
}
function copyArray(value, depth, walk2) {
  const { length } = value;
  if (!isDense(value)) return copyUnusual(value, [], depth, walk2);
  const copy2 = value.slice();
  walk2.seen.set(value, copy2);
  let names;
  let parts;
  for (let at = 0; at < length; at += 1) {
    const item = copy2[at];
    if (typeof item === "string" || typeof item === "number") continue;
    const own = copyValue(item, depth + 1, walk2);
    if (own !== item) copy2[at] = own;
    if (walk2.part === void 0) continue;
    (names ??= []).push(at);
    (parts ??= []).push(walk2.part);
  }
  return finished(ARRAY, copy2, names, parts, walk2);
}
function isDense(value) {
  const { length } = value;
  if (length > SEARCHED) {
    for (let at = 0; at < length; at += 1) if (value[at] === void 0 && !hasOwn2(value, at)) return false;
    return true;
  }
  const own = getOwnPropertyNames(value);
  return own.length === length + 1 && own[length] === "length" && getOwnPropertySymbols(value).length === 0;
}
function copyUnusual(value, copy2, depth, walk2) {
  walk2.seen.set(value, copy2);
  let names;
  let parts;
  for (const key of ownKeys2(value)) {
    const found = getOwnPropertyDescriptor2(value, key);
    if (found === void 0) continue;
    if (!found.enumerable && found.get !== void 0) throw new Unfaithful("the value holds a hidden accessor, which has no copy");
    const item = copyValue(value[key], depth + 1, walk2);
    if (walk2.part !== void 0) {
      (names ??= []).push(key);
      (parts ??= []).push(walk2.part);
    }
    place(copy2, key, item, found.enumerable === true);
  }
  return finished(UNUSUAL, copy2, names, parts, walk2);
}
function place(object, key, value, enumerable) {
  if (key === "length" && isArray2(object)) object.length = value;
  else defineProperty2(object, key, { value, enumerable, writable: true, configurable: true });
}
function copySpecial(value, prototype, depth, walk2) {
  const kind2 = kindOf2(value, prototype);
  if (kind2 === void 0) return copyCustom(value, walk2);
  const copy2 = copyBuiltIn(value, kind2);
  if (copy2 === void 0) throw new Unfaithful(`the value holds a ${kind2.name}, which has no copy`);
  walk2.seen.set(value, copy2);
  walk2.mutable ||= kind2.mutable;
  if (kind2.name === "Map") return copyMap(value, copy2, depth, walk2);
  if (kind2.name === "Set") return copySet(value, copy2, depth, walk2);
  if (kind2.mutable) {
    walk2.part = copy2;
    return copy2;
  }
  if (hasOwn2(copy2, "cause")) {
    copy2.cause = copyValue(value.cause, depth + 1, walk2);
    if (walk2.frozen && walk2.part !== void 0) throw TANGLED;
  }
  return walk2.frozen ? freeze(copy2) : copy2;
}
function copyMap(value, copy2, depth, walk2) {
  const content = [];
  Map.prototype.forEach.call(value, (item, key) => content.push(key, item));
  const { items, names, parts } = copyItems(content, depth, walk2);
  for (let at = 0; at < items.length; at += 2) copy2.set(items[at], items[at + 1]);
  walk2.part = new Branch(MAP, { of: copy2, items }, names, parts);
  return copy2;
}
function copySet(value, copy2, depth, walk2) {
  const content = [];
  Set.prototype.forEach.call(value, (item) => content.push(item));
  const { items, names, parts } = copyItems(content, depth, walk2);
  for (const item of items) copy2.add(item);
  walk2.part = new Branch(SET, { of: copy2, items }, names, parts);
  return copy2;
}
function copyItems(content, depth, walk2) {
  const names = [];
  const parts = [];
  const items = content.map((item, at) => {
    const copy2 = copyValue(item, depth + 1, walk2);
    if (walk2.part !== void 0) {
      names.push(at);
      parts.push(walk2.part);
    }
    return copy2;
  });
  return { items, names, parts };
}
function copyCustom(value, walk2) {
  const copy2 = walk2.clone?.(value);
  if (copy2 === void 0) {
    throw new Unfaithful(isShared(value) ? "the value holds a view of a SharedArrayBuffer, which has no copy" : `the value holds a ${nameOf(value)}, which has no copy`);
  }
  walk2.seen.set(value, copy2);
  if (copy2 === value || typeof copy2 !== "object" || copy2 === null) return copy2;
  walk2.mutable = true;
  walk2.part = new Custom(copy2, walk2.clone);
  return copy2;
}
var lastNames = [];
function finished(kind2, copy2, names, parts, walk2) {
  if (!walk2.frozen) walk2.part = void 0;
  else if (names === void 0 || parts === void 0) {
    freeze(copy2);
    walk2.part = void 0;
  } else {
    if (names.length !== lastNames.length || names.some((name, at) => name !== lastNames[at])) lastNames = names;
    walk2.part = new Branch(kind2, copy2, lastNames, parts.slice());
  }
  return copy2;
}
function renew(part) {
  if (part instanceof Branch) return renewBranch(part);
  if (part instanceof Custom) return part.clone(part.value);
  const prototype = getPrototypeOf2(part);
  if (isDatePrototype(prototype)) return copyDate(part);
  const kind2 = kindOf2(part, prototype);
  return kind2 === void 0 ? part : copyBuiltIn(part, kind2);
}
function renewBranch({ kind: kind2, base, names, parts }) {
  let copy2;
  switch (kind2) {
    case OBJECT:
      copy2 = { ...base };
      break;
    case ARRAY:
      copy2 = base.slice();
      break;
    case UNUSUAL:
      copy2 = isArray2(base) ? setPrototypeOf([], getPrototypeOf2(base)) : create(getPrototypeOf2(base));
      for (const key of ownKeys2(base)) {
        const { value, enumerable } = getOwnPropertyDescriptor2(base, key);
        place(copy2, key, value, enumerable === true);
      }
      break;
    default:
      return renewContent(kind2, base, names, parts);
  }
  for (let at = 0; at < names.length; at += 1) copy2[names[at]] = renew(parts[at]);
  return copy2;
}
function renewContent(kind2, { of, items }, names, parts) {
  const content = items.slice();
  for (let at = 0; at < names.length; at += 1) content[names[at]] = renew(parts[at]);
  const copy2 = new of.constructor();
  if (kind2 === SET) for (const item of content) copy2.add(item);
  else for (let at = 0; at < content.length; at += 2) copy2.set(content[at], content[at + 1]);
  return copy2;
}
function isPolluted() {
  for (const _ in plainPrototype) return true;
  return false;
}
function isForeignPlain(prototype) {
  return getPrototypeOf2(prototype) === null && hasOwn2(prototype, "isPrototypeOf") && hasOwn2(prototype, "constructor");
}
function reporting(work) {
  try {
    return work();
  } catch (cause) {
    const unfaithful = cause instanceof Unfaithful;
    const error = new TypeError(unfaithful ? cause.sentence : "the value could not be read", unfaithful ? void 0 : { cause });
    throw Object.assign(error, { code: ERR_SNAPSHOT });
  }
}
var Unfaithful = class {
  constructor(sentence) {
    this.sentence = sentence;
  }
};

// src/bindings/host/isolation.ts
var ISOLATIONS = ["snapshot", "json", "copy", "reference"];
var fromJson = /* @__PURE__ */ new WeakSet();
var isObject = (value) => typeof value === "object" && value !== null;
function storedForm(value, isolation, clone) {
  if (isolation === "reference" || isVouched(value)) return value;
  if (isolation === "json") return jsonForm(value);
  if (isObject(value)) {
    if (isolation === "copy") return looseCopy(value, clone);
    if (isShareable(value)) return value;
  }
  return snapshot(value, clone).value;
}
function jsonForm(value) {
  if (isObject(value) && fromJson.has(value)) return value;
  const text = JSON.stringify(value);
  if (text === void 0) throw new TypeError(`JSON has no text for ${typeof value}`);
  const { value: form } = snapshot(JSON.parse(text));
  if (isObject(form)) fromJson.add(form);
  return form;
}
function copyFor(stored2, isolation, clone) {
  if (!isObject(stored2) || isVouched(stored2)) return stored2;
  if (isolation === "copy") return copyOf(stored2, clone);
  if (isolation === "json") return jsonForm(stored2);
  const recipe = recipeOf(stored2);
  if (recipe !== void 0) return recipe.renew();
  return isolation === "reference" || isShareable(stored2) ? stored2 : ownSnapshot(stored2, clone);
}
function ownSnapshot(stored2, clone) {
  let copy2;
  try {
    copy2 = snapshot(stored2, clone);
  } catch {
    return stored2;
  }
  return copy2.shared ? copy2.value : cloneSnapshot(copy2.value);
}
function isReady(stored2, isolation) {
  if (!isObject(stored2) || isVouched(stored2)) return true;
  const recipe = recipeOf(stored2);
  if (recipe !== void 0) return !recipe.isCustom && isolation !== "json" && (isolation !== "copy" || recipe.part === void 0);
  if (isolation === "snapshot") return isShareable(stored2);
  return isolation === "json" ? fromJson.has(stored2) : isolation === "reference";
}

// src/bindings/host/warnings.ts
var MOST = 1e3;
var SHOWN = 200;
var SENTENCE = 1e3;
var Warnings = class {
  /** @param logger pino-shaped; `console` where there is none */
  constructor(logger) {
    this.logger = logger;
    this.said = /* @__PURE__ */ new Set();
  }
  /**
   * Warns, unless this was said before.
   *
   * @param endpoint that the warning is about
   * @param reason a stable word, the one that metadata and statistics use
   * @param text what happened and what to do about it
   * @param err what caused it
   */
  once(endpoint, reason, text, err) {
    const name = printable(endpoint);
    const said2 = `${reason} ${name}`;
    if (this.said.has(said2) || this.said.size >= MOST) return;
    this.said.add(said2);
    if (this.logger !== void 0) {
      const named = typeof endpoint === "string" ? endpoint : name;
      const fields = err === void 0 ? { endpoint: named, reason } : { endpoint: named, reason, err };
      quietly(() => this.logger.warn?.(fields, text));
      return;
    }
    const why = err === void 0 ? "" : `: ${sentenceOf(err)}`;
    quietly(() => globalThis.console?.warn?.(`endpoint-cache: ${text}${why} (${name === "" ? reason : `${name}, ${reason}`})`));
  }
};
function sentenceOf(error) {
  const { name, message } = Object(error);
  return printable(typeof message === "string" ? `${String(name)}: ${message}` : String(error), SENTENCE);
}
function quietly(watch) {
  try {
    const told2 = watch();
    if (typeof told2?.then === "function") Promise.resolve(told2).catch(() => {
    });
  } catch {
  }
}
function printable(text, most = SHOWN) {
  if (typeof text !== "string") return typeof text;
  const short = text.length > most ? `${text.slice(0, most)}…` : text;
  return short.replace(/[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

// src/bindings/host/reasons.ts
var ENDPOINTS = 1e3;
var NAME = 1024;
var REASONS = { "kept-out": "not-cacheable", tags: "options" };
var reasonOf = (cause) => REASONS[cause] ?? cause;
var ADVICE = {
  params: "its params hold what JSON cannot carry, or too much of it. Pass plain objects, arrays, strings, finite numbers, booleans and null: a class instance as { ...it }, an id or a BigInt as String(it)",
  vary: "a value in vary cannot be part of a key. Pass strings, numbers, booleans and null, or plain objects and arrays of these",
  options: "an option of the call is unknown, of the wrong type or out of its range. Correct it",
  tags: "the tags function of its rule failed, or did not return an array of non-empty strings. Correct it",
  "user-id": "the user id is neither a non-empty string nor a finite number. Pass String(id)",
  endpoint: "that is no endpoint. Use dot-separated names without ':', white space and control characters",
  "key-length": "its key would have more than 1,024 characters. Use a shorter endpoint or user id",
  "not-cacheable": "its last segment is no read that the cache knows. Give it a rule with cache: true to cache it, or with cache: false to keep it out without this warning",
  "too-many-loads": "as many loads as maxLoads allows are under way. Find out why they do not end, or raise maxLoads",
  "out-of-memory": "no memory was left. Lower maxEntries or maxBytes",
  failure: "the cache failed inside. Requests are answered by their handlers; please report it",
  "not-cloneable": "its answer cannot be copied for each caller without loss. Return plain data, or choose how answers are kept apart with the option isolation",
  "too-large": "its answer is larger than maxEntryBytes allows. Return less, or raise maxEntryBytes",
  "too-many-tags": "its answer has more tags than an entry may have. Use fewer"
};
function endpointOf(key) {
  const colon = key.indexOf(":");
  return colon < 0 ? "" : key.slice(0, colon);
}
var nameOf2 = (key) => endpointOf(key) || key;
var add = (counts, reason) => counts[reason] = (counts[reason] ?? 0) + 1;
var Reasons = class {
  constructor(hostStore) {
    this.hostStore = hostStore;
    this.bypassedBy = {};
    this.endpoints = /* @__PURE__ */ new Map();
  }
  /**
   * A request runs its handler past the cache.
   *
   * @param about the endpoint as the request has it, or a key
   * @param error that is behind it
   * @param byKey true for a key
   */
  bypassed(about, cause, error, byKey = false) {
    const reason = reasonOf(cause);
    const name = typeof about !== "string" ? "" : byKey ? nameOf2(about) : about;
    add(this.bypassedBy, reason);
    const first = this.#remember(name, "bypassedBy", reason);
    const { observer } = this.hostStore;
    if (observer !== void 0) {
      observer.bypassed(name, reason);
      observer.flush();
    }
    if (first) this.#warn(byKey ? name : about, byKey ? endpointOf(String(about)) : about, cause, reason, error);
  }
  /**
   * What was loaded is not stored. The engine has counted it, and those who watch are told elsewhere.
   *
   * @param error that is behind it
   */
  refused(key, reason, error) {
    this.#kept(key, "refusedBy", reason, error);
  }
  /**
   * The same for what was set by hand, or by a chain, which has no loads.
   *
   * @param error that is behind it
   */
  rejected(key, reason, error) {
    this.#kept(key, "rejectedBy", reason, error);
  }
  /** Warns of what is not stored with the error that is behind it, before the engine is asked, which does not hear of that. */
  warn(key, reason, error) {
    this.#warn(nameOf2(key), endpointOf(key), reason, reason, error);
  }
  #kept(key, as, reason, error) {
    const name = nameOf2(key);
    if (this.#remember(name, as, reason)) this.#warn(name, endpointOf(key), reason, reason, error);
  }
  /** Why requests of a key's endpoint were not cached lately; the endpoint itself may stand for a key. */
  of(key) {
    const name = this.endpoints.has(key) ? key : nameOf2(key);
    const known = this.endpoints.get(name);
    if (known === void 0) return void 0;
    const { reason, count: count2, at } = known;
    return { endpoint: name, reason, count: count2, at };
  }
  /** @returns whether it is the first of its kind, as far as is remembered */
  #remember(name, as, reason) {
    if (name.length > NAME) return true;
    let known = this.endpoints.get(name);
    if (known === void 0) {
      if (this.endpoints.size >= ENDPOINTS) this.endpoints.delete(this.endpoints.keys().next().value ?? "");
      known = { bypassedBy: {}, refusedBy: {}, rejectedBy: {}, reason, count: 0, at: 0 };
      this.endpoints.set(name, known);
    }
    known.reason = reason;
    known.count = add(known[as], reason);
    known.at = this.hostStore.wall();
    return known.count === 1;
  }
  #warn(name, group, cause, reason, error) {
    const advice = ADVICE[cause];
    if (advice === void 0) return;
    const shown = printable(name) || "a request without an endpoint";
    this.hostStore.warnings.once(group, reason, `${shown} is not cached: ${advice}`, error);
  }
};

// src/bindings/host/signals.ts
var listeners = /* @__PURE__ */ new WeakMap();
function readSignal(value, what) {
  if (value === void 0 || value === null) return void 0;
  if (typeof value === "object" && typeof value.aborted === "boolean" && typeof value.addEventListener === "function") return value;
  throw typeError(`${what} is an AbortSignal, not ${describe(value)}`);
}
function onAbort(signal, callback) {
  let waiting = listeners.get(signal);
  if (waiting === void 0) {
    const all2 = /* @__PURE__ */ new Set();
    const abort = () => {
      listeners.delete(signal);
      for (const call of all2) call();
    };
    waiting = Object.assign(all2, { stop: () => signal.removeEventListener("abort", abort) });
    listeners.set(signal, waiting);
    signal.addEventListener("abort", abort, { once: true });
  }
  const all = waiting;
  all.add(callback);
  return () => {
    if (!all.delete(callback) || all.size > 0 || listeners.get(signal) !== all) return;
    listeners.delete(signal);
    all.stop();
  };
}

// src/bindings/host/ttl.ts
var ERR_TTL = "ERR_TTL";
var UNIT_MS = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5 };
function ttlMs(ttl, name = "ttl") {
  return durationMs(ttl, name) || Infinity;
}
function durationMs(duration, name = "duration") {
  if (typeof duration === "number") {
    if (Number.isNaN(duration)) throw outOfRange(name, "NaN");
    if (duration < 0) throw outOfRange(name, String(duration));
    return wholeMs(duration * 1e3);
  }
  if (typeof duration === "string") return parsed(duration, name);
  throw coded2(TypeError, `${name} must be a number of seconds or a string such as "250ms", got ${kind(duration)}`);
}
function lifetimeMs(ttl) {
  try {
    if (typeof ttl === "number") return ttl <= 0 ? 0 : durationMs(ttl);
    const negative = typeof ttl === "string" && ttl.startsWith("-");
    const ms = durationMs(negative ? ttl.slice(1) : ttl);
    return negative ? 0 : ms;
  } catch {
    return NaN;
  }
}
function parsed(text, name) {
  const match = /^(-?)(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  if (match === null) {
    const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
    throw coded2(TypeError, `${name} ${shown} is not a number followed by one of ms, s, m, h, d`);
  }
  const [, sign, amount, unit] = match;
  const ms = Number(amount) * (UNIT_MS[String(unit)] ?? NaN);
  if (sign === "-" && ms > 0) throw outOfRange(name, JSON.stringify(text));
  return wholeMs(ms);
}
function wholeMs(ms) {
  return ms > 0 && ms < 1 ? 1 : Math.round(ms) + 0;
}
function outOfRange(name, shown) {
  return coded2(RangeError, `${name} must be zero or more, got ${shown}`);
}
function kind(value) {
  if (value === null) return "null";
  switch (typeof value) {
    case "undefined":
      return "undefined";
    case "object":
      return "an object";
    case "boolean":
      return String(value);
    default:
      return `a ${typeof value}`;
  }
}
function coded2(Type, sentence) {
  return Object.assign(new Type(sentence), { code: ERR_TTL });
}

// src/bindings/host/loads-in-flight.ts
var LoadsInFlight = class {
  /** @param named whether somebody is told how loads end, also those that nobody may join any more */
  constructor(named) {
    this.loads = /* @__PURE__ */ new Map();
    this.base = 0;
    this.keys = named ? /* @__PURE__ */ new Map() : void 0;
  }
  get(number) {
    return this.loads.get(number);
  }
  get size() {
    return this.loads.size;
  }
  values() {
    return this.loads.values();
  }
  /** @param oldest when a load has begun, in milliseconds, that may still be joined */
  add(load, oldest) {
    for (const [number, { began }] of this.loads) {
      if (began >= oldest) break;
      this.end(number);
    }
    this.loads.set(load.plan.loadId, load);
    this.keys?.set(load.plan.loadId, load.plan.key);
  }
  end(number) {
    const load = this.loads.get(number);
    if (load === void 0) return;
    this.loads.delete(number);
    close(load);
    for (const own of load.apart?.values() ?? []) close(own);
  }
  /**
   * The engine counts a load no longer.
   *
   * @returns its key, where it is known and this was its end
   */
  over(number) {
    this.end(number);
    const key = this.keys?.get(number);
    this.keys?.delete(number);
    return key;
  }
  clear() {
    for (const number of [...this.loads.keys()]) this.end(number);
  }
};
function close(load) {
  if (load.inside === void 0) return;
  load.inside = void 0;
  endInside();
}

// src/bindings/host/workers.ts
var HASTE = 1e3;
var inWorker = () => globalThis.navigator?.userAgent === "Cloudflare-Workers";
function keeperOf({ waitUntil, execution }) {
  if (typeof waitUntil === "function") return waitUntil;
  if (typeof execution?.waitUntil !== "function") return void 0;
  return (work) => execution.waitUntil(work);
}

// src/bindings/host/loads.ts
var noop = () => {
};
var TOO_LONG = /* @__PURE__ */ Symbol("waited too long");
var FAILED_BEHIND = "a load failed behind a value that is served on; the next one waits for retryBackoff. In the background a handler runs in the async context of the request that began it: where it finds that ended, set the option background to detached";
function startLoad(core, plan, call, background = false, beside) {
  const { hostStore } = core;
  const load = {
    plan: beside === void 0 ? plan : { ...plan, loadId: -1 },
    controller: void 0,
    ended: void 0,
    promise: void 0,
    waiters: 0,
    background,
    lasts: hostStore.tier !== void 0,
    settled: false,
    storable: true,
    ttl: void 0,
    tags: plan.tags,
    execution: call.execution,
    began: hostStore.clock.time,
    beganAt: hostStore.wall(),
    inside: beginInside(),
    late: void 0,
    apart: void 0,
    waitDeadline: void 0,
    clearWaitTimer: noop,
    seen: void 0
  };
  if (beside === void 0) hostStore.loads.add(load, load.began - hostStore.settings.maxWait);
  else (beside.apart ??= /* @__PURE__ */ new Map()).set(call.execution ?? load, load);
  load.promise = perform(core, load, call);
  if (background || beside !== void 0) load.promise.catch(noop);
  if (beside !== void 0) {
    const forget = () => void beside.apart?.delete(call.execution ?? load);
    load.promise.then(forget, forget);
  }
  if (load.lasts || background) keep(load, keeperOf(call));
  return load;
}
async function perform(core, load, call) {
  const { plan } = load;
  const { tier } = core.hostStore;
  let held;
  try {
    if (tier !== void 0) {
      held = await tier.read(load, call);
      if (held?.serve === true) return settle(core, load, held, call);
      if (load.ended !== void 0) throw load.ended;
    }
    const running = handle(load, call);
    load.lasts = typeof running?.then === "function";
    const raw = await running;
    const brought = call.read(raw);
    if (load.background && !brought.storable) warnBehind(core, plan.key, raw?.error);
    return settle(core, load, brought, call);
  } catch (error) {
    if (load.ended === void 0) guarded(() => abandon(core, plan.loadId, plan.key, plan.retryBackoff, error));
    if (load.background && load.ended === void 0) warnBehind(core, plan.key, error);
    if (held === void 0) throw error;
    return { value: held.value, copied: true, reason: "not-storable", ttl: 0, from: "stale" };
  } finally {
    load.settled = true;
    load.clearWaitTimer();
    core.hostStore.loads.over(plan.loadId);
    close(load);
  }
}
function warnBehind(core, key, error) {
  core.hostStore.warnings.once(endpointOf(key), "refresh-failed", FAILED_BEHIND, error);
}
function handle(load, call) {
  const run = () => runInside(load.inside, () => call.run(load));
  return load.background && call.background !== void 0 ? runBy(call.background, run) : run();
}
function settle(core, load, { value, data, storable, ttl, from }, call) {
  const { plan } = load;
  const outcome = { value, copied: true, reason: void 0, ttl: 0, from };
  try {
    outcome.value = storedForm(value, call.isolation, core.hostStore.settings.clone);
  } catch (cause) {
    outcome.copied = false;
    const reason = storable && load.storable ? "not-cloneable" : "not-storable";
    if (reason === "not-cloneable") core.hostStore.reasons.warn(plan.key, reason, cause);
    outcome.reason = guarded(() => refuse(core, plan.loadId, plan.key, reason)) ?? "failure";
    return outcome;
  }
  if (!storable || !load.storable) {
    outcome.reason = guarded(() => refuse(core, plan.loadId, plan.key)) ?? "failure";
    return outcome;
  }
  const negative = data === null && plan.negativeTtl >= 0 ? plan.negativeTtl : plan.ttl;
  outcome.ttl = ttl ?? load.ttl ?? negative;
  const { tier } = core.hostStore;
  const end = () => {
    if (!(outcome.ttl > 0)) return refuse(core, plan.loadId, plan.key, "no-lifetime");
    if (tier !== void 0) return tier.fill(load, outcome, call);
    const window = Math.max(plan.staleWhileRevalidate, plan.staleIfError);
    return store(core, load, outcome.value, outcome.ttl, window);
  };
  outcome.reason = guarded(end, "failure", (error) => notFilled(core, plan, error));
  return outcome;
}
function store(core, { plan, late, tags }, value, ttl, window) {
  const storable = { value, ttl, window, jitter: plan.jitter, tags };
  if (late === void 0) return fill(core, plan, storable);
  return fillSince(core, late, plan.key, plan.request, plan.user !== void 0, storable);
}
function notFilled(core, plan, error) {
  if (error?.code === "ERR_DISPOSED") return;
  guarded(() => abandon(core, plan.loadId, plan.key, plan.retryBackoff, error));
  core.hostStore.reasons.refused(plan.key, "failure", error);
}
function guarded(call, otherwise, caught) {
  try {
    return call();
  } catch (error) {
    caught?.(error);
    return otherwise;
  }
}
function waitFor(core, load, signal, patience, wait) {
  if (signal === void 0 && patience === Infinity && wait === Infinity && insideOf() === void 0) {
    load.waiters += 1;
    return load.promise;
  }
  return waitForAWhile(core, load, signal, patience, wait);
}
async function waitForAWhile(core, load, signal, patience, wait) {
  load.waiters += 1;
  const endings = [];
  note(load, endings);
  let late = false;
  try {
    if (signal === void 0 && patience === Infinity && wait === Infinity) return await load.promise;
    const outcome = await Promise.race(waitRace(load, signal, patience, wait, endings));
    late = outcome === TOO_LONG;
    return outcome;
  } finally {
    for (const end of endings) end();
    load.waiters -= 1;
    if (load.waiters === 0 && !load.settled && !load.background) giveUp(core, load, late);
  }
}
function note({ inside }, endings) {
  const caller = insideOf();
  if (caller === void 0 || inside === void 0) return;
  const all = caller.awaits ??= /* @__PURE__ */ new Set();
  all.add(inside);
  endings.push(() => all.delete(inside));
}
function waitRace(load, signal, patience, wait, endings) {
  const all = [load.promise];
  if (signal !== void 0) {
    all.push(
      new Promise((_, reject) => {
        if (signal.aborted) reject(signal.reason);
        else endings.push(onAbort(signal, () => reject(signal.reason)));
      })
    );
  }
  const own = inWorker() ? Math.min(patience, wait) : patience;
  if (own < Infinity) {
    all.push(
      new Promise((resolve) => {
        const timer = setTimeout(resolve, Math.min(own, 2 ** 31 - 1), TOO_LONG);
        endings.push(() => clearTimeout(timer));
      })
    );
  }
  if (own > wait) all.push(waitDeadline(load, wait));
  return all;
}
function waitDeadline(load, wait) {
  load.waitDeadline ??= new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.min(wait, 2 ** 31 - 1), TOO_LONG);
    load.clearWaitTimer = () => clearTimeout(timer);
    timer.unref?.();
  });
  return load.waitDeadline;
}
function giveUp(core, load, late) {
  const reason = new DOMException("nobody waits for this load any more", "AbortError");
  const { loadId, key } = load.plan;
  core.hostStore.loads.over(loadId);
  const moment = guarded(() => abandon(core, loadId, key, 0, reason));
  if (late) load.late = moment;
  load.ended = reason;
  guarded(() => load.controller?.abort(reason));
}
function signalOf(load) {
  if (load.controller === void 0) {
    load.controller = new AbortController();
    if (load.ended !== void 0) load.controller.abort(load.ended);
  }
  return load.controller.signal;
}
function leaveRunning(load, keeper) {
  load.background = true;
  keep(load, keeper);
}
function keep(load, keeper) {
  if (keeper === void 0) return false;
  const asked = () => {
    keeper(load.promise.then(noop, noop));
    return true;
  };
  return guarded(asked, false) === true;
}
var LoadContext = class _LoadContext {
  #load;
  #stale;
  static #signal = {
    enumerable: true,
    get() {
      return signalOf(this.#load);
    }
  };
  /** @param stale what the handler is to see of a value past its time */
  constructor(core, load, stale) {
    this.#load = load;
    this.#stale = stale;
    Object.defineProperty(this, "signal", _LoadContext.#signal);
    this.setTtl = (ttl) => {
      load.ttl = lifetimeMs(ttl);
      if (!Number.isNaN(load.ttl)) return;
      const sentence = `an answer's lifetime is a number of seconds or a string such as "90s", not ${describe(ttl)}: it is not stored`;
      core.hostStore.warnings.once(endpointOf(load.plan.key), "no-lifetime", sentence);
    };
    this.addTags = (...tags) => {
      for (const tag of tags) {
        if (typeof tag !== "string" || tag === "" || tag.length > MAX_NAME) throw tagError(tag);
        if (!tag.isWellFormed() || CONTROL.test(tag)) throw tagError(tag);
      }
      load.tags = joined(load.tags, tags);
    };
    this.noStore = () => {
      load.storable = false;
    };
  }
  // Not made for each load, as few handlers look. (A copy does not have them.)
  get key() {
    return this.#load.plan.key;
  }
  /** When it began, in milliseconds by the cache's clock. */
  get began() {
    return this.#load.beganAt;
  }
  /** The value that it is to replace, if there is one. */
  get stale() {
    const { held } = this.#load.plan;
    return held === void 0 ? void 0 : this.#stale(held);
  }
};
function tagError(tag) {
  const sentence = `a tag is a non-empty string of ${MAX_NAME} characters at most without control characters, not ${describe(tag)}`;
  return Object.assign(new TypeError(sentence), { code: "ERR_OPTION" });
}

// src/bindings/host/execute-plan.ts
var answer = (cache, value, reason, slot, ttl, times) => ({ cache, value, reason, slot, ttl, times });
function executePlan(core, plan, call) {
  const { held } = plan;
  switch (plan.kind) {
    case "hit":
    case "stale":
      if (plan.loadId >= 0) {
        const load = startLoad(core, plan, call, true);
        if (load.lasts && inWorker() && keeperOf(call) === void 0) return waitOrStandIn(core, plan, load, call, held, "miss");
      }
      return give(core, plan, call) ?? runAlone(core, call, "not-cloneable");
    case "miss": {
      const background = held !== void 0 && Math.min(plan.softTimeout, plan.hardTimeout) < Infinity;
      return waitOrStandIn(core, plan, startLoad(core, plan, call, background), call, held, "miss");
    }
    case "join": {
      const load = core.hostStore.loads.get(plan.loadId);
      if (load === void 0 || waitsForItself(load)) return runAlone(core, call, "not-joinable");
      if (call.apart && load.execution !== call.execution) return joinApart(core, plan, load, call);
      return waitOrStandIn(core, plan, load, call, held, "joined");
    }
    default:
      return runAlone(core, call, plan.cause, plan.error);
  }
}
function give({ hostStore }, plan, call, as = plan.kind) {
  let value;
  try {
    value = copyFor(plan.held, call.isolation, hostStore.settings.clone);
  } catch {
    return void 0;
  }
  return answer(as, value, void 0, plan.slot, 0, plan.times);
}
function waitsForItself({ promise, inside }) {
  if (promise === void 0) return true;
  const caller = insideOf();
  return caller !== void 0 && inside !== void 0 && awaits(inside, caller);
}
function joinApart(core, plan, load, call) {
  const own = load.apart?.get(call.execution);
  if (own === void 0) return waitOrStandIn(core, plan, startLoad(core, plan, call, false, load), call, plan.held, "bypass");
  return waitsForItself(own) ? runAlone(core, call, "not-joinable") : waitOrStandIn(core, plan, own, call, plan.held, "joined");
}
async function runAlone(core, call, cause, error) {
  core.hostStore.reasons.bypassed(call.about, cause, error, call.byKey);
  const { value } = call.read(await call.alone());
  return answer("bypass", value, reasonOf(cause), -1, 0);
}
async function waitOrStandIn(core, plan, load, call, held, as) {
  const { signal } = call;
  const patience = held === void 0 ? plan.hardTimeout : Math.min(plan.softTimeout, plan.hardTimeout);
  const joined2 = as === "joined";
  const hasty = joined2 && call.hasty && (call.execution === void 0 || load.execution !== call.execution);
  const { maxWait } = core.hostStore.settings;
  const wait = hasty ? Math.min(maxWait, HASTE) : joined2 ? maxWait : Infinity;
  const standIn = () => give(core, plan, call, plan.kind === "hit" ? "hit" : "stale");
  let outcome;
  try {
    if (joined2 && held !== void 0 && patience < Infinity) leaveRunning(load, keeperOf(call));
    outcome = await waitFor(core, load, signal, patience, wait);
  } catch (error) {
    const stale = held === void 0 || signal?.aborted ? void 0 : standIn();
    if (stale === void 0) throw error;
    warnBehind(core, plan.key, error);
    return stale;
  }
  if (outcome === TOO_LONG) {
    if (held !== void 0) return standIn() ?? runAlone(core, call, "not-cloneable");
    if (patience <= wait) throw timeout(patience);
    if (hasty) return takeOver(core, load, call);
    return runAlone(core, call, "wait-exceeded");
  }
  if (joined2 && !outcome.copied) return runAlone(core, call, "not-joinable");
  let { value } = outcome;
  if (outcome.copied) {
    try {
      value = copyFor(value, call.isolation, core.hostStore.settings.clone);
    } catch {
      return runAlone(core, call, "not-cloneable");
    }
  }
  if (load.plan.loadId < 0) return answer(as, value, "not-joinable", -1, 0);
  const slot = outcome.reason === void 0 ? core.hostStore.find(plan.key) : -1;
  const times = outcome.from !== void 0 && slot >= 0 ? core.hostStore.times(slot) : void 0;
  return answer(outcome.from ?? as, value, outcome.reason, slot, outcome.ttl, times);
}
async function takeOver(core, load, call) {
  const { loadId, key } = load.plan;
  if (core.hostStore.loads.get(loadId) === load) {
    core.hostStore.loads.over(loadId);
    load.late = guarded(() => abandon(core, loadId, key, 0, new Error("the load of another request took too long to wait for")));
  }
  return executePlan(core, call.replan(), call);
}
function timeout(ms) {
  const error = new Error(`the load took longer than its hardTimeout of ${ms / 1e3} s`);
  error.name = "TimeoutError";
  return Object.assign(error, { code: "ERR_TIMEOUT" });
}
function joinMode(core, asked, isolation) {
  const mode = asked ?? core.hostStore.settings.singleFlight;
  if (mode !== "auto") return { mode, hasty: false };
  const hasty = inWorker();
  return { mode: hasty && isolation === "reference" ? "request" : "process", hasty };
}
var isAlone = (mode, execution) => mode === "off" || mode === "request" && (execution === void 0 || execution === null);

// src/bindings/host/clock.ts
var LOOKUPS = 16;
var UNSHARED = 64;
var LEAP = 2 ** 50;
var START = 2 ** 52;
var NATIVE = /^function now\(\)\s*\{\s*\[native code\]\s*\}$/;
var TELLS = globalThis.Bun === void 0;
var seen;
var seenIsHosts = false;
function isHosts(now) {
  if (now !== seen) {
    seenIsHosts = TELLS && typeof now === "function" && NATIVE.test(Function.prototype.toString.call(now));
    seen = now;
  }
  return seenIsHosts;
}
var HostClock = class {
  /** @param given the user's clock: something with a `now`, or a function; the system's if there is none */
  constructor(given) {
    this.reader = given === void 0 || given === globalThis.Date ? void 0 : readerOf(given);
    this.reading = 0;
    this.offset = 0;
    this.time = 0;
    this.started = false;
    this.errors = 0;
    this.shared = 0;
    this.left = 0;
    this.source = void 0;
    this.armed = false;
    this.unshared = 0;
    if (this.reader !== void 0) this.advance(firstReading(this.reader));
  }
  /**
   * Milliseconds for a lookup, never earlier than before. The system's clock is read once per turn of the event loop, anew
   * after each write and at least at every sixteenth lookup.
   */
  now() {
    if (this.left > 0 && Date.now === this.source) {
      this.left -= 1;
      return this.shared;
    }
    return this.look();
  }
  /** Reads for a lookup, and for those that follow where that is allowed. */
  look() {
    this.left = 0;
    const time = this.exactNow();
    this.source = this.reader === void 0 && isHosts(globalThis.Date?.now) ? Date.now : void 0;
    if (this.source === void 0) return time;
    if (this.unshared > 0) {
      this.unshared -= 1;
      return time;
    }
    this.shared = time;
    this.left = LOOKUPS - 1;
    if (!this.armed) {
      this.armed = true;
      void endOfTurn(this);
    }
    return time;
  }
  /** Milliseconds for what changes the cache: whoever looks next reads anew. */
  writeNow() {
    if (this.left > 0) this.end();
    return this.exactNow();
  }
  /** Milliseconds, for who measures: no old reading, and none that lookups share. */
  exactNow() {
    const { reader } = this;
    try {
      const reading = reader === void 0 ? Date.now() : reader.now();
      if (Number.isFinite(reading)) return this.advance(reading);
    } catch {
    }
    this.errors += 1;
    this.started = true;
    return this.time;
  }
  /** Engine time at a reading. */
  advance(reading) {
    const flowing = reading + this.offset;
    let time = flowing;
    if (!this.started) time = Math.max(-START, Math.min(reading, START));
    else if (!(flowing >= this.time)) time = this.time;
    else if (flowing - this.time > LEAP) time = this.time + LEAP;
    if (time !== flowing) this.offset = time - reading;
    this.started = true;
    this.reading = reading;
    this.time = time;
    return time;
  }
  /** The clock's own reading, now: what frames in a store and other processes' times are compared with. */
  wallNow() {
    this.exactNow();
    return this.reading;
  }
  /** Ends the sharing of a reading. One that served a lookup or two gained nothing, and sharing costs a microtask. */
  end() {
    if (this.left >= LOOKUPS - 2) this.unshared = UNSHARED;
    this.left = 0;
  }
};
async function endOfTurn(clock) {
  await void 0;
  clock.armed = false;
  clock.end();
}
function readerOf(given) {
  if (typeof Object(given).now === "function") return given;
  if (typeof given === "function") return { now: given };
  throw typeError(`options: clock is an object with a now() or a function, not ${describe(given)}`);
}
function firstReading(reader) {
  let reading;
  try {
    reading = reader.now();
  } catch (error) {
    throw Object.assign(typeError(`options: clock is to give milliseconds, and threw ${said(error)}`), { cause: error });
  }
  if (typeof reading === "number" && Number.isFinite(reading)) return reading;
  if (reading instanceof Promise) reading.catch(() => {
  });
  throw typeError(`options: clock is to give milliseconds as a finite number, not ${kindOf3(reading)}`);
}
function said(error) {
  return error instanceof Error ? `${error.name}: ${error.message}` : describe(error);
}
function kindOf3(value) {
  return typeof value === "object" && value !== null ? Object.prototype.toString.call(value) : describe(value);
}

// src/bindings/host/fields.ts
function namesOf(object) {
  const names = Object.keys(object);
  let above = Object.getPrototypeOf(object);
  for (let next; above !== null && (next = Object.getPrototypeOf(above)) !== null; above = next) {
    names.push(...Object.getOwnPropertyNames(above).filter((name) => name !== "constructor"));
  }
  return names;
}
var Fields = class {
  /**
   * @param object nothing is an object without members
   * @param what it is, in the sentence of a refusal
   * @param known the members it may have
   */
  constructor(object, what, known) {
    this.object = object ?? {};
    this.what = what;
    if (!isRecord(this.object)) throw typeError(`${what} are an object, not ${kindOf(object)}`);
    for (const name of namesOf(this.object)) {
      if (known.includes(name)) continue;
      throw typeError(`${what} have no member ${JSON.stringify(name)}; they have ${known.join(", ")}`);
    }
  }
  raw(name) {
    return this.object[name];
  }
  refuse(error, name, wanted, given) {
    throw error(`${this.what}: ${name} is ${wanted}, not ${describe(given)}`);
  }
  // Each is undefined where the member is absent.
  /** Milliseconds, infinite where it never ends. */
  ttl(name) {
    const value = this.raw(name);
    return value === void 0 ? void 0 : ttlMs(value, name);
  }
  /** Milliseconds. */
  duration(name) {
    const value = this.raw(name);
    return value === void 0 ? void 0 : durationMs(value, name);
  }
  /** Milliseconds, some of them. */
  wait(name) {
    const ms = this.duration(name);
    return ms !== void 0 && ms <= 0 ? this.refuse(rangeError, name, "a duration above 0", ms / 1e3) : ms;
  }
  number(name, least, most) {
    const value = this.raw(name);
    if (value === void 0) return void 0;
    if (typeof value !== "number") return this.refuse(typeError, name, "a number", value);
    if (value >= least && value <= most) return value;
    return this.refuse(rangeError, name, `a number from ${least} to ${most}`, value);
  }
  /** A whole number from `least` up, or infinity. */
  count(name, least, most = Infinity) {
    const number = this.number(name, least, most);
    return number !== void 0 && number % 1 > 0 ? this.refuse(rangeError, name, "a whole number", number) : number;
  }
  flag(name) {
    const value = this.raw(name);
    return value === void 0 || typeof value === "boolean" ? value : this.refuse(typeError, name, "true or false", value);
  }
  text(name) {
    const value = this.raw(name);
    return value === void 0 || typeof value === "string" ? value : this.refuse(typeError, name, "a string", value);
  }
  /** Null is none. */
  thing(name) {
    const value = this.raw(name);
    return value === void 0 || value === null || typeof value === "object" || typeof value === "function" ? value : this.refuse(typeError, name, "an object", value);
  }
  /** What has these methods. */
  having(name, methods, wanted) {
    const value = this.raw(name);
    if (value === void 0) return void 0;
    const missing = methods.filter((method) => typeof Object(value)[method] !== "function");
    if (missing.length === 0) return value;
    if (missing.length === methods.length) return this.refuse(typeError, name, wanted, value);
    throw typeError(`${this.what}: ${name} is ${wanted}, and this one has no ${missing.join(", ")}`);
  }
  oneOf(name, names) {
    const value = this.raw(name);
    if (value === void 0 || names.includes(value)) return value;
    return this.refuse(typeError, name, `one of ${names.join(", ")}`, value);
  }
  /** @returns a function */
  callback(name) {
    const value = this.raw(name);
    return value === void 0 || typeof value === "function" ? value : this.refuse(typeError, name, "a function", value);
  }
  names(name) {
    const value = this.raw(name);
    return value === void 0 ? void 0 : readNames(value, `${this.what}: ${name}`);
  }
};

// src/bindings/host/read-once.ts
var read = /* @__PURE__ */ new WeakSet();
function isRead(value) {
  return read.has(value);
}

// src/bindings/host/profile.ts
var NO_POLICY = Object.freeze({
  ttl: 0,
  staleWhileRevalidate: 0,
  staleIfError: 0,
  softTimeout: Infinity,
  hardTimeout: Infinity,
  jitter: 0,
  eagerRefresh: 1,
  negativeTtl: -1,
  retryBackoff: NaN
});
function completed(own) {
  const said2 = Object.entries(own).filter(([, value]) => value !== void 0);
  return { ...NO_POLICY, ...Object.fromEntries(said2) };
}
var version = 0;
function ttlsChanged() {
  version += 1;
}
function profileOf(core, endpoint) {
  const { hostStore } = core;
  if (hostStore.profilesVersion !== version) {
    hostStore.profiles.clear();
    hostStore.profilesVersion = version;
  }
  let profile = hostStore.profiles.get(endpoint);
  if (profile === void 0) {
    profile = core.profile(hostStore.writeText(endpoint));
    hostStore.profiles.set(endpoint, profile);
  }
  return profile;
}

// src/bindings/host/observer.ts
var ENDPOINTS2 = 1e3;
var NAME2 = 1024;
var DEPTH = 8;
var CAUSED = 1e3;
var Observer = class {
  /** @param logger pino-shaped: `debug(fields, text)`, `info(fields, text)` */
  constructor(clock, logger, onEvent, countEndpoints, warnings) {
    this.clock = clock;
    this.logger = logger;
    this.onEvent = onEvent;
    this.warnings = warnings;
    this.tells = logger !== void 0 || onEvent !== void 0;
    this.waiting = [];
    this.depth = -1;
    this.caused = 0;
    this.holding = 0;
    this.endpoints = countEndpoints ? /* @__PURE__ */ new Map() : void 0;
  }
  /** Counts a lookup of the endpoint that a key names. */
  count(key, as) {
    const { endpoints } = this;
    if (endpoints === void 0) return;
    const endpoint = endpointOf(key);
    let counts = endpoints.get(endpoint);
    if (counts === void 0) {
      if (endpoints.size >= ENDPOINTS2) return;
      counts = { hits: 0, misses: 0 };
      endpoints.set(endpoint, counts);
    }
    counts[as] += 1;
  }
  /**
   * Notes what happened, at what the clock read for the operation under way.
   *
   * @param before the text as far as the name
   * @param name that stands in the text
   * @param after the rest of the text
   */
  note(type, fields, level, before, name = "", after = "") {
    if (!this.tells) return;
    const depth = this.depth + 1;
    if (depth > 1) {
      this.caused += 1;
      if (depth > DEPTH || this.caused > CAUSED) return this.drop();
    }
    this.waiting.push({ event: { type, at: this.clock.reading, ...fields }, level, before, name, after, depth });
  }
  /** What a listener causes on and on is not told any more. */
  drop() {
    const text = "onEvent or the logger calls the cache on every event and so causes the next one: events were dropped. Call it for some types of event only";
    this.warnings.once("", "events", text);
  }
  /** @param age in seconds */
  hit(key, age) {
    this.count(key, "hits");
    this.note("hit", { key, age }, "debug", "Cache hit: ", key);
  }
  /** @param age in seconds */
  stale(key, age) {
    this.count(key, "hits");
    this.note("stale", { key, age }, "debug", "Cache hit (stale): ", key);
  }
  miss(key) {
    this.count(key, "misses");
    this.note("miss", { key }, "debug", "Cache miss: ", key);
  }
  joined(key) {
    this.count(key, "misses");
    this.note("joined", { key }, "debug", "Cache miss, load joined: ", key);
  }
  /** @param ttl in seconds */
  set(key, ttl, bytes) {
    this.note("set", { key, ttl, bytes }, "debug", "Cache set: ", key, ` (TTL: ${ttl}s)`);
  }
  removed(key, reason) {
    this.note("removed", { key, reason }, "debug", `Cache entry ${reason}: `, key);
  }
  invalidated(by, count2) {
    this.note("invalidated", { by, count: count2 }, "info", `Cache invalidated: ${count2} entries matching '`, by, "'");
  }
  expired(by, count2) {
    this.note("expired", { by, count: count2 }, "info", `Cache expired: ${count2} entries matching '`, by, "'");
  }
  cleared(count2) {
    this.note("cleared", { count: count2 }, "info", `Cache cleared: ${count2} entries`);
  }
  /**
   * One line at info for a mutation that removed something: when it settles, with all that went.
   *
   * @param count entries that went now
   * @param total entries that went since it began
   */
  mutation(endpoint, phase, count2, total) {
    const settled = phase === "settle";
    const fields = settled ? { endpoint, phase, count: count2, total } : { endpoint, phase, count: count2 };
    this.note("mutation", fields, settled && total > 0 ? "info" : "debug", `Cache invalidated: ${total} entries by mutation `, endpoint, ` (${phase})`);
  }
  refused(key, reason) {
    this.note("refused", { key, reason }, "debug", `Cache fill refused (${reason}): `, key);
  }
  bypassed(endpoint, reason) {
    this.note("bypass", { endpoint, reason }, "debug", `Cache bypass (${reason}): `, endpoint);
  }
  failed(key, error) {
    this.note("loadFailed", { key, error }, "debug", "Cache load failed: ", key);
  }
  broken(error) {
    this.note("failure", { error }, "error", "Cache failed and started anew, empty");
  }
  /** Tells what waits. Call it when nothing is borrowed and nothing is half done. */
  flush() {
    if (this.depth >= 0 || this.holding > 0) return;
    const { waiting } = this;
    this.caused = 0;
    try {
      for (let at = 0; at < waiting.length; at += 1) this.tell(waiting[at]);
    } finally {
      waiting.length = 0;
      this.depth = -1;
    }
  }
  tell({ event, level, before, name, after, depth }) {
    const { logger, onEvent } = this;
    this.depth = depth;
    if (logger !== void 0) quietly(() => logger[level]?.(fieldsOf(event), before + printable(name, NAME2) + after));
    if (onEvent !== void 0) quietly(() => onEvent(event));
  }
};
function fieldsOf(event) {
  if (!("error" in event)) return event;
  const { error, ...fields } = event;
  return { ...fields, err: error };
}

// src/bindings/host/params-fingerprint.ts
var MOST2 = 64;
var MOST_CHARACTERS = 512;
var DEEPEST = 8;
var PRIME = 16777619;
var { getPrototypeOf: getPrototypeOf3 } = Object;
var { isArray: isArray3 } = Array;
var { imul } = Math;
var plainPrototype2 = Object.prototype;
var OBJECT2 = /* @__PURE__ */ Symbol("object");
var ARRAY2 = /* @__PURE__ */ Symbol("array");
var END = /* @__PURE__ */ Symbol("end");
var tokens = new Array(MOST2).fill(void 0);
var ends = new Uint8Array(MOST2);
var count = 0;
var hash = 0;
var characters = 0;
var readings = 0;
function readTokens(params) {
  if (typeof params !== "object" || params === null) return 0;
  for (const _ in plainPrototype2) return 0;
  const reading = readings += 1;
  hash = 0;
  characters = 0;
  try {
    count = readTree(tokens, params, 1, 0);
    return count > 0 && reading === readings ? reading : 0;
  } catch {
    return 0;
  }
}
function readTree(row, value, depth, at) {
  if (value.toJSON !== void 0 || at > MOST2 - 2) return 0;
  const start = at++;
  if (isArray3(value)) {
    row[start] = ARRAY2;
    const { length } = value;
    for (let index = 0; index < length; index += 1) {
      at = readValue(row, value[index], depth, at);
      if (at === 0) return 0;
    }
  } else {
    const prototype = getPrototypeOf3(value);
    if (prototype !== plainPrototype2 && prototype !== null) return 0;
    row[start] = OBJECT2;
    for (const name in value) {
      const item = value[name];
      if (item === void 0) continue;
      const { length } = name;
      if (at > MOST2 - 3 || (characters += length) > MOST_CHARACTERS) return 0;
      hash = imul(hash ^ name.charCodeAt(0) ^ name.charCodeAt(length - 1) << 8 ^ length << 16, PRIME);
      row[at++] = name;
      at = readValue(row, item, depth, at);
      if (at === 0) return 0;
    }
  }
  if (at === MOST2) return 0;
  ends[start] = at;
  row[at++] = END;
  return at;
}
function readValue(row, value, depth, at) {
  switch (typeof value) {
    case "string":
      if ((characters += value.length) > MOST_CHARACTERS) return 0;
      hash = mix(hash, value);
      break;
    case "number":
      if (value - value !== 0) return 0;
      hash = imul(hash ^ value * 65537, PRIME);
      break;
    case "boolean":
      hash = imul(hash ^ (value ? 1 : 2), PRIME);
      break;
    case "object":
      if (value !== null) return depth < DEEPEST ? readTree(row, value, depth + 1, at) : 0;
      break;
    default:
      return 0;
  }
  if (at === MOST2) return 0;
  row[at++] = value;
  return at;
}
function mix(seed, text) {
  const { length } = text;
  let mixed = imul(seed ^ length, PRIME);
  for (let at = 0; at < length; at += 1) mixed = imul(mixed ^ text.charCodeAt(at), PRIME);
  return mixed;
}
function fingerprint(seed) {
  const mixed = imul(hash ^ seed ^ hash >>> 15, 739982445);
  return (mixed ^ mixed >>> 13) & 1073741823;
}
var FingerprintMemo = class {
  /** @param half how many values each half holds */
  constructor(half) {
    this.half = half;
    this.endpoint = "";
    this.seed = 0;
    this.clear();
  }
  clear() {
    this.young = /* @__PURE__ */ new Map();
    this.old = /* @__PURE__ */ new Map();
  }
  /** The fingerprint of the row that was read last, with these. */
  place(endpoint, user) {
    if (endpoint !== this.endpoint) {
      this.endpoint = endpoint;
      this.seed = mix(0, endpoint);
    }
    return fingerprint(user === "" ? this.seed : mix(this.seed, user));
  }
  /**
   * The value remembered for a row.
   *
   * @param reading of the row
   * @returns undefined where there is none, or where the row is another one by now
   */
  find(endpoint, user, reading) {
    if (reading !== readings) return void 0;
    const place2 = this.place(endpoint, user);
    let known = this.young.get(place2);
    if (known === void 0) {
      known = this.old.get(place2);
      if (known === void 0) return void 0;
      this.#keep(place2, known);
    }
    if (known.endpoint !== endpoint || known.user !== user) return void 0;
    const { row } = known;
    if (row.length !== count) return void 0;
    for (let at = 0; at < row.length; at += 1) {
      if (row[at] !== tokens[at]) return void 0;
    }
    return known.value;
  }
  /** Remembers a value for the row that was read last. */
  remember(endpoint, user, value) {
    this.#keep(this.place(endpoint, user), { row: copy(), endpoint, user, value });
  }
  #keep(place2, known) {
    if (this.young.size >= this.half) {
      this.old = this.young;
      this.young = /* @__PURE__ */ new Map();
    }
    this.young.set(place2, known);
  }
};
function copy() {
  const row = tokens.slice(0, count);
  const fresh = JSON.parse(JSON.stringify(row));
  return row.map((token, at) => typeof token === "string" ? fresh[at] : token);
}

// src/bindings/host/request-memo.ts
var HALF = 4096;
var RequestMemo = class {
  constructor() {
    this.young = /* @__PURE__ */ new Map();
    this.old = /* @__PURE__ */ new Map();
    this.count = 0;
    this.byTokens = new FingerprintMemo(HALF);
  }
  /**
   * The route of params that were read into tokens.
   *
   * @param user "" for nobody
   */
  recall(endpoint, user, reading) {
    return this.byTokens.find(endpoint, user, reading);
  }
  /**
   * Lets a route be recalled. Read from the text and not from the params: what a getter answers may be another thing each
   * time, and the route is that of the text.
   */
  promote(endpoint, user, text, route) {
    if (readTokens(JSON.parse(text)) > 0) this.byTokens.remember(endpoint, user, route);
  }
  /**
   * @param user "" for nobody
   * @param text of the params
   */
  find(endpoint, user, text) {
    const route = this.young.get(endpoint)?.get(user)?.get(text);
    if (route !== void 0) return route;
    const aged = this.old.get(endpoint)?.get(user)?.get(text);
    if (aged !== void 0) this.remember(endpoint, user, text, aged);
    return aged;
  }
  remember(endpoint, user, text, route) {
    if (this.count >= HALF) {
      this.old = this.young;
      this.young = /* @__PURE__ */ new Map();
      this.count = 0;
    }
    let users = this.young.get(endpoint);
    if (users === void 0) this.young.set(endpoint, users = /* @__PURE__ */ new Map());
    let texts = users.get(user);
    if (texts === void 0) users.set(user, texts = /* @__PURE__ */ new Map());
    const known = texts.get(text);
    if (known === void 0) {
      this.count += 1;
      texts.set(text, route);
    } else {
      Object.assign(known, route);
    }
  }
  /** Forgets everything. */
  clear() {
    this.young = /* @__PURE__ */ new Map();
    this.old = /* @__PURE__ */ new Map();
    this.count = 0;
    this.byTokens.clear();
  }
};

// src/bindings/host/strings.ts
var VIEW = 13;
var WIDE = /[\u0100-\uffff]/;
var NOTHING = Object.freeze(/* @__PURE__ */ Object.create(null));
function textBytes(text) {
  const { length } = text;
  if (length < 2) return 0;
  if (length < VIEW) return length + (length >> 1) + 23 & ~7;
  return WIDE.test(text) ? 2 * length + 20 : length + 20;
}
var mayBeView = (text) => text.length >= VIEW;
function ownText(text) {
  if (text.length < VIEW) return text;
  const own = text.slice(0, 1) + text.slice(1);
  own.charCodeAt(1);
  return own;
}
function partText(text) {
  return text in NOTHING;
}

// src/bindings/host/member-sizes.ts
var WORD = 8;
var CELL = 3 * WORD;
var BARE = 64;
var FEW_MEMBERS = 16;
var MANY_MEMBERS = 128;
var REMEMBERED = 512;
var LONG = 200;
var SHAPE = 190;
var SHAPED = 56;
var { getPrototypeOf: getPrototypeOf4, isFrozen: isFrozen2, keys: keys2 } = Object;
var Met = class {
  constructor() {
    this.young = /* @__PURE__ */ new Set();
    this.old = /* @__PURE__ */ new Set();
    this.slabs = /* @__PURE__ */ new WeakSet();
  }
  /** Whether a name was met lately. */
  knows(name) {
    if (name.length > LONG) return false;
    if (this.young.has(name)) return true;
    if (this.young.size >= REMEMBERED) {
      this.old = this.young;
      this.young = /* @__PURE__ */ new Set();
    }
    this.young.add(name);
    return this.old.has(name);
  }
};
function memberBytes(value, last, count2, met2) {
  const end = last.charCodeAt(last.length - 1);
  const byId = end <= 57 && end >= 48 || last.length > 20;
  if (count2 <= FEW_MEMBERS && !byId) return getPrototypeOf4(value) === null ? BARE + places(count2) * CELL : WORD * count2;
  const index = Number(last);
  if (index >= 0 && index < 2 ** 32 && String(index) === last) return index < 4 * count2 + FEW_MEMBERS ? 1.5 * WORD * index : places(count2) * CELL;
  const known = met2.knows(last);
  const table = places(count2) * CELL;
  if (!known) return Math.max(count2 > FEW_MEMBERS ? table : 0, SHAPE + SHAPED * count2) + nameBytes(value, count2);
  if (count2 > MANY_MEMBERS || byId && count2 > FEW_MEMBERS && isFrozen2(value)) return table;
  return (count2 <= FEW_MEMBERS ? 1 : byId ? 2 : 1.4) * WORD * count2;
}
function nameBytes(value, count2) {
  let total = 0;
  let seen2 = 0;
  for (const name of keys2(value)) {
    if (seen2 === 1e3) break;
    total += textBytes(name);
    seen2++;
  }
  return extrapolated(total, seen2, count2);
}
var places = (count2) => 2 ** Math.ceil(Math.log2(Math.max(2, count2 * 1.5)));
function extrapolated(total, seen2, count2) {
  return seen2 === 0 || seen2 === count2 ? total : total / seen2 * count2;
}

// src/bindings/host/size.ts
var MAX_VALUES = 1e4;
var MAX_DEPTH3 = 64;
var MAX_PARTED = 16;
var MAX_PARTED_LENGTH = 8192;
var RECENT = 32;
var MAX_RECENT_LENGTH = 64;
var WORD2 = 8;
var DOUBLE = 16;
var OBJECT3 = 40;
var ARRAY3 = 44;
var ELEMENT = 9;
var TABLE = 130;
var OPAQUE = 64;
var VIEW2 = 104;
var BUFFER = 80;
var DATE = 136;
var ERROR = 250;
var REGEXP = 160;
var SLAB = 8192;
var { getOwnPropertyDescriptor: getOwnPropertyDescriptor3, getPrototypeOf: getPrototypeOf5, isFrozen: isFrozen3, keys: keys3 } = Object;
var { isArray: isArray4 } = Array;
var plainPrototype3 = Object.prototype;
var budget = 0;
var met = new Met();
var parted = 0;
var partedLength = 0;
var lastBuffer;
var walk = 0;
var recent = Array(RECENT).fill("");
var recentWalks = new Float64Array(RECENT);
function estimateBytes(value, known) {
  if (typeof value !== "object" || value === null) return Math.max(WORD2, valueBytes(value, 0));
  budget = MAX_VALUES;
  walk += 1;
  parted = 0;
  partedLength = 0;
  met = known ?? new Met();
  try {
    return Math.round(objectBytes(value, 0));
  } catch {
    return OPAQUE;
  } finally {
    lastBuffer = void 0;
  }
}
function valueBytes(value, depth) {
  switch (typeof value) {
    case "string":
      return depth === 0 ? textBytes(value) : memberText(value);
    case "number":
      return (value | 0) === value ? 0 : DOUBLE;
    case "object":
      return value === null ? 0 : objectBytes(value, depth);
    case "boolean":
    case "undefined":
      return 0;
    case "bigint":
      return bigBytes(value);
    default:
      return OPAQUE;
  }
}
function memberText(text) {
  const { length } = text;
  if (length < 2) return 0;
  if (length <= MAX_RECENT_LENGTH) {
    const place2 = (length * 7 + text.charCodeAt(length - 1)) % RECENT;
    if (recent[place2] === text && recentWalks[place2] === walk) {
      partText(text);
      return 0;
    }
    recent[place2] = text;
    recentWalks[place2] = walk;
  }
  if (mayBeView(text) && parted < MAX_PARTED && (partedLength += length) <= MAX_PARTED_LENGTH) {
    parted += 1;
    partText(text);
  }
  return textBytes(text);
}
function bigBytes(value) {
  if (BigInt.asIntN(64, value) === value) return 24;
  return 16 + words(value.toString(16).length / 2);
}
function objectBytes(value, depth) {
  if (depth === MAX_DEPTH3) return OPAQUE;
  if (isArray4(value)) return arrayBytes(value, depth);
  if (value.constructor !== Object && !isPlain2(value)) return instanceBytes(value, depth);
  let total = 0;
  let seen2 = 0;
  let last = "";
  for (const name in value) {
    if (--budget < 0) break;
    total += valueBytes(value[name], depth + 1);
    seen2++;
    last = name;
  }
  if (budget >= 0) return OBJECT3 + total + memberBytes(value, last, seen2, met);
  const names = keys3(value);
  const { length } = names;
  return OBJECT3 + extrapolated(total, seen2, length) + memberBytes(value, names[length - 1] ?? "", length, met);
}
function arrayBytes(value, depth) {
  const { length } = value;
  let total = 0;
  let doubles = 0;
  let numbers = 0;
  let absent = 0;
  let seen2 = 0;
  while (seen2 < length && --budget >= 0) {
    const item = value[seen2++];
    if (typeof item === "number") {
      numbers++;
      if ((item | 0) !== item) doubles++;
    } else if (item === void 0) absent++;
    else total += valueBytes(item, depth + 1);
  }
  if (doubles > 0 && (numbers + absent < seen2 || isFrozen3(value))) total += doubles * DOUBLE;
  if (absent > RECENT && absent * 8 > seen2 * 7) {
    const count2 = keys3(value).length;
    if (count2 * 8 < length) return ARRAY3 + OPAQUE + total + places(count2) * 3 * WORD2;
  }
  return ARRAY3 + extrapolated(total, seen2, length) + ELEMENT * length;
}
function isPlain2(value) {
  const prototype = getPrototypeOf5(value);
  return prototype === plainPrototype3 || prototype === null;
}
function instanceBytes(value, depth) {
  if (value instanceof Date) return DATE;
  if (ArrayBuffer.isView(value)) return VIEW2 + bufferBytes(value.buffer, value.byteLength);
  if (value instanceof ArrayBuffer) return bufferBytes(value, value.byteLength);
  if (value instanceof Map || value instanceof Set) return tableBytes(value, depth);
  const names = keys3(value);
  let total = value instanceof Error ? ERROR : value instanceof RegExp ? REGEXP : OPAQUE;
  let seen2 = 0;
  while (seen2 < names.length && --budget >= 0) {
    total += WORD2 + valueBytes(getOwnPropertyDescriptor3(value, String(names[seen2++]))?.value, depth + 1);
  }
  return extrapolated(total, seen2, names.length);
}
function bufferBytes(buffer, used) {
  if (buffer === lastBuffer) return 0;
  lastBuffer = buffer;
  if (buffer.byteLength === SLAB && used < SLAB / 2) {
    if (met.slabs.has(buffer)) return WORD2;
    met.slabs.add(buffer);
  }
  return BUFFER + words(buffer.byteLength);
}
function tableBytes(value, depth) {
  const isMap = value instanceof Map;
  let total = 0;
  let seen2 = 0;
  for (const [key, item] of value.entries()) {
    if (--budget < 0) break;
    total += WORD2 + valueBytes(key, depth + 1) + (isMap ? valueBytes(item, depth + 1) : 0);
    seen2++;
  }
  const table = Math.max(4, 2 ** Math.ceil(Math.log2(value.size || 1)));
  return TABLE + extrapolated(total, seen2, value.size) + table * (isMap ? 28 : 20);
}
var words = (bytes) => Math.ceil(bytes / WORD2) * WORD2;

// src/bindings/host/response-metadata.ts
var ENDINGS = 36 * 36;
var ResponseMetadata = class {
  constructor() {
    this.stamped = NaN;
    this.stamp = "";
    this.requests = 0;
    this.prefix = "";
    this.seed = "";
    this.endings = [];
  }
  /** A time as ISO 8601, or the time 0 for a clock that tells none. */
  timestamp(now) {
    if (now !== this.stamped) {
      const date = new Date(now);
      this.stamp = Number.isNaN(date.getTime()) ? "1970-01-01T00:00:00.000Z" : date.toISOString();
      this.stamped = now;
    }
    return this.stamp;
  }
  /** A name for a request that has none: different for each, and between processes. */
  nextRequestId() {
    const low = this.requests % ENDINGS;
    if (low === 0) this.#drawPrefix();
    this.requests += 1;
    return this.prefix + this.endings[low];
  }
  #drawPrefix() {
    if (this.requests === 0) {
      this.seed = Math.floor(Math.random() * 2 ** 48).toString(36);
      this.endings = Array.from({ length: ENDINGS }, (_, at) => at.toString(36).padStart(2, "0"));
    }
    this.prefix = `${this.seed}-${(this.requests / ENDINGS).toString(36)}`;
  }
};

// src/bindings/host/two-generation-map.ts
var TwoGenerationMap = class {
  #young = /* @__PURE__ */ new Map();
  #old = /* @__PURE__ */ new Map();
  #half;
  /** @param half how many entries each of the two maps holds */
  constructor(half) {
    this.#half = half;
  }
  get(key) {
    const young = this.#young.get(key);
    if (young !== void 0) return young;
    const old = this.#old.get(key);
    if (old !== void 0) this.set(key, old);
    return old;
  }
  set(key, value) {
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = /* @__PURE__ */ new Map();
    }
    this.#young.set(key, value);
  }
  clear() {
    this.#young = /* @__PURE__ */ new Map();
    this.#old = /* @__PURE__ */ new Map();
  }
};

// src/bindings/host/host-store.ts
var encoder2 = new TextEncoder();
var decoder = new TextDecoder();
var PROFILES = 1024;
var FLOATS = 3;
var WORDS = 6;
var GROUP = 2;
var ENTRY = 100;
var HostStore = class {
  #answer;
  /**
   * @param memory in which the engine's columns lie
   * @param seed of hashes and of the jitter; drawn at first need if there is none
   * @param countEndpoints whether lookups are counted by endpoint
   */
  constructor(memory, clock, seed, logger, onEvent, sizeOf, countEndpoints) {
    this.memory = memory;
    this.clock = clock;
    this.seed = seed;
    this.warnings = new Warnings(logger);
    const observed = logger !== void 0 || onEvent !== void 0 || countEndpoints;
    this.observer = observed ? new Observer(clock, logger, onEvent, countEndpoints, this.warnings) : void 0;
    this.reasons = new Reasons(this);
    this.sizeOf = sizeOf;
    this.met = new Met();
    this.hits = 0;
    this.misses = 0;
    this.layout = new Uint32Array(10);
    this.text = new Uint8Array(0);
    this.#answer = new Float64Array(0);
    this.deadlines = new Float64Array(0);
    this.popularity = new Uint8Array(0);
    this.floats = new Float64Array(0);
    this.words = new Uint32Array(0);
    this.alive = new Uint8Array(0);
    this.waiting = new Uint32Array(0);
    this.loads = new LoadsInFlight(observed);
    this.background = void 0;
    this.detached = inContextOfNow();
    this.tier = void 0;
    this.keyPolicy = NO_POLICY;
    this.functions = { taggers: [], finders: [] };
    this.profiles = new TwoGenerationMap(PROFILES);
    this.profilesVersion = -1;
    this.disposed = false;
    this.requestMemo = new RequestMemo();
    this.responseMetadata = new ResponseMetadata();
    this.loaded = 0;
    this.clear();
  }
  /** Forgets every key, value and group, and loads that nobody may join any more. */
  clear() {
    this.loads.clear();
    this.slots = /* @__PURE__ */ new Map();
    this.keys = [];
    this.values = [];
    this.recipes = /* @__PURE__ */ new Map();
    this.ends = /* @__PURE__ */ new Map();
    this.versions = [];
    this.requestMemo.clear();
  }
  /** Milliseconds for a lookup, see `HostClock`. */
  now() {
    return this.clock.now();
  }
  /** Milliseconds for what changes the cache. */
  writeNow() {
    return this.clock.writeNow();
  }
  /** Milliseconds for who measures. */
  exactNow() {
    return this.clock.exactNow();
  }
  /** How many readings were ignored. */
  clockErrors() {
    return this.clock.errors;
  }
  /** The clock's own reading when the time was last asked for: what people are told. */
  wall() {
    return this.clock.reading;
  }
  /**
   * What the engine keeps lies elsewhere now: by slot `deadline` (64-bit floats), `hits` (bytes) and rows, by group `alive`
   * (bytes), `waiting` (one 32-bit number); the number of slots and of groups; where a key is written, and how many bytes
   * there are.
   */
  layoutChanged(layout) {
    this.layout = layout.slice();
    this.refreshViews();
  }
  /** Looks at the columns anew; growing memory detaches what looked at it before. */
  refreshViews() {
    const { buffer } = this.memory;
    const [deadline = 0, hits = 0, rows = 0, alive = 0, waiting = 0, slots = 0, groups = 0, text = 0, length = 0, answer2 = 0] = this.layout;
    this.deadlines = new Float64Array(buffer, deadline, slots);
    this.popularity = new Uint8Array(buffer, hits, slots);
    this.floats = new Float64Array(buffer, rows, slots * FLOATS);
    this.words = new Uint32Array(buffer, rows, slots * WORDS);
    this.alive = new Uint8Array(buffer, alive, groups);
    this.waiting = new Uint32Array(buffer, waiting, groups > 0 ? 1 : 0);
    this.text = new Uint8Array(buffer, text, length);
    this.#answer = new Float64Array(buffer, answer2, length > 0 ? ANSWERS : 0);
  }
  /** Looks at the columns anew if memory has grown since. */
  refresh() {
    if (this.deadlines.buffer !== this.memory.buffer) this.refreshViews();
  }
  /** Bytes of a key and its value, as far as the user or a bounded walk can tell. */
  bytesOf(key, value) {
    const size = this.sizeOf === void 0 ? void 0 : this.askSize(key, value);
    return textBytes(key) + (size ?? ENTRY + estimateBytes(value, this.met));
  }
  /** What the user's `sizeOf` says; undefined where that is no size, and said once. */
  askSize(key, value) {
    let size;
    let error;
    try {
      size = this.sizeOf(value);
      if (typeof size === "number" && size >= 0) return size;
    } catch (thrown) {
      error = thrown;
    }
    const what = error === void 0 ? `gave ${describe(size)}` : "threw";
    this.warnings.once(key.split(":", 1)[0], "size", `sizeOf ${what}, where a number of bytes from 0 is expected; the cache's own estimate counts`, error);
    return void 0;
  }
  /** Whether a slot holds a fresh value of this key, which it was found under a moment ago. */
  isFreshFor(key, slot) {
    const now = this.now();
    return this.isFreshAt(slot, now) && (this.clock.source !== void 0 || this.keys[slot] === key);
  }
  /**
   * Whether a slot holds a fresh value, as the engine's columns have it. Columns that growing memory has detached read as
   * undefined and so as no: the slow path looks at them anew. Mostly no group waits for its release, and then the slot's
   * own need not be looked up.
   *
   * @param now read before the slot was found: a user's clock may call the cache, and the slot change hands
   */
  isFreshAt(slot, now) {
    return (this.deadlines[slot] ?? NaN) >= now && (this.waiting[0] === 0 || this.alive[this.words[slot * WORDS + GROUP] ?? -1] === 1);
  }
  /** Counts a hit on a slot. */
  countHit(slot) {
    this.hits += 1;
    const { popularity } = this;
    const hits = popularity[slot] ?? 3;
    if (hits < 3) popularity[slot] = hits + 1;
  }
  storedAt(slot) {
    return this.floats[slot * FLOATS] ?? 0;
  }
  /**
   * When the value in a slot was stored, and until when it is fresh.
   *
   * @returns milliseconds
   */
  times(slot) {
    this.refresh();
    return [this.storedAt(slot), this.endOf(slot)];
  }
  /** @returns until when the answer in it is fresh, in milliseconds */
  endOf(slot) {
    const end = this.ends.size > 0 ? this.ends.get(slot) : void 0;
    return end ?? this.deadlines[slot] ?? 0;
  }
  /** A seed: the user's, or one drawn once, not before it is needed. */
  drawSeed() {
    this.seed ??= Math.floor(Math.random() * 2 ** 32);
    return this.seed;
  }
  /** Lookups that the fast path served since the last call: hits, then misses. */
  takeCounts() {
    const counts = Float64Array.of(this.hits, this.misses);
    this.hits = 0;
    this.misses = 0;
    return counts;
  }
  /** The slot of a key, or -1. */
  find(key) {
    return this.slots.get(key) ?? -1;
  }
  /**
   * Writes a text where the engine reads it.
   *
   * @param at the byte to begin at
   * @returns how many bytes it takes; 0 where it does not fit
   */
  writeText(text, at = 0) {
    if (this.text.length === 0) this.refreshViews();
    const { read: read2, written } = encoder2.encodeInto(text, at === 0 ? this.text : this.text.subarray(at));
    return read2 === text.length ? written : 0;
  }
  /** The first bytes of what the engine wrote there. */
  readText(length) {
    if (this.text.length === 0) this.refreshViews();
    return decoder.decode(this.text.subarray(0, length));
  }
  /** Numbers that a call left besides what it returned: see `core.ts` for their places. */
  get answer() {
    if (this.#answer.length === 0) this.refreshViews();
    return this.#answer;
  }
  /**
   * Binds a key to a slot whose value is yet to come.
   *
   * @returns false where the map of keys takes no more
   */
  bind(slot, key) {
    if (this.keys[slot] === key) return true;
    if (!this.enter(key, slot)) return false;
    this.keys[slot] = key;
    this.drop(slot);
    return true;
  }
  /** Notes down the slot of a key. A `Map` holds so many keys and no more: 2²⁴ in V8, which throws then. */
  enter(key, slot) {
    try {
      this.slots.set(key, slot);
      return true;
    } catch {
      return false;
    }
  }
  /** Lets go of a slot's value. */
  drop(slot) {
    this.values[slot] = void 0;
    this.forgetLoaded(slot);
  }
  forgetLoaded(slot) {
    if (slot < this.versions.length) this.versions[slot] = 0;
    if (this.recipes.size > 0) this.recipes.delete(slot);
    if (this.ends.size > 0) this.ends.delete(slot);
  }
  /**
   * Keeps what a load brought.
   *
   * @returns false where the map of keys takes no more
   */
  put(slot, key, value) {
    if (!this.putByHand(slot, key, value)) return false;
    const { versions } = this;
    while (versions.length < slot) versions.push(0);
    this.loaded += 1;
    versions[slot] = isReady(value, this.settings.isolation) ? this.loaded : -this.loaded;
    const recipe = recipeOf(value);
    if (recipe !== void 0) this.recipes.set(slot, recipe);
    return true;
  }
  /**
   * Keeps a value that a user set: the very object.
   *
   * @returns false where the map of keys takes no more; the engine then gives the slot back
   */
  putByHand(slot, key, value) {
    const { keys: keys5, values } = this;
    if (slot === keys5.length) {
      if (!this.enter(key, slot)) return false;
      keys5[slot] = key;
    } else {
      const before = keys5[slot];
      if (before !== key) {
        if (before !== void 0) this.slots.delete(before);
        if (!this.enter(key, slot)) return false;
        keys5[slot] = key;
      }
      this.forgetLoaded(slot);
    }
    values[slot] = typeof value === "string" ? ownText(value) : value;
    return true;
  }
  /**
   * Whether whoever asks for a slot's value without options of its own may be given `value(slot)`. What a user set is that user's
   * own object, of which others get a copy.
   */
  isReady(slot) {
    if ((this.versions[slot] ?? 0) > 0) return true;
    const value = this.values[slot];
    return typeof value !== "object" || value === null;
  }
  /** Forgets a load that nobody may join any more. */
  loadDetached(loadId) {
    this.loads.end(loadId + this.loads.base);
  }
  /** The value in a slot as it is stored, for those who decide what a caller is given of it. */
  storedValue(slot) {
    return this.values[slot];
  }
  /** The value in a slot as a caller may have it. */
  value(slot) {
    const recipe = this.recipes.size > 0 ? this.recipes.get(slot) : void 0;
    if (recipe === void 0) return this.values[slot];
    try {
      return recipe.renew();
    } catch {
      return void 0;
    }
  }
  key(slot) {
    return this.keys[slot] ?? "";
  }
  /**
   * Forgets the key and value of an emptied slot.
   *
   * @param reason index into `REMOVAL_REASONS`
   */
  forget(slot, reason) {
    const key = this.keys[slot];
    if (key === void 0) return;
    if (this.observer !== void 0 && reason < 3 && this.values[slot] !== void 0) this.observer.removed(key, REMOVAL_REASONS[reason] ?? "deleted");
    this.keys[slot] = void 0;
    this.drop(slot);
    if (this.slots.get(key) === slot) this.slots.delete(key);
  }
  /**
   * The engine gave up a load: another one needed its place. Its handler may still run; nobody may join it any more.
   *
   * @param loadId the engine's number
   */
  loadTimedOut(loadId) {
    const key = this.loads.over(loadId + this.loads.base);
    if (key !== void 0) this.observer?.failed(key, new Error("the load took longer than maxWait, and another one needed its place"));
  }
  /** How many keys are held, those of loads under way included. */
  count() {
    return this.slots.size;
  }
};

// src/bindings/host/options.ts
var POLICY = [
  "staleWhileRevalidate",
  "staleIfError",
  "softTimeout",
  "hardTimeout",
  "jitter",
  "eagerRefresh",
  "negativeTtl",
  "retryBackoff",
  "ttl"
];
var CALLS = {
  set: [...POLICY, "tags"],
  load: [...POLICY, "tags", "background", "signal", "waitUntil", "isolation", "singleFlight", "execution"],
  request: [...POLICY, "tags", "background", "isolation", "singleFlight", "apiVersion", "authorize"]
};
var SERVICE = [
  ...POLICY,
  "defaultTtl",
  "maxEntries",
  "maxBytes",
  "maxEntryBytes",
  "sizeOf",
  "clock",
  "rules",
  "logger",
  "onEvent",
  "seed",
  "isolation",
  "clone",
  "singleFlight",
  "maxFollowers",
  "maxWait",
  "maxLoads",
  "mutationTimeout",
  "endpointStats",
  "background"
];
var RULE = [
  ...POLICY,
  "cache",
  "scope",
  "tags",
  "vary",
  "mutation",
  "invalidates",
  "alsoInvalidates",
  "resourceId"
];
var VISIBILITIES = ["auto", "user", "shared"];
var SINGLE_FLIGHT = ["auto", "process", "request", "off"];
var LOGGING = ["debug", "info", "warn", "error"];
function readPolicy(fields) {
  const policy = {
    ttl: fields.ttl("ttl"),
    staleWhileRevalidate: fields.duration("staleWhileRevalidate"),
    staleIfError: fields.duration("staleIfError"),
    softTimeout: fields.duration("softTimeout"),
    hardTimeout: fields.wait("hardTimeout"),
    jitter: fields.number("jitter", 0, 1),
    eagerRefresh: fields.number("eagerRefresh", 0, 1),
    negativeTtl: fields.ttl("negativeTtl"),
    retryBackoff: fields.duration("retryBackoff")
  };
  return policy;
}
var noOptions = () => ({ policy: {}, tags: [] });
function callOptions(options, call) {
  if (options === void 0) return noOptions();
  if (isRead(options)) return options;
  if (typeof options !== "object" || options === null) return { policy: { ttl: ttlMs(options, "ttl") }, tags: [] };
  if (call === "request") readSignal(options.signal, "request: signal");
  const fields = new Fields(options, "options", CALLS[call]);
  const policy = readPolicy(fields);
  const tags = bounded(fields.names("tags") ?? []);
  fields.oneOf("isolation", ISOLATIONS);
  fields.oneOf("singleFlight", SINGLE_FLIGHT);
  if (call !== "request") readSignal(fields.raw("signal"), "options: signal");
  readBackground(fields);
  fields.callback("waitUntil");
  fields.callback("authorize");
  fields.thing("execution");
  fields.text("apiVersion");
  return { policy, tags };
}
function readBackground(fields) {
  const value = fields.raw("background");
  if (value === void 0 || value === "inherit" || value === "detached" || typeof value === "function") return value;
  return fields.refuse(typeError, "background", '"inherit", "detached" or a function', value);
}
function serviceOptions(options, memory) {
  if (isRead(options)) return options;
  const bare = options !== void 0 && options !== null && typeof options !== "object";
  const fields = new Fields(bare ? void 0 : options, "options", SERVICE);
  const policy = readPolicy(fields);
  const defaultTtl = bare ? ttlMs(options, "defaultTtl") : fields.ttl("defaultTtl") ?? policy.ttl;
  if (defaultTtl !== void 0) policy.ttl = defaultTtl;
  const maxBytes = fields.number("maxBytes", 1, Infinity) ?? LIMITS.maxBytes;
  const limits = {
    maxEntries: fields.count("maxEntries", 1) ?? LIMITS.maxEntries,
    maxBytes,
    maxEntryBytes: fields.number("maxEntryBytes", 1, maxBytes) ?? maxBytes / 8,
    maxLoads: fields.count("maxLoads", 1) ?? LIMITS.maxLoads,
    maxFollowers: fields.count("maxFollowers", 0) ?? LIMITS.maxFollowers,
    maxLoadMs: fields.wait("maxWait") ?? LIMITS.maxLoadMs,
    maxMutationMs: fields.wait("mutationTimeout") ?? LIMITS.maxMutationMs
  };
  const functions = { taggers: [], finders: [] };
  const rules = readRules(fields.raw("rules"), functions);
  const time = fields.raw("clock");
  const logger = fields.having("logger", LOGGING, "an object with the methods debug, info, warn and error");
  const onEvent = fields.callback("onEvent");
  const sizeOf = fields.callback("sizeOf");
  const countEndpoints = fields.flag("endpointStats") ?? false;
  const seed = fields.count("seed", 0, 2 ** 32 - 1);
  const isolation = fields.oneOf("isolation", ISOLATIONS) ?? "snapshot";
  const clone = fields.callback("clone");
  const singleFlight = fields.oneOf("singleFlight", SINGLE_FLIGHT) ?? "auto";
  const background = readBackground(fields);
  const clock = time instanceof HostClock ? time : new HostClock(time);
  const hostStore = new HostStore(memory, clock, seed, logger, onEvent, sizeOf, countEndpoints);
  hostStore.background = background;
  hostStore.functions = functions;
  hostStore.keyPolicy = completed({ ...policy, ttl: policy.ttl ?? LIMITS.defaultTtlMs });
  const plain = [policy.jitter, policy.staleWhileRevalidate, policy.staleIfError].every((option) => (option ?? 0) === 0);
  const lives = policy.ttl ?? LIMITS.defaultTtlMs;
  hostStore.settings = Object.freeze({
    defaultTtl: lives,
    plainTtl: plain ? lives : NaN,
    eagerRefresh: policy.eagerRefresh ?? 1,
    maxWait: limits.maxLoadMs,
    isolation,
    ...clone === void 0 ? {} : { clone },
    singleFlight,
    policy
  });
  return { engine: { limits, policy, rules }, hostStore };
}
function readRules(rules, functions) {
  if (rules === void 0 || rules === null) return [];
  if (!isPlain(rules)) throw typeError(`options: rules are an object of endpoint patterns, not ${kindOf(rules)}`);
  return Object.entries(rules).map(([name, rule]) => readRule(name, rule, functions));
}
function readRule(name, rule, functions) {
  const pattern = readText(name, "an endpoint pattern", "ERR_ENDPOINT_PATTERN");
  const what = `options: rules[${JSON.stringify(name)}]`;
  const fields = new Fields(rule, what, RULE);
  const tags = fields.raw("tags");
  const cache = fields.flag("cache");
  const visibility = fields.oneOf("scope", VISIBILITIES);
  const policy = readPolicy(fields);
  const vary = fields.names("vary") ?? [];
  const tagger = typeof tags === "function" ? functions.taggers.push(tags) - 1 : void 0;
  const named = tagger !== void 0 || tags === void 0 ? [] : enough(readNames(tags, `${what}: tags`));
  const mutation = fields.flag("mutation");
  const invalidates = fields.names("invalidates");
  const alsoInvalidates = fields.names("alsoInvalidates") ?? [];
  const id = fields.raw("resourceId");
  const resourceIdBy = typeof id === "function" ? functions.finders.push(id) - 1 : void 0;
  let resourceId;
  if (id !== void 0 && resourceIdBy === void 0) {
    if (typeof id !== "string" || id === "" || !isWellFormed(id)) {
      fields.refuse(typeError, "resourceId", "the name of a member of params or a function", id);
    }
    resourceId = readText(id, `${what}: resourceId`, "ERR_OPTION");
  }
  return {
    pattern,
    cache,
    mutation,
    visibility,
    policy,
    tags: [...named],
    vary,
    invalidates,
    alsoInvalidates,
    resourceId,
    resourceIdBy,
    tagger
  };
}

// src/bindings/host/params.ts
var ERR_PARAMS = "ERR_PARAMS";
var { getPrototypeOf: getPrototypeOf6, hasOwn: hasOwn3, keys: keys4 } = Object;
var { isArray: isArray5 } = Array;
var { stringify } = JSON;
var plainPrototype4 = Object.prototype;
var RULE2 = "; params may hold only plain objects, arrays, strings, finite numbers, booleans and null";
var TOO_LONG2 = `params are longer than ${MAX_TEXT} characters of JSON text`;
var budget2 = 0;
function requestText(params) {
  return readParams(params).text;
}
var ParamsText = class {
  /** @param isJson whether the text gives them back as they were: nothing in them writes itself, as a Date does */
  constructor(text, isJson) {
    this.text = text;
    this.isJson = isJson;
  }
};
function readParams(params) {
  if (params === void 0 || params === null) return new ParamsText("{}", true);
  const outer = budget2;
  budget2 = MAX_TEXT;
  let text;
  try {
    if (typeof params === "object" && isPlainTree(params, 1)) text = stringify(params);
  } catch {
  }
  const left = budget2;
  budget2 = outer;
  if (left < 0) throw refusal(TOO_LONG2);
  if (text !== void 0) return new ParamsText(bounded2(text), true);
  return new ParamsText(bounded2(carefulText(params)), holdsOnlyJson(params));
}
function bounded2(text) {
  if (text.length > MAX_TEXT) throw refusal(TOO_LONG2);
  return text;
}
function holdsOnlyJson(params) {
  if (typeof params !== "object" || params === null) return true;
  const outer = budget2;
  budget2 = MAX_TEXT;
  try {
    return isPlainTree(params, 1);
  } catch {
    return false;
  } finally {
    budget2 = outer;
  }
}
function isPlainTree(value, depth) {
  if (value.toJSON !== void 0) return false;
  if (isArray5(value)) {
    const length = value.length;
    if ((budget2 -= 2 * length + 1) < 0) return false;
    for (let index = 0; index < length; index++) {
      const item = value[index];
      switch (typeof item) {
        case "string":
          if ((budget2 -= item.length) < 0) return false;
          continue;
        case "boolean":
          continue;
        case "number":
          if (item - item !== 0) return false;
          continue;
        case "object":
          if (item !== null && (depth === MAX_DEPTH || !isPlainTree(item, depth + 1))) return false;
          continue;
        default:
          return false;
      }
    }
    return true;
  }
  const prototype = getPrototypeOf6(value);
  if (prototype !== plainPrototype4 && prototype !== null) return false;
  budget2 -= 1;
  for (const name in value) {
    if ((budget2 -= name.length + 4) < 0) return false;
    const item = value[name];
    switch (typeof item) {
      case "string":
        if ((budget2 -= item.length) < 0) return false;
        continue;
      case "boolean":
      case "undefined":
        continue;
      case "number":
        if (item - item !== 0) return false;
        continue;
      case "object":
        if (item !== null && (depth === MAX_DEPTH || !isPlainTree(item, depth + 1))) return false;
        continue;
      default:
        return false;
    }
  }
  return true;
}
function carefulText(params) {
  const walk2 = { path: [], open: [], left: MAX_TEXT };
  let text;
  try {
    text = writeValue(params, "", walk2);
  } catch (error) {
    if (error instanceof Refusal) throw error.reported();
    throw refusal(`${placeOf(walk2.path)} could not be read${RULE2}`, error);
  }
  return text ?? "{}";
}
function writeValue(value, name, walk2) {
  spend(walk2, 1);
  if (typeof value === "object" && value !== null) {
    const method = value.toJSON;
    if (typeof method === "function") {
      if (isInvalidDate(value)) throw new Refusal(`${placeOf(walk2.path)} is an invalid Date${RULE2}`);
      return writeItself(method.call(value, name), walk2);
    }
  }
  return writeItself(value, walk2);
}
function spend(walk2, characters2) {
  if ((walk2.left -= characters2) < 0) throw new Refusal(TOO_LONG2);
}
function writeItself(value, walk2) {
  switch (typeof value) {
    case "string":
      spend(walk2, value.length);
      return stringify(value);
    case "boolean":
      return stringify(value);
    case "number":
      if (Number.isFinite(value)) return stringify(value);
      break;
    case "undefined":
      return void 0;
    case "object":
      if (value === null) return "null";
      if (isArray5(value)) return nested(value, walk2, writeArray);
      if (isPlainObject(value)) return nested(value, walk2, writeObject);
  }
  throw new Refusal(`${placeOf(walk2.path)} is ${describe2(value)}${RULE2}`);
}
function nested(value, walk2, write) {
  const at = walk2.open.indexOf(value);
  if (at >= 0) {
    throw new Refusal(`${placeOf(walk2.path)} refers back to ${placeOf(walk2.path.slice(0, at))}, a cycle`);
  }
  if (walk2.open.length === MAX_DEPTH) throw new Refusal(`params nest deeper than ${MAX_DEPTH} levels`);
  walk2.open.push(value);
  const text = write(value, walk2);
  walk2.open.pop();
  return text;
}
function writeArray(array, walk2) {
  const parts = [];
  for (let index = 0; index < array.length; index++) {
    walk2.path.push(index);
    const text = writeValue(array[index], String(index), walk2);
    if (text === void 0) {
      throw new Refusal(`${placeOf(walk2.path)} is ${hasOwn3(array, index) ? "undefined" : "a hole"}${RULE2}`);
    }
    parts.push(text);
    walk2.path.pop();
  }
  return `[${parts.join(",")}]`;
}
function isIdentifier(name) {
  identifier ??= new RegExp("^[\\p{ID_Start}$_][\\p{ID_Continue}$]*$", "u");
  return identifier.test(name);
}
var identifier;
function placeOf(path) {
  const member = (name) => isIdentifier(name) ? `.${name}` : `[${stringify(name)}]`;
  return `params${path.map((step) => typeof step === "number" ? `[${step}]` : member(step)).join("")}`;
}
function writeObject(object, walk2) {
  const parts = [];
  for (const name of keys4(object)) {
    spend(walk2, name.length + 3);
    walk2.path.push(name);
    const text = writeValue(object[name], name, walk2);
    if (text !== void 0) parts.push(`${stringify(name)}:${text}`);
    walk2.path.pop();
  }
  return `{${parts.join(",")}}`;
}
function isPlainObject(value) {
  const prototype = getPrototypeOf6(value);
  if (prototype === null || prototype === plainPrototype4) return true;
  return getPrototypeOf6(prototype) === null && hasOwn3(prototype, "isPrototypeOf") && hasOwn3(prototype, "constructor");
}
function isInvalidDate(value) {
  return value instanceof Date && Number.isNaN(Date.prototype.valueOf.call(value));
}
function describe2(value) {
  switch (typeof value) {
    case "bigint":
      return "a BigInt";
    case "function":
      return "a function";
    case "symbol":
      return "a symbol";
    case "object":
      return `an instance of ${className(value)}`;
    default:
      return String(value);
  }
}
function className(value) {
  const name = value.constructor?.name;
  return typeof name === "string" && name !== "" ? name.slice(0, 80) : "an unnamed class";
}
var Refusal = class {
  constructor(sentence) {
    this.sentence = sentence;
  }
  reported() {
    return refusal(this.sentence);
  }
};
function refusal(sentence, cause) {
  const error = new TypeError(sentence, cause === void 0 ? void 0 : { cause });
  return Object.assign(error, { code: ERR_PARAMS });
}

// src/bindings/host/envelope.ts
var { hasOwn: hasOwn4 } = Object;
function isEnvelope(value) {
  return statusOf(value) !== void 0;
}
function statusOf(value) {
  if (typeof value !== "object" || value === null) return void 0;
  try {
    if (!hasOwn4(value, "status") || typeof value.toJSON === "function") return void 0;
    const { status } = value;
    return status === "success" && hasOwn4(value, "data") || status === "error" && hasOwn4(value, "error") ? status : void 0;
  } catch {
    return void 0;
  }
}
function saysError(value) {
  try {
    return typeof value === "object" && value !== null && hasOwn4(value, "status") && value.status === "error";
  } catch {
    return false;
  }
}
function asResponse(raw) {
  const status = statusOf(raw);
  if (status === void 0) return { value: { status: "success", data: raw }, data: raw, storable: raw !== void 0 && !saysError(raw) };
  if (isVouched(raw)) return { value: raw, data: raw.data, storable: raw.data !== void 0 };
  const { metadata, ...value } = raw;
  return status === "error" ? { value, data: void 0, storable: false } : { value, data: value.data, storable: value.data !== void 0 };
}

// src/bindings/host/request-parts.ts
var { freeze: freeze2, hasOwn: hasOwn5 } = Object;
var START2 = 512;
var END2 = 256;
function endpointName(endpoint) {
  if (typeof endpoint === "string" && endpoint.length <= MAX_NAME && endpoint.isWellFormed()) return endpoint;
  if (endpoint === void 0 || endpoint === null) return "";
  let text;
  try {
    text = String(endpoint);
  } catch {
    return "";
  }
  return (text.length > MAX_NAME ? `${text.slice(0, START2)}:${text.slice(-END2)}` : `${text}:`).toWellFormed().replaceAll("�", ":");
}
function varyValues(names, given, all) {
  if (given !== void 0 && given !== null && !isPlain(given)) throw new TypeError("vary is a plain object of values by name");
  const values = {};
  for (const name of names) {
    const value = valueOf(given, name);
    if (value === void 0 && all) throw new TypeError(`vary has no ${name}`);
    if (value !== void 0 && value !== null) values[name] = value;
  }
  return freeze2(values);
}
function valueOf(given, name) {
  try {
    return hasOwn5(Object(given), name) ? ownValue(given[name]) : void 0;
  } catch {
    throw new TypeError(`vary.${name} has no JSON of ${MAX_NAME} characters`);
  }
}
function ownValue(value) {
  if (value === void 0 || value === null) return value;
  const text = requestText({ value });
  const own = holdsOnlyJson({ value }) ? JSON.parse(text).value : copyOf(value);
  if (text.length > MAX_NAME + '{"value":}'.length || requestText({ value: own }) !== text) throw new TypeError("this is no value of a key");
  return own;
}
function namedTags(tagger, params, endpoint, userId) {
  const tags = bounded(readNames(tagger(params, { endpoint, userId }), "tags"));
  return tags === TOO_MANY_TAGS ? void 0 : tags;
}
function foundId(hostStore, finder, params, endpoint) {
  let found;
  let error;
  try {
    found = finder(params ?? {});
    if (found === void 0 || found === null) return void 0;
    if (typeof found === "string") return found.length > MAX_NAME ? void 0 : found.toWellFormed().normalize();
    if (typeof found === "number" && Number.isFinite(found)) return Math.abs(found) <= Number.MAX_SAFE_INTEGER ? String(found) : void 0;
  } catch (thrown) {
    error = thrown;
  }
  const what = error === void 0 ? `gave ${describe(found)}, where a string, a number or undefined is expected` : "threw";
  hostStore.warnings.once(endpoint, "resource-id", `a rule's resourceId ${what}: a mutation spares no id`, error);
  return void 0;
}
function normalId(content) {
  return JSON.parse(`"${content}"`).toWellFormed().normalize();
}

// src/bindings/host/request-plan.ts
var mayRead = (method) => method === "GET" || method === "POST";
var NOTHING2 = Object.freeze({});
var NO_TAGS = Object.freeze([]);
function makePlan(kind2, key, under, own) {
  return {
    kind: kind2,
    reason: "",
    cause: "",
    error: void 0,
    key,
    slot: -1,
    loadId: -1,
    ttl: own.ttl ?? under.ttl,
    staleWhileRevalidate: own.staleWhileRevalidate ?? under.staleWhileRevalidate,
    staleIfError: own.staleIfError ?? under.staleIfError,
    softTimeout: own.softTimeout ?? under.softTimeout,
    hardTimeout: own.hardTimeout ?? under.hardTimeout,
    jitter: own.jitter ?? under.jitter,
    eagerRefresh: own.eagerRefresh ?? under.eagerRefresh,
    negativeTtl: own.negativeTtl ?? under.negativeTtl,
    retryBackoff: own.retryBackoff ?? under.retryBackoff,
    plain: false,
    tags: NO_TAGS,
    user: void 0,
    request: void 0,
    vary: NOTHING2,
    endpoint: "",
    tag: void 0,
    count: 0,
    held: void 0,
    times: void 0
  };
}
function bypass(cause, error) {
  const plan = makePlan("bypass", "", NO_POLICY, NOTHING2);
  plan.reason = reasonOf(cause);
  plan.cause = cause;
  plan.error = error;
  return plan;
}
function countedBypass(core, cause, error) {
  core.countBypass();
  return bypass(cause, error);
}
var NoRead = class {
  constructor(reason, error) {
    this.reason = reason;
    this.error = error;
  }
};
function planRequest(core, asked) {
  return planned(core, () => planRequestNow(core, asked));
}
function planRequestNow(core, asked) {
  const { hostStore } = core;
  enter(hostStore);
  const name = endpointName(asked.endpoint);
  const profile = profileOf(core, name);
  if (profile.kind === "mutation") return beginMutation(core, name, profile, asked.text, asked.params);
  if (profile.kind !== "read") return countedBypass(core, profile.reason, profile.problem === "" ? void 0 : typeError(profile.problem, "ERR_ENDPOINT"));
  if (!asked.readable) return countedBypass(core, "method");
  try {
    const read2 = readRequest(core, name, profile, asked);
    return planRead(core, read2, asked.text ?? "{}", asked.flags);
  } catch (error) {
    if (!(error instanceof NoRead)) throw error;
    return countedBypass(core, error.reason, error.error);
  }
}
function orElse(reason, reader) {
  try {
    return reader();
  } catch (error) {
    throw new NoRead(typeof reason === "string" ? reason : reason(error), error);
  }
}
var userReason = (error) => isLength(error) ? "key-length" : "user-id";
function readRequest(core, name, profile, { text, params, user, vary, options, flags }) {
  if (text === void 0) throw new NoRead("params", void 0);
  const call = options === void 0 ? void 0 : orElse("options", () => callOptions(options, "request"));
  const shared = profile.visibility === "shared";
  const userId = shared ? void 0 : orElse(userReason, () => readUser(user));
  if (userId === void 0 && profile.visibility === "user") throw new NoRead("no-user", void 0);
  const { tags, tagged } = tagsOf(core, name, profile, text, params, userId, call);
  const varies = profile.vary.length > 0;
  const values = varies ? orElse("vary", () => varyValues(profile.vary, vary, (flags & LOOK) !== 0)) : NOTHING2;
  const varyText = varies ? orElse("vary", () => requestText(values)) : "";
  const own = call === void 0 ? NOTHING2 : call.policy;
  const plain = !varies && !tagged && (own.eagerRefresh ?? profile.eagerRefresh) >= 1;
  return { name, profile, own, tags, user: userId, vary: values, varyText, plain };
}
function tagsOf(core, name, profile, text, params, userId, call) {
  const given = call?.tags ?? NO_TAGS;
  const { taggers } = profile;
  const id = idTag(core, name, profile, text, params);
  if (given !== TOO_MANY_TAGS && given.length === 0 && taggers.length === 0 && id === void 0) return { tags: profile.tags, tagged: false };
  const tags = [...given, ...profile.tags];
  let many = given === TOO_MANY_TAGS;
  if (id !== void 0) tags.push(id);
  for (const number of taggers) {
    const tagger = core.hostStore.functions.taggers[number];
    if (tagger === void 0) continue;
    const named = orElse("tags", () => namedTags(tagger, params, name, userId));
    if (named === void 0) many = true;
    else tags.push(...named);
  }
  return { tags: many ? TOO_MANY_TAGS : bounded(tags), tagged: taggers.length > 0 };
}
function idTag(core, name, { resourceId, resourceIdBy }, text, params) {
  const { hostStore } = core;
  if (resourceIdBy !== void 0) {
    const finder = hostStore.functions.finders[resourceIdBy];
    const id = finder === void 0 ? void 0 : foundId(hostStore, finder, params, name);
    return id === void 0 ? void 0 : core.resourceTag(hostStore.writeText(`${name}
${JSON.stringify(id)}`));
  }
  if (resourceId === void 0) return void 0;
  return core.resourceTag(hostStore.writeText(`${name}
${text}`));
}
function planRead(core, { name, profile, own, tags, user, vary, varyText, plain }, text, flags) {
  const { hostStore } = core;
  const now = hostStore.now();
  const request = `${name}
${text}
${varyText}
${user ?? ""}`;
  const length = core.requestKey(hostStore.writeText(request), user !== void 0);
  if (length < 0) throw new NoRead(KEY_FAULTS[-1 - length] ?? "failure", void 0);
  const key = hostStore.readText(length);
  const plan = makePlan("bypass", key, profile, own);
  plan.plain = plain;
  plan.tags = tags;
  plan.user = user;
  plan.request = request;
  plan.vary = vary;
  begin(core, plan, length, now, flags | REQUEST);
  return plan;
}
function planKey(core, key, options, flags) {
  return planned(core, () => {
    const { hostStore } = core;
    enterKey(hostStore, key);
    const { policy, tags } = callOptions(options, "load");
    const now = hostStore.now();
    const length = hostStore.writeText(key);
    const plan = makePlan("bypass", key, hostStore.keyPolicy, policy);
    plan.tags = tags;
    begin(core, plan, length, now, flags);
    return plan;
  });
}
function begin(core, plan, length, now, flags) {
  const { hostStore } = core;
  const { key, tags } = plan;
  const tagBytes = tags.length > 0 ? hostStore.writeText(tags.join("\n"), length) : 0;
  const { staleWhileRevalidate, staleIfError, eagerRefresh, retryBackoff } = plan;
  const decision = core.begin(hostStore.find(key), length, tagBytes, now, staleWhileRevalidate, staleIfError, eagerRefresh, retryBackoff, flags);
  const { answer: answer2, observer } = hostStore;
  if (decision >= BYPASS) {
    plan.reason = plan.cause = BYPASS_REASONS[decision - BYPASS] ?? "failure";
    plan.key = "";
    return;
  }
  plan.slot = answer2[SLOT] ?? -1;
  plan.loadId = answer2[LOAD] ?? -1;
  if (decision === MISS) {
    const reserved = answer2[RESERVED] ?? -1;
    if (reserved >= 0 && !hostStore.bind(reserved, key)) {
      core.callOff(plan.loadId);
      plan.loadId = -1;
      plan.slot = -1;
      plan.reason = plan.cause = "out-of-memory";
      return;
    }
    plan.kind = "miss";
    observer?.miss(key);
  } else if (decision === JOIN) {
    plan.kind = "join";
    observer?.joined(key);
  } else {
    plan.kind = decision === HIT ? "hit" : "stale";
    if (observer !== void 0) {
      const age = Math.max(0, now - hostStore.storedAt(plan.slot)) / 1e3;
      if (decision === STALE) observer.stale(key, age);
      else observer.hit(key, age);
    }
  }
}
function beginMutation(core, name, profile, text, params) {
  const { hostStore } = core;
  const plan = makePlan("mutation", "", NO_POLICY, NOTHING2);
  plan.endpoint = name;
  plan.tag = text === void 0 ? void 0 : idTag(core, name, profile, text, params);
  const now = hostStore.writeNow();
  const length = hostStore.writeText(name);
  const tag = plan.tag === void 0 ? 0 : hostStore.writeText(plan.tag, length);
  plan.loadId = core.beginMutation(length, tag, now);
  plan.count = hostStore.answer[COUNT] ?? 0;
  hostStore.observer?.mutation(name, "begin", plan.count, plan.count);
  return plan;
}
function settleMutation(core, plan, wide) {
  const { hostStore } = core;
  return attempt(
    core,
    () => {
      enter(hostStore);
      const now = core.hostStore.writeNow();
      const length = core.hostStore.writeText(plan.endpoint);
      const tag = plan.tag === void 0 || wide ? 0 : core.hostStore.writeText(plan.tag, length);
      const count2 = core.settle(plan.loadId, length, tag, wide, now);
      core.hostStore.observer?.mutation(plan.endpoint, "settle", count2, count2 + plan.count);
      return count2;
    },
    () => 0
  );
}
function isMutation(core, endpoint) {
  const name = endpointName(endpoint);
  return attempt(core, () => (enter(core.hostStore), profileOf(core, name).kind === "mutation"), () => true);
}
function replanned(core, endpoint, plan) {
  if (plan.reason !== "failure") return plan;
  try {
    if (!isMutation(core, endpoint)) return plan;
    const named = planRequest(core, { endpoint, readable: false, user: void 0, text: void 0, params: void 0, vary: void 0, options: void 0, flags: ALONE });
    if (named.kind === "mutation") return named;
  } catch {
  }
  return { ...plan, kind: "mutation", endpoint: endpointName(endpoint) };
}
function planned(core, open2) {
  const { observer } = core.hostStore;
  if (observer !== void 0) observer.holding += 1;
  try {
    const plan = attempt(core, open2, () => bypass("failure"));
    if (plan.slot >= 0) {
      const { hostStore } = core;
      plan.held = hostStore.storedValue(plan.slot);
      plan.times = hostStore.times(plan.slot);
    }
    return plan;
  } finally {
    if (observer !== void 0) {
      observer.holding -= 1;
      observer.flush();
    }
  }
}
function ageAt(times, now) {
  return times === void 0 ? 0 : Math.max(0, now - times[0]) / 1e3;
}
function ttlAt(times, now) {
  return times === void 0 ? 0 : (times[1] - now) / 1e3;
}

// src/bindings/host/route-request.ts
var { hasOwn: hasOwn6 } = Object;
var UNUSED = "an option of this change is unknown, of the wrong type or out of its range. It was ignored";
var causeOf = (error) => error?.code === "ERR_DISPOSED" ? "disposed" : "failure";
async function getOrSet(core, key, loader, options) {
  if (typeof loader !== "function") {
    throw Object.assign(new TypeError(`a loader is a function, not ${typeof loader}`), { code: "ERR_OPTION" });
  }
  const { signal: given, waitUntil, singleFlight, execution, background, isolation: asked } = Object(options);
  const signal = readSignal(given, "options: signal");
  const isolation = asked ?? core.hostStore.settings.isolation;
  signal?.throwIfAborted();
  const { mode, hasty } = joinMode(core, singleFlight, isolation);
  const flags = isAlone(mode, execution) ? ALONE : 0;
  const replan = () => planKey(core, key, options, flags);
  const plan = replan();
  const stale = (held) => guarded(() => copyFor(held, isolation, core.hostStore.settings.clone));
  const { value } = await executePlan(core, plan, {
    run: (load) => loader(Object.defineProperty(new LoadContext(core, load, stale), "key", { value: key, enumerable: true })),
    alone: () => loader({ key, ...freeContext(core, signal) }),
    read: (raw) => ({ value: raw, data: raw, storable: raw !== void 0 }),
    isolation,
    signal,
    waitUntil,
    execution,
    apart: mode === "request",
    hasty,
    about: key,
    byKey: true,
    identify: void 0,
    background: placeOf2(core, background),
    replan
  });
  return value;
}
function freeContext({ hostStore }, signal) {
  return {
    // Made where it is needed: an AbortController costs more than all else on the way of a hit.
    signal: signal ?? new AbortController().signal,
    began: hostStore.wall(),
    stale: void 0,
    setTtl() {
    },
    addTags() {
    },
    noStore() {
    }
  };
}
function placeOf2({ hostStore }, asked) {
  const place2 = asked ?? hostStore.background;
  if (typeof place2 === "function") return place2;
  return place2 === "detached" ? hostStore.detached : void 0;
}
async function routeRequest(core, request, handler, options, known) {
  if (typeof handler !== "function") {
    throw Object.assign(new TypeError(`a handler is a function, not ${typeof handler}`), { code: "ERR_OPTION" });
  }
  if (typeof request !== "object" || request === null) {
    throw typeError(`a request is an object that names its endpoint, not ${describe(request)}`);
  }
  const { endpoint, params, vary, signal: offered, waitUntil, execution, requestId, method: given } = request;
  const { singleFlight, authorize, background, apiVersion, isolation: wanted } = Object(options);
  const isolation = wanted ?? core.hostStore.settings.isolation;
  const labels = { requestId, apiVersion };
  const signal = guarded(() => readSignal(offered, "request: signal"), null);
  const asked = signal === null ? { ...Object(options), signal: offered } : options;
  const method = (given ?? void 0) === void 0 ? "GET" : typeof given === "string" ? given.toUpperCase() : "";
  const user = identityOf(request);
  const started = core.hostStore.exactNow();
  signal?.throwIfAborted();
  if (authorize !== void 0) {
    const userId = textOfUser(user);
    await authorize(Object.freeze({ endpoint, method, userId, vary: Object.freeze({ ...vary }) }));
  }
  let flaw;
  const caught = (error) => flaw = error;
  const read2 = known === void 0 ? guarded(() => readParams(params), void 0, caught) : known;
  let text = read2?.text;
  let copy2;
  if (read2?.isJson === false) {
    copy2 = guarded(() => ownParams(params, text, core.hostStore.settings.clone), void 0, caught);
    if (copy2 === void 0) text = void 0;
  }
  const { mode, hasty } = joinMode(core, singleFlight, isolation);
  const flags = isAlone(mode, execution) ? ALONE : 0;
  const replan = () => {
    try {
      return planRequest(core, { endpoint, readable: mayRead(method), user, text, params, vary, options: asked, flags });
    } catch (error) {
      return bypass(causeOf(error), error);
    }
  };
  const plan = replanned(core, endpoint, replan());
  const context = () => openContext(core, request, endpoint, method, user, vary, signal ?? void 0);
  if (plan.cause === "params") plan.error ??= flaw;
  if (plan.kind === "mutation") {
    if (options !== void 0) guarded(() => callOptions(asked, "request"), void 0, (error) => core.hostStore.warnings.once(endpoint, "options", UNUSED, error));
    return mutate(core, plan, { endpoint, params, text }, () => handler(params ?? {}, context()), labels, started);
  }
  const stale = (held) => guarded(() => copyFor(held, isolation, core.hostStore.settings.clone).data);
  const found = await executePlan(core, plan, {
    run: (load) => handler(copy2 ?? JSON.parse(text ?? "{}"), keyedContext(core, endpoint, method, plan, load, stale)),
    alone: () => handler(params ?? {}, context()),
    read: asResponse,
    isolation,
    signal: signal ?? void 0,
    waitUntil,
    execution,
    apart: mode === "request",
    about: endpoint,
    byKey: false,
    hasty,
    identify: () => attempt(core, () => core.identify(core.hostStore.writeText(plan.request ?? "")), () => void 0),
    background: placeOf2(core, background),
    replan
  });
  if (plan.kind === "hit" && plan.plain && text !== void 0) remember(core, endpoint, plan, text, found.slot);
  const key = plan.kind === "bypass" ? null : plan.key;
  return respond(core, found, key, labels, started);
}
function textOfUser(user) {
  if (typeof user === "string") return user;
  return user === void 0 || user === null ? void 0 : guarded(() => String(user), "");
}
function ownParams(params, text, clone) {
  const copy2 = copyOf(params, clone);
  if (requestText(copy2) !== text) throw new TypeError("params changed while they were read");
  return copy2;
}
function identityOf({ user, userId }) {
  const id = user?.userId ?? userId;
  return (id === void 0 || id === null) && user !== void 0 && user !== null ? "" : id;
}
async function mutate(core, plan, { endpoint, params, text }, run, labels, started) {
  let count2 = plan.count;
  let value;
  let changes = plan.loadId >= 0;
  const { tier } = core.hostStore;
  const scopes = changes && tier !== void 0 ? guarded(() => core.mutationScopes(plan.loadId), [""]) : [""];
  const tiered = changes ? guarded(() => tier?.begin(scopes)) : void 0;
  try {
    value = asResponse(await run()).value;
  } finally {
    changes ||= guarded(() => isMutation(core, endpoint), true) ?? true;
    if (tiered !== void 0) await tiered.settle().catch(() => {
    });
    else if (changes) guarded(() => tier?.mutated(scopes));
    const wide = text !== void 0 && guarded(() => requestText(params)) !== text;
    if (changes) count2 += guarded(() => settleMutation(core, plan, wide), 0) ?? 0;
  }
  const reason = plan.reason === "" ? void 0 : plan.reason;
  const response = respond(core, answer(changes ? "mutation" : "bypass", value, reason, -1, 0), null, labels, started);
  if (changes) response.metadata.invalidated = count2;
  return response;
}
function remember(core, endpoint, plan, text, slot) {
  const { hostStore } = core;
  if (slot < 0 || hostStore.keys[slot] !== plan.key || !((hostStore.versions[slot] ?? 0) > 0)) return;
  const value = hostStore.storedValue(slot);
  if (typeof value !== "object" || value === null || value.status !== "success") return;
  if (Object.keys(value).length !== 2 || !hasOwn6(value, "data")) return;
  hostStore.refresh();
  hostStore.requestMemo.remember(endpoint, plan.user ?? "", text, { key: plan.key, slot, version: hostStore.versions[slot] ?? 0 });
}
function respond(core, { cache, value, reason, ttl, times }, key, { requestId, apiVersion }, started) {
  const { hostStore } = core;
  const now = hostStore.exactNow();
  const fromCache = cache === "hit" || cache === "stale";
  const age = fromCache ? ageAt(times, now) : 0;
  const left = fromCache ? ttlAt(times, now) : reason === void 0 && ttl > 0 ? ttl / 1e3 : null;
  const body = isEnvelope(value) ? value : { status: "success", data: value };
  const metadata = {
    fromCache,
    cache,
    age,
    ttl: left,
    key,
    requestId: requestId ?? hostStore.responseMetadata.nextRequestId(),
    timestamp: hostStore.responseMetadata.timestamp(hostStore.wall()),
    durationMs: Math.max(0, now - started) || 0,
    apiVersion: apiVersion ?? "v1"
  };
  if (reason !== void 0) metadata.reason = reason;
  return { ...body, metadata };
}
function openContext(core, request, endpoint, method, user, vary, signal) {
  return {
    endpoint,
    method,
    userId: textOfUser(user),
    vary: vary ?? {},
    cached: false,
    request,
    ...freeContext(core, signal)
  };
}
function keyedContext(core, endpoint, method, plan, load, stale) {
  const keyed = { endpoint, method, userId: plan.user, vary: Object.freeze(plan.vary), cached: true };
  return new Proxy(Object.assign(new LoadContext(core, load, stale), keyed), unkeyed);
}
var refuse2 = () => false;
var PASSED = /* @__PURE__ */ new Set(["key", "began", "stale", "then", "toJSON"]);
var INSPECTED = /^(?:\$\$|@@|__|_isMockFunction$|nodeType$|nodeName$|tagName$|asymmetricMatch$|isEqualNode$|inspect$|hasAttribute$|displayName$)/;
var unkeyed = {
  get(target, name) {
    if (typeof name === "symbol" || Object.hasOwn(target, name) || PASSED.has(name)) return target[name];
    if (name in Object.prototype) return Object.prototype[name];
    if (INSPECTED.test(name)) return void 0;
    const sentence = `context.${name} is not part of this read's key, and its answer is served to other requests: name the value in the rule's "vary" and in the request's vary, or keep the endpoint out of the cache with { cache: false }`;
    throw Object.assign(new TypeError(sentence), { code: "ERR_UNKEYED" });
  },
  // Not frozen instead, which takes as long as all else that is made for it.
  set: refuse2,
  defineProperty: refuse2,
  deleteProperty: refuse2,
  setPrototypeOf: refuse2,
  preventExtensions: refuse2
};

// src/bindings/host/patterns.ts
var MEMBERS = ["regex", "glob", "prefix", "endpoint", "userId", "tag"];
var refusal2 = (sentence) => typeError(sentence, "ERR_PATTERN");
function readPattern(value) {
  if (isRead(value)) return value;
  const whole = readRegex(value);
  if (whole !== void 0) return whole;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refusal2(
      `a pattern is a regular expression (a string or a RegExp) or an object with regex, glob, prefix, endpoint, userId or tag, not ${describe(value)}`
    );
  }
  const unknown = Object.keys(value).find((name) => !MEMBERS.includes(name));
  if (unknown !== void 0) {
    throw refusal2(`a pattern has no member ${JSON.stringify(unknown)}; it has ${MEMBERS.join(", ")}`);
  }
  const parts = [];
  const add2 = (name, member) => {
    const isName = name === "endpoint" || name === "userId" || name === "tag";
    const text = isName ? readText(member, `${name} in a pattern`, "ERR_PATTERN") : readLong(member, name, `${name} in a pattern`);
    if (text === "") throw typeError(`${name} in a pattern has at least one character`, "ERR_PATTERN_EMPTY");
    parts.push(name.charAt(0) + text);
  };
  const named = (name) => {
    const member = value[name];
    if (member !== void 0) add2(name, member);
    return member === void 0 ? 0 : 1;
  };
  const { regex } = value;
  if (regex !== void 0) {
    const read2 = readRegex(regex);
    if (read2 === void 0) throw refusal2(`regex in a pattern is a string or a RegExp, not ${describe(regex)}`);
    parts.push(...read2);
  }
  if ((regex === void 0 ? 0 : 1) + named("glob") + named("prefix") > 1) {
    throw refusal2("a pattern has one of regex, glob and prefix, not several");
  }
  named("endpoint");
  const { userId } = value;
  if (userId === null) throw refusal2("userId in a pattern names somebody");
  if (userId === "") add2("userId", userId);
  else if (userId !== void 0) parts.push(`u${readUser(userId)}`);
  named("tag");
  if (parts.length === 0) {
    throw refusal2("a pattern names at least one of regex, glob, prefix, endpoint, userId and tag");
  }
  return parts;
}
function readRegex(value) {
  if (typeof value === "string") return [`r${readLong(value, REGEX, "a regular expression")}`];
  if (!isRegExp(value)) return void 0;
  const { source, flags } = value;
  return [`j${readLong(source, REGEX, "the source of a RegExp")}`, `f${readText(flags, "the flags of a RegExp", "ERR_PATTERN")}`];
}
var REGEX = "regular expression";
function readLong(value, notation, what) {
  if (typeof value !== "string") throw refusal2(`${what} is a string, not ${describe(value)}`);
  if (value.length > MAX_PATTERN) {
    throw rangeError(`the ${notation} has ${value.length} characters; at most ${MAX_PATTERN} are allowed`, "ERR_PATTERN_TOO_LARGE");
  }
  if (!isWellFormed(value)) throw refusal2(`${what} is a string of well-formed Unicode, not ${describe(value)}`);
  return value;
}

// src/bindings/host/stats-format.ts
var COUNTERS = [
  "size",
  "hits",
  "misses",
  "hitRate",
  "missRate",
  "expiredEntries",
  "sets",
  "evictions",
  "invalidations",
  "staleHits",
  "joined",
  "loads",
  "failedLoads",
  "refusedFills",
  "rejected",
  "expiredMutations",
  "bytes",
  "overheadBytes",
  "loading",
  "mutating",
  "clockErrors",
  "markedStale",
  "endedLoads",
  "loadSeconds"
];
var LIMITS2 = ["maxEntries", "maxBytes", "maxEntryBytes", "maxLoads"];
function nameStats(counts, hostStore) {
  let at = 0;
  const next = (names) => Object.fromEntries(names.map((name) => [name, counts[at++] ?? 0]));
  const stats = next(COUNTERS);
  const limits = next(LIMITS2);
  const { "unknown-load": late = 0, ...ends2 } = next(REFUSALS);
  stats["refusedFills"] = (stats["refusedFills"] ?? 0) - late;
  const refused2 = Object.entries(ends2).filter(([, count2]) => count2 > 0);
  const bypassedBy = { ...hostStore?.reasons.bypassedBy };
  const bypasses = Object.values(bypassedBy).reduce((sum, count2) => sum + count2, 0);
  return { ...stats, bypasses, refusedBy: Object.fromEntries(refused2), bypassedBy, limits };
}
function nameExplanation(key, state, summary, numbers, reason, by, hostStore) {
  const [age = NaN, ttl = NaN, retryIn = NaN, loading, removedAt, invalidatedAt, count2] = numbers;
  const seconds = (ms) => Number.isNaN(ms) ? void 0 : ms / 1e3;
  const notCached = hostStore?.reasons.of(key);
  const given = Object.entries({
    key,
    state,
    summary: notCached === void 0 || state === "fresh" ? summary : `${summary}; ${lately(notCached)}`,
    age: seconds(age),
    ttl: seconds(ttl),
    loading: loading === 1,
    retryIn: seconds(retryIn),
    removal: reason === "" ? void 0 : { reason, at: removedAt },
    invalidation: by === "" ? void 0 : { by, count: count2, at: invalidatedAt },
    notCached
  });
  return Object.fromEntries(given.filter(([, value]) => value !== void 0));
}
function lately({ endpoint, reason, count: count2 }) {
  return `${printable(endpoint) || "requests"} last not cached because of "${reason}" (${count2 === 1 ? "once" : `${count2} times`})`;
}
function nameSize(sizes, name, size) {
  Object.defineProperty(sizes, name, { value: { size }, enumerable: true, writable: true, configurable: true });
}
function listSlots(hostStore, slots, values) {
  return Array.from(slots, (slot) => values ? [hostStore.key(slot), hostStore.value(slot)] : hostStore.key(slot));
}

// src/bindings/host/scan.ts
var BATCH = 1 << 16;
var Scan = class {
  /**
   * @param slots to look at; all of them if none are given
   * @param pieces texts that occur in a matching key in this order
   * @param anchors 1: the first piece starts the key, 2: the last one ends it, 3: both
   * @param exact true when the pieces decide, for keys without a line feed
   */
  constructor(hostStore, slots, pieces, anchors, exact) {
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
  next() {
    this.asked.length = 0;
    if (this.odd >= 0) {
      this.asked.push(this.odd);
      this.odd = -1;
      return this.keys[this.asked[0] ?? -1];
    }
    const texts = [];
    let length = 0;
    while (length < BATCH) {
      const { value: slot, done } = this.rest.next();
      if (done) break;
      const key = this.keys[slot];
      if (key === void 0 || !holds(key, this.pieces, this.anchors)) continue;
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
    return this.odd >= 0 ? this.next() : void 0;
  }
  /** How many keys the batch holds: a single one may hold line feeds of its own. */
  count() {
    return this.asked.length;
  }
  /** Takes the answers for the batch: 1 for a key that matches. */
  keep(answers) {
    this.asked.forEach((slot, at) => {
      if (answers[at] === 1) this.found.push(slot);
    });
  }
  /** The slots found. */
  slots() {
    return Uint32Array.from(this.found);
  }
};
function holds(key, pieces, anchors) {
  let from = 0;
  for (let at = 0; at < pieces.length; at += 1) {
    const piece = pieces[at] ?? "";
    const starts = at === 0 && (anchors & 1) !== 0;
    const ends2 = at === pieces.length - 1 && (anchors & 2) !== 0;
    const place2 = starts ? 0 : ends2 ? key.length - piece.length : key.indexOf(piece, from);
    if (place2 < from || !key.startsWith(piece, place2)) return false;
    if (ends2 && place2 + piece.length !== key.length) return false;
    from = place2 + piece.length;
  }
  return true;
}

// src/bindings/host/set-value.ts
function readSet(hostStore, key, value, options) {
  enterKey(hostStore, key);
  if (value === void 0) throw typeError("a value is anything but undefined; null is a value", "ERR_VALUE");
  return callOptions(options, "set");
}
function setOptions(hostStore, key, value, options) {
  const { policy, tags } = readSet(hostStore, key, value, options);
  const tooManyTags = tags === TOO_MANY_TAGS;
  if (tooManyTags) warnOfTags(hostStore, key);
  return { policy, tags, tooManyTags };
}

// src/bindings/host/notify.ts
function tell(hostStore, event, ...about) {
  const { observer } = hostStore;
  observer[EVENTS[event] ?? ""](...about);
  observer.flush();
}
function rejected(hostStore, key, reason) {
  hostStore.reasons.rejected(key, reason);
}
function flush(hostStore) {
  hostStore.observer.flush();
}
export {
  HostStore,
  Scan,
  bytesAt,
  coded,
  enter,
  enterKey,
  estimateBytes,
  flush,
  getOrSet,
  isLength,
  listSlots,
  nameExplanation,
  nameSize,
  nameStats,
  normalId,
  readPattern,
  readText,
  readUser,
  rejected,
  requestText,
  routeRequest,
  serviceOptions,
  setOptions,
  tell,
  ttlMs,
  ttlsChanged
};
