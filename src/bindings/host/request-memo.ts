/**
 * Requests seen before: from a request itself to the entry that answers it, so that a hit hashes nothing.
 *
 * A route holds numbers and a key, never a value: an answer lives as long as its entry and no longer. It is good while its
 * slot has the same key and the same version; whoever looks checks both. Requests
 * are told apart by endpoint, user and the whole of their params, never by a hash: by their text, and once that has been
 * met again by their tokens, if they are small. The memory is bounded: it is kept in two halves, and when the young one
 * is full the old one goes.
 */

import { FingerprintMemo, readTokens } from "./params-fingerprint.js";

/** Requests remembered in each half. */
const HALF = 4_096;

export interface KnownRequest {
  key: string;
  slot: number;
  /** of the value in the slot then */
  version: number;
}

/** endpoint, then user ("" for nobody), then text */
export type Half = Map<string, Map<string, Map<string, KnownRequest>>>;

export class RequestMemo {
  young: Half;
  old: Half;
  count: number;
  byTokens: FingerprintMemo;

  constructor() {
    this.young = new Map();
    this.old = new Map();
    this.count = 0;
    this.byTokens = new FingerprintMemo(HALF);
  }

  /**
   * The route of params that were read into tokens.
   *
   * @param user "" for nobody
   */
  recall(endpoint: string, user: string, reading: number): KnownRequest | undefined {
    return this.byTokens.find(endpoint, user, reading);
  }

  /**
   * Lets a route be recalled. Read from the text and not from the params: what a getter answers may be another thing each
   * time, and the route is that of the text.
   */
  promote(endpoint: string, user: string, text: string, route: KnownRequest) {
    if (readTokens(JSON.parse(text)) > 0) this.byTokens.remember(endpoint, user, route);
  }

  /**
   * @param user "" for nobody
   * @param text of the params
   */
  find(endpoint: string, user: string, text: string): KnownRequest | undefined {
    const route = this.young.get(endpoint)?.get(user)?.get(text);
    if (route !== undefined) return route;
    const aged = this.old.get(endpoint)?.get(user)?.get(text);
    if (aged !== undefined) this.remember(endpoint, user, text, aged);
    return aged;
  }

  remember(endpoint: string, user: string, text: string, route: KnownRequest) {
    if (this.count >= HALF) {
      this.old = this.young;
      this.young = new Map();
      this.count = 0;
    }
    let users = this.young.get(endpoint);
    if (users === undefined) this.young.set(endpoint, (users = new Map()));
    let texts = users.get(user);
    if (texts === undefined) users.set(user, (texts = new Map()));
    const known = texts.get(text);
    if (known === undefined) {
      this.count += 1;
      texts.set(text, route);
    } else {
      // In place, so that what can be recalled leads to the new entry at once.
      Object.assign(known, route);
    }
  }

  /** Forgets everything. */
  clear() {
    this.young = new Map();
    this.old = new Map();
    this.count = 0;
    this.byTokens.clear();
  }
}
