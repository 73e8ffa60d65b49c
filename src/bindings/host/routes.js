/**
 * Requests seen before: from a request's own text to the entry that answers it, so that a hit hashes nothing.
 *
 * A route is good while its slot has the same tenant and that slot the same value; whoever looks checks both. Requests
 * are told apart by endpoint, user and the whole text of their params, never by a hash. The memory is bounded: it is
 * kept in two halves, and when the young one is full the old one goes.
 */

/** Requests remembered in each half. */
const HALF = 4_096;

/**
 * @typedef {object} Route
 * @property {string} key
 * @property {number} slot
 * @property {number} tenancy of the slot when the route was remembered
 * @property {any} value in the slot then
 * @property {any} data of the value
 */

/** @typedef {Map<string, Map<string, Map<string, Route>>>} Half endpoint, then user ("" for nobody), then text */

export class Routes {
  constructor() {
    /** @type {Half} */
    this.young = new Map();
    /** @type {Half} */
    this.old = new Map();
    this.count = 0;
  }

  /**
   * @param {string} endpoint
   * @param {string} user "" for nobody
   * @param {string} text of the params
   * @returns {Route | undefined}
   */
  find(endpoint, user, text) {
    const route = this.young.get(endpoint)?.get(user)?.get(text);
    if (route !== undefined) return route;
    const aged = this.old.get(endpoint)?.get(user)?.get(text);
    if (aged !== undefined) this.remember(endpoint, user, text, aged);
    return aged;
  }

  /**
   * @param {string} endpoint
   * @param {string} user
   * @param {string} text
   * @param {Route} route
   */
  remember(endpoint, user, text, route) {
    if (this.count >= HALF) {
      this.old = this.young;
      this.young = new Map();
      this.count = 0;
    }
    let users = this.young.get(endpoint);
    if (users === undefined) this.young.set(endpoint, (users = new Map()));
    let texts = users.get(user);
    if (texts === undefined) users.set(user, (texts = new Map()));
    if (!texts.has(text)) this.count += 1;
    texts.set(text, route);
  }

  /** Forgets everything. */
  clear() {
    this.young = new Map();
    this.old = new Map();
    this.count = 0;
  }
}
