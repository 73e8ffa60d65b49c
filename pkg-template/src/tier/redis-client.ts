/** The clients of Redis and Valkey told apart: what the store and the bus have to know of them alike. */

import { checkPeer, peerError } from "../peers.js";

/** What is used of a client of ioredis or iovalkey. */
export interface Ioredis {
  readonly isCluster?: boolean;
  getBuffer(key: string): Promise<Uint8Array | null>;
  mgetBuffer(keys: string[]): Promise<(Uint8Array | null)[]>;
  set(key: string, bytes: Uint8Array, ...options: (string | number)[]): Promise<unknown>;
  del(key: string): Promise<unknown>;
  info(section: string): Promise<unknown>;
  publish(channel: string, text: string): Promise<unknown>;
  subscribe(channel: string): Promise<unknown>;
  duplicate(): Ioredis;
  disconnect(): unknown;
  on(event: "message", listener: (channel: string, text: string) => void): unknown;
  on(event: "ready" | "error", listener: () => void): unknown;
}

/** What is used of a client of node-redis; some of it is not in every version, and some of it is a cluster's. */
export interface NodeRedis {
  readonly masters?: unknown;
  withTypeMapping?(mapping: Record<number, unknown>): NodeRedis;
  get(key: string): Promise<Uint8Array | null>;
  mGet(keys: string[]): Promise<(Uint8Array | null)[]>;
  sendCommand(...command: unknown[]): Promise<unknown>;
  set(key: string, bytes: Uint8Array, options: object): Promise<unknown>;
  del(key: string): Promise<unknown>;
  info(section: string): Promise<unknown>;
  publish(channel: string, text: string): Promise<unknown>;
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: (text: string) => void): Promise<unknown>;
  duplicate(): NodeRedis;
  destroy?(): unknown;
  disconnect(): Promise<unknown>;
  on(event: "ready" | "error", listener: () => void): unknown;
}

/** Whether this is a client of ioredis or iovalkey; otherwise it is one of node-redis. */
export function isIoredis(client: unknown): client is Ioredis {
  return typeof (client as Partial<Ioredis> | null | undefined)?.getBuffer === "function";
}

/**
 * The commands of node-redis 3 take a callback and return no promise; it has none in camel case, which newer ones have.
 *
 * @param entry of the package
 * @throws TypeError "ERR_PEER" naming what is missing
 */
export function checkRedis(entry: string, client: unknown, commands: string[]) {
  const wanted = "a client of redis (4 or newer), ioredis (4 or newer) or iovalkey";
  checkPeer(entry, wanted, client, isIoredis(client) ? commands : [...commands, "sendCommand", "mGet"]);
  if ((client as { options?: { legacyMode?: boolean } }).options?.legacyMode === true)
    throw peerError(entry, wanted, "one in legacy mode, whose commands take a callback");
}
