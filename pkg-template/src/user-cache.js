/** One user's part of a cache: every key, request and pattern names that user. */

import { MAX_NAME } from "../../src/bindings/host/checks.js";
import { describe, isPlain, isRegExp } from "../../src/bindings/host/values.js";
import { coded } from "./errors.js";
import { generateCacheKey } from "./keys.js";
import { routeRequest } from "./route-request.js";

export class UserCache {
  /** @type {any} */
  #cache;

  /**
   * @param {any} cache
   * @param {string | number} userId
   */
  constructor(cache, userId) {
    const id = typeof userId === "number" && Number.isFinite(userId) ? String(userId) : userId;
    if (typeof id !== "string" || id === "" || (id.length <= MAX_NAME && !id.isWellFormed())) {
      throw coded(TypeError, "ERR_USER_ID", `a user id is a non-empty string or a finite number, not ${describe(userId)}`);
    }
    if (id.length > MAX_NAME) {
      throw coded(TypeError, "ERR_KEY_LENGTH", `a user id has ${MAX_NAME} characters at most, not ${id.length}`);
    }
    this.#cache = cache;
    /** @readonly */
    this.userId = id;
    Object.freeze(this);
  }

  /**
   * @param {string} endpoint
   * @param {any} [params]
   */
  generateCacheKey(endpoint, params) {
    return generateCacheKey(endpoint, params, this.userId);
  }

  /**
   * @param {string} endpoint
   * @param {any} [params]
   */
  get(endpoint, params) {
    return this.#cache.get(this.generateCacheKey(endpoint, params));
  }

  /**
   * @param {string} endpoint
   * @param {any} [params]
   */
  peek(endpoint, params) {
    return this.#cache.peek(this.generateCacheKey(endpoint, params));
  }

  /**
   * @param {string} endpoint
   * @param {any} [params]
   */
  has(endpoint, params) {
    return this.#cache.has(this.generateCacheKey(endpoint, params));
  }

  /**
   * @param {string} endpoint
   * @param {any} params
   * @param {any} value
   * @param {any} [options]
   */
  set(endpoint, params, value, options) {
    return this.#cache.set(this.generateCacheKey(endpoint, params), value, options);
  }

  /**
   * @param {string} endpoint
   * @param {any} [params]
   */
  delete(endpoint, params) {
    return this.#cache.delete(this.generateCacheKey(endpoint, params));
  }

  /**
   * @param {string} endpoint
   * @param {any} params
   * @param {(context: any) => any} loader
   * @param {any} [options]
   */
  getOrSet(endpoint, params, loader, options) {
    return this.#cache.getOrSet(this.generateCacheKey(endpoint, params), loader, options);
  }

  /**
   * @param {any} request
   * @param {(params: any, context: any) => any} handler
   * @param {any} [options]
   */
  routeRequest(request, handler, options) {
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

  /** @param {any} [pattern] */
  invalidate(pattern) {
    return this.#cache.invalidate(this.#own(pattern));
  }

  /** @param {any} [pattern] */
  expire(pattern) {
    return this.#cache.expire(this.#own(pattern));
  }

  /**
   * A pattern that names this user as well; all of the user's entries without one.
   * @param {any} pattern
   */
  #own(pattern) {
    const { userId } = this;
    if (pattern === undefined) return { userId };
    if (typeof pattern === "string" || isRegExp(pattern)) return { regex: pattern, userId };
    // What is no pattern is refused where all are.
    if (!isPlain(pattern) || Object.values(pattern).every((member) => member === undefined)) return pattern;
    if (pattern.userId === undefined) return { ...pattern, userId };
    throw coded(TypeError, "ERR_PATTERN", "a pattern for one user's cache names no userId: it is that user's");
  }
}
