/**
 * What holds for an endpoint: asked of the engine once, and kept while the table of TTLs is the same. Rules do not change while
 * a cache lives. A name comes from a request, so the memory is bounded.
 */

import type { Core } from "./core.js";

/** Times are milliseconds, shares are parts of the TTL. */
export interface Policy {
  /** infinite where an answer never expires */
  ttl: number;
  staleWhileRevalidate: number;
  staleIfError: number;
  /** infinite where there is none, as the next */
  softTimeout: number;
  hardTimeout: number;
  jitter: number;
  /** 1 where a hit never starts a load ahead of time */
  eagerRefresh: number;
  /** -1 where an empty answer lives as long as others */
  negativeTtl: number;
  /** NaN where nobody says */
  retryBackoff: number;
}

/** What holds where nothing is said. */
export const NO_POLICY: Policy = Object.freeze({
  ttl: 0, staleWhileRevalidate: 0, staleIfError: 0, softTimeout: Infinity, hardTimeout: Infinity, jitter: 0, eagerRefresh: 1,
  negativeTtl: -1, retryBackoff: NaN,
});

/** `own`, and what holds where it says nothing. */
export function completed(own: Partial<Policy>): Policy {
  const said = Object.entries(own).filter(([, value]) => value !== undefined);
  return { ...NO_POLICY, ...Object.fromEntries(said) };
}

export interface Profile extends Policy {
  kind: "read" | "mutation" | "other";
  /** why requests of another kind are not cached; "" for a read and a mutation */
  reason: string;
  /** what is wrong with the name, in a sentence; "" where nothing is */
  problem: string;
  visibility: "auto" | "user" | "shared";
  /** tags of every entry */
  tags: string[];
  /** names of further values in the key */
  vary: string[];
  /** the member of params that holds the resource's id */
  resourceId: string | undefined;
  /** the number of the user's function that finds the id instead */
  resourceIdBy: number | undefined;
  /** numbers of the user's functions that name tags */
  taggers: number[];
}

/** Counts changes of the table of TTLs. */
let version = 0;

/** The table of TTLs changed: no profile that was made before holds any more. */
export function ttlsChanged() {
  version += 1;
}

export function profileOf(core: Core, endpoint: string): Profile {
  const { hostStore } = core;
  if (hostStore.profilesVersion !== version) {
    hostStore.profiles.clear();
    hostStore.profilesVersion = version;
  }
  let profile = hostStore.profiles.get(endpoint);
  if (profile === undefined) {
    profile = core.profile(hostStore.writeText(endpoint));
    hostStore.profiles.set(endpoint, profile);
  }
  return profile;
}
