/** One user's part of a cache: every key, request and pattern names that user. */

import { MAX_NAME } from "../../src/bindings/host/validate.js";
import { describe, isPlain, isRegExp } from "../../src/bindings/host/values.js";
import { coded } from "./errors.js";
import { generateCacheKey } from "./keys.js";
import { routeRequest } from "./route-request.js";

export class UserCache {
  userId: string;

  #cache!: any;

  constructor(cache: any, userId: string | number) {
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

  generateCacheKey(endpoint: string, params?: any) {
    return generateCacheKey(endpoint, params, this.userId);
  }

  get(endpoint: string, params?: any) {
    return this.#cache.get(this.generateCacheKey(endpoint, params));
  }

  peek(endpoint: string, params?: any) {
    return this.#cache.peek(this.generateCacheKey(endpoint, params));
  }

  has(endpoint: string, params?: any) {
    return this.#cache.has(this.generateCacheKey(endpoint, params));
  }

  set(endpoint: string, params: any, value: any, options?: any) {
    return this.#cache.set(this.generateCacheKey(endpoint, params), value, options);
  }

  delete(endpoint: string, params?: any) {
    return this.#cache.delete(this.generateCacheKey(endpoint, params));
  }

  getOrSet(endpoint: string, params: any, loader: (context: any) => any, options?: any) {
    return this.#cache.getOrSet(this.generateCacheKey(endpoint, params), loader, options);
  }

  routeRequest(request: any, handler: (params: any, context: any) => any, options?: any) {
    let own;
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

  invalidate(pattern?: any) {
    return this.#cache.invalidate(this.#own(pattern));
  }

  expire(pattern?: any) {
    return this.#cache.expire(this.#own(pattern));
  }

  /** A pattern that names this user as well; all of the user's entries without one. */
  #own(pattern: any) {
    const { userId } = this;
    if (pattern === undefined) return { userId };
    if (typeof pattern === "string" || isRegExp(pattern)) return { regex: pattern, userId };
    // What is no pattern is refused where all are.
    if (!isPlain(pattern) || Object.values(pattern).every((member) => member === undefined)) return pattern;
    if (pattern.userId === undefined) return { ...pattern, userId };
    throw coded(TypeError, "ERR_PATTERN", "a pattern for one user's cache names no userId: it is that user's");
  }
}
