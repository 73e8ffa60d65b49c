/** One user's part of a cache: every key, request and pattern names that user. */

import { MAX_NAME } from "../../src/bindings/host/validate.js";
import { describe, isPlain, isRegExp } from "../../src/bindings/host/values.js";
import { coded } from "./errors.js";
import { generateCacheKey } from "./keys.js";
import { routeRequest } from "./route-request.js";
import type {
  AnyParams,
  CacheService,
  DataOf,
  GetOrSetOptions,
  Handler,
  InvalidationPattern,
  LoadContext,
  PatternObject,
  RouteOptions,
  RouteRequest,
  RouteResponse,
  SetOptions,
  Ttl,
  UserCache as Public,
  UserId,
} from "./types/index.js";

type Params = object | null | undefined;
type OwnPattern = string | RegExp | Omit<PatternObject, "userId">;

/** What its members do is said in `types/user-cache.ts`. */
export class UserCache implements Public {
  readonly userId: string;

  #cache: CacheService;

  constructor(cache: CacheService, userId: UserId) {
    const id = typeof userId === "number" && Number.isFinite(userId) ? String(userId) : userId;
    if (typeof id !== "string" || id === "" || (id.length <= MAX_NAME && !id.isWellFormed())) {
      throw coded(TypeError, "ERR_USER_ID", `a user id is a non-empty string or a finite number, not ${describe(userId)}`);
    }
    if (id.length > MAX_NAME) {
      throw coded(TypeError, "ERR_KEY_LENGTH", `a user id has ${MAX_NAME} characters at most, not ${id.length}`);
    }
    this.#cache = cache;
    this.userId = id;
    Object.freeze(this);
  }

  generateCacheKey(endpoint: string, params?: Params) {
    return generateCacheKey(endpoint, params, this.userId);
  }

  get<T = unknown>(endpoint: string, params?: Params) {
    return this.#cache.get<T>(this.generateCacheKey(endpoint, params));
  }

  peek<T = unknown>(endpoint: string, params?: Params) {
    return this.#cache.peek<T>(this.generateCacheKey(endpoint, params));
  }

  has(endpoint: string, params?: Params) {
    return this.#cache.has(this.generateCacheKey(endpoint, params));
  }

  set(endpoint: string, params: Params, value: unknown, options?: Ttl | SetOptions) {
    return this.#cache.set(this.generateCacheKey(endpoint, params), value, options);
  }

  delete(endpoint: string, params?: Params) {
    return this.#cache.delete(this.generateCacheKey(endpoint, params));
  }

  getOrSet<T>(endpoint: string, params: Params, loader: (context: LoadContext) => T | PromiseLike<T>, options?: Ttl | GetOrSetOptions) {
    return this.#cache.getOrSet(this.generateCacheKey(endpoint, params), loader, options);
  }

  routeRequest<T, P = AnyParams>(
    request: Omit<RouteRequest<P>, "userId" | "user">,
    handler: Handler<T, P>,
    options?: RouteOptions,
  ): Promise<RouteResponse<DataOf<T>>> {
    let own: RouteRequest<P>;
    try {
      // By name as well: what a class has as a getter is no member of its instances.
      const { endpoint, method, params, vary, signal, waitUntil, execution, requestId } = request;
      const named = { endpoint, method, params, vary, signal, waitUntil, execution, requestId };
      own = { ...request, ...named, user: undefined, userId: this.userId };
    } catch (error) {
      return Promise.reject(error);
    }
    return routeRequest(this.#cache, own, handler, options);
  }

  invalidate(pattern?: OwnPattern) {
    return this.#cache.invalidate(this.#own(pattern));
  }

  expire(pattern?: OwnPattern) {
    return this.#cache.expire(this.#own(pattern));
  }

  /** A pattern that names this user as well; all of the user's entries without one. */
  #own(pattern: OwnPattern | undefined): InvalidationPattern {
    const { userId } = this;
    if (pattern === undefined) return { userId };
    if (typeof pattern === "string" || isRegExp(pattern)) return { regex: pattern as string | RegExp, userId };
    // What is no pattern is refused where all are.
    const named = pattern as PatternObject;
    if (!isPlain(named) || Object.values(named).every((member) => member === undefined)) return named;
    if (named.userId === undefined) return { ...named, userId };
    throw coded(TypeError, "ERR_PATTERN", "a pattern for one user's cache names no userId: it is that user's");
  }
}
