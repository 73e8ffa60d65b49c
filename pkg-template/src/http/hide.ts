/**
 * What is no part of the key is hidden from a handler whose answer others may get.
 *
 * Headers and cookies read as absent, so the answer cannot depend on them. What other middlewares found out about the asker
 * (a session, a user) stays readable, because a handler may need it; who reads it makes an answer for this asker alone.
 * Nothing is assigned to: members are covered by properties of the object itself, because some of them only have a getter.
 */

/** Members that say who asks, in the words of the usual middlewares. */
const TELLING = new Set(["session", "sessionID", "sessions", "user", "currentUser", "userId", "auth", "basicAuth", "oidc", "jwtPayload"]);

/** An object of a framework, of which any member may be missing. */
type Members = Record<string, unknown>;

/** Members in which parsers put cookies. */
const COOKIES = ["cookies", "signedCookies"];

/**
 * Whether a header of a request must be hidden from a handler whose answer others may get: those that make the answer depend
 * on what the asker has already, and where the key names no user, those that name one.
 *
 * @param name in lower case
 * @param shared whether the key names no user
 */
export const isHidden = (name: string, shared: boolean) =>
  name.startsWith("if-") || (shared && (name === "cookie" || name === "authorization"));

/** Whether an object has members of its own only. Parsers of cookies make such without a prototype, or with an empty one. */
function isPlain(value: unknown) {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  return Object.getPrototypeOf(prototype) === null && Reflect.ownKeys(prototype).length === 0;
}

/** How a member is defined, wherever on the chain. */
function definitionOf(target: object, name: string) {
  for (let at = target; at !== null && at !== undefined; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

export class Hidden {
  /** Whether the handler looked at who asks: then its answer is for that asker alone. */
  touched = false;
  /** Whether looks are not the handler's, but those of middlewares that end the request. */
  paused = false;
  #shared!: boolean;
  /** What puts each covered member back. */
  #undo: Set<() => void> = new Set();

  /** @param shared whether the key names no user */
  constructor(shared: boolean) {
    this.#shared = shared;
  }

  /** Why the answer is not for others. */
  get reason(): string | undefined {
    return this.touched ? "unkeyed" : undefined;
  }

  /** Shows everything again. */
  show() {
    for (const undo of [...this.#undo].reverse()) undo();
    this.#undo.clear();
  }

  /** The handler looked at who asks. From here on it may see everything, since nobody else gets its answer. */
  touch() {
    if (this.paused || this.touched) return;
    this.touched = true;
    this.show();
  }

  /** Hides what a request of Node, or of a framework of Node, carries. */
  request(given: unknown) {
    const req = given as Members | null | undefined;
    if (typeof req?.headers !== "object" || req.headers === null) return;
    const hidden = Object.keys(req.headers).some((name) => isHidden(name, this.#shared));
    if (hidden) for (const name of ["headers", "headersDistinct"]) this.#fields(req, name);
    const { rawHeaders } = req;
    if (hidden && Array.isArray(rawHeaders)) {
      const value = rawHeaders.filter((_, at) => !isHidden(String(rawHeaders[at - (at % 2)]).toLowerCase(), this.#shared));
      this.#cover(req, "rawHeaders", { value, writable: true });
    }
    if (!this.#shared) return;
    for (const name of COOKIES) {
      const value = req[name];
      // Empty and not undefined: nothing may throw because of the cache.
      if (isPlain(value)) this.#cover(req, name, { value: Object.create(Object.getPrototypeOf(value)), writable: true });
      else if (value !== undefined && value !== null) this.#watch(req, name);
    }
    this.watch(req);
  }

  /** Notices when the handler looks at a member that says who asks. */
  watch(given: unknown) {
    if (!this.#shared || typeof given !== "object" || given === null) return;
    const target = given as Members;
    for (const name of TELLING) {
      const found = definitionOf(target, name);
      // What is empty says that nobody asks, as the key does.
      if (found !== undefined && (found.get !== undefined || (found.value !== undefined && found.value !== null)))
        this.#watch(target, name);
    }
  }

  /** Notices it where members are read by a function instead. */
  watched(read: (name: string) => unknown): (name: string) => unknown {
    return (name) => {
      const value = read(name);
      if (this.#shared && TELLING.has(name) && value !== undefined && value !== null) this.touch();
      return value;
    };
  }

  /**
   * Covers a member until everything is shown again.
   *
   * @returns uncovers it
   */
  #cover(target: Members, name: string, cover: PropertyDescriptor): () => void {
    const own = Object.getOwnPropertyDescriptor(target, name);
    // What cannot be covered is as good as looked at.
    if (!Reflect.defineProperty(target, name, { configurable: true, enumerable: own?.enumerable ?? false, ...cover })) this.touched = true;
    const undo = () => {
      if (!this.#undo.delete(undo)) return;
      if (own === undefined) Reflect.deleteProperty(target, name);
      else Reflect.defineProperty(target, name, own);
    };
    this.#undo.add(undo);
    return undo;
  }

  /** Covers an object of headers by one without those that are hidden. */
  #fields(req: Members, name: string) {
    const all = req[name];
    if (typeof all !== "object" || all === null) return;
    const value = Object.create(Object.getPrototypeOf(all));
    for (const [field, said] of Object.entries(all)) if (!isHidden(field, this.#shared)) value[field] = said;
    this.#cover(req, name, { value, writable: true });
  }

  #watch(target: Members, name: string) {
    const found = definitionOf(target, name);
    const uncover = this.#cover(target, name, {
      get: () => {
        this.touch();
        return found?.get === undefined ? found?.value : found.get.call(target);
      },
      set: (value) => {
        uncover();
        target[name] = value;
      },
    });
  }
}
