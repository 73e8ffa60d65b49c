/**
 * Which group a key without tags belongs to, as the engine told it.
 *
 * This room knows how keys begin and the numbers of their groups. It must not know slots or values; whether a group may
 * still be served is the engine's to say. The group of most keys is found in a small table first, because to cut a part
 * out of a string and look it up in a map costs several times as much.
 */

/** Places of the table of groups met lately at the most: it takes 64 KB then. */
const MOST_RECENT = 4096;

/** Characters of a request's key behind its group: a colon and sixteen digits. */
const TAIL = 17;

/**
 * The length of the part of a key that names its group: `endpoint`, or `endpoint:user:USER`. Rust splits keys by the
 * same rule.
 *
 * @param {string} key
 */
export function cut(key) {
  const colon = key.indexOf(":");
  if (colon < 0) return 0;
  if (key.charCodeAt(colon + 1) === 0x75 && key.startsWith("user:", colon + 1)) {
    // Where the key of a request has its last colon; `lastIndexOf` takes three times as long as `indexOf`.
    const usual = key.length - TAIL;
    if (usual > colon + 5 && key.charCodeAt(usual) === 0x3a && key.indexOf(":", usual + 1) < 0) return usual;
    const last = key.lastIndexOf(":");
    if (last > colon + 5) return last;
  }
  return colon;
}

/**
 * A hash of the part of a key that names its group: of all of a short one. Of a long one the last characters go in, by
 * which users differ, and those after the first third, by which resources do; groups that differ elsewhere share a place
 * of the table, and the map tells them apart.
 *
 * @param {string} key
 * @param {number} length
 */
function hashOf(key, length) {
  let hash = length;
  if (length < 12) {
    for (let at = 0; at < length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  } else {
    const middle = (length * 3) >> 3;
    for (let at = middle; at < middle + 6; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
    for (let at = length - 4; at < length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  }
  return hash ^ (hash >>> 15);
}

export class Groups {
  constructor() {
    this.recentHashes = new Int32Array(0);
    this.recentGroups = new Int32Array(0);
    /** @type {string[]} */
    this.recentParts = [];
    this.clear();
  }

  /** Forgets everything. */
  clear() {
    /** Groups by the part of the key that names them. @type {Map<string, number>} */
    this.byPart = new Map();
    /** @type {(string | undefined)[]} */
    this.parts = [];
    this.resize(64);
  }

  /**
   * Makes the table of groups met lately anew. Two places that differ in their lowest bit are one set: a group stands in
   * either.
   * @param {number} places a power of two
   */
  resize(places) {
    this.recentHashes = new Int32Array(places);
    this.recentGroups = new Int32Array(places).fill(-1);
    this.recentParts = new Array(places).fill("");
  }

  /**
   * The group of a key as far as is remembered, or -1.
   *
   * @param {string} key
   */
  of(key) {
    // Most keys end with the sixteen digits of a hash. If what stands before them is the part of some group and no colon
    // comes after it, it is this key's part too, and where the first colon stands need not be known.
    const usual = key.length - TAIL;
    if (usual > 0 && key.charCodeAt(usual) === 0x3a) {
      const group = this.recent(key, usual, hashOf(key, usual));
      if (group >= 0 && key.indexOf(":", usual + 1) < 0) return group;
    }
    const length = cut(key);
    const hash = hashOf(key, length);
    const recent = this.recent(key, length, hash);
    if (recent >= 0) return recent;
    const part = key.slice(0, length);
    const group = this.byPart.get(part) ?? -1;
    if (group >= 0) this.note(hash, part, group);
    return group;
  }

  /**
   * The group in the table whose part is the first `length` characters of a key, or -1.
   *
   * @param {string} key
   * @param {number} length
   * @param {number} hash of that part
   */
  recent(key, length, hash) {
    let place = hash & (this.recentHashes.length - 1);
    if (this.recentHashes[place] !== hash) place ^= 1;
    if (this.recentHashes[place] !== hash) return -1;
    const part = this.recentParts[place] ?? "";
    // `indexOf` compares in native code; `startsWith` would be compiled to a slower loop over characters.
    return part.length === length && key.indexOf(part) === 0 ? this.recentGroups[place] ?? -1 : -1;
  }

  /**
   * Puts a group into the table; of the two in its set, the one that came first goes.
   *
   * @param {number} hash
   * @param {string} part
   * @param {number} group
   */
  note(hash, part, group) {
    const { recentHashes, recentGroups, recentParts } = this;
    const place = hash & (recentHashes.length - 1);
    const other = place ^ 1;
    recentHashes[other] = recentHashes[place] ?? 0;
    recentGroups[other] = recentGroups[place] ?? -1;
    recentParts[other] = recentParts[place] ?? "";
    recentHashes[place] = hash;
    recentGroups[place] = group;
    recentParts[place] = part;
  }

  /**
   * Remembers a group.
   *
   * @param {string} part what its keys begin with
   * @param {number} group
   */
  remember(part, group) {
    this.byPart.set(part, group);
    this.parts[group] = part;
    const places = this.recentGroups.length;
    if (this.byPart.size * 2 > places && places < MOST_RECENT) this.resize(places * 4);
    this.note(hashOf(part, part.length), part, group);
  }

  /**
   * Forgets a group that is no more; its number may be given to another.
   * @param {number} group
   */
  forget(group) {
    const part = this.parts[group];
    if (part === undefined) return;
    this.parts[group] = undefined;
    if (this.byPart.get(part) === group) this.byPart.delete(part);
    const place = hashOf(part, part.length) & (this.recentHashes.length - 1);
    for (const at of [place, place ^ 1]) {
      if (this.recentGroups[at] !== group) continue;
      this.recentGroups[at] = -1;
      this.recentParts[at] = "";
      this.recentHashes[at] = 0;
    }
  }
}
