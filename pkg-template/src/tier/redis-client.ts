/** The clients of Redis and Valkey told apart: what the store and the bus have to know of them alike. */

import { checkPeer, peerError } from "../peers.js";

/** Whether this is a client of ioredis or iovalkey; otherwise it is one of node-redis. */
export function isIoredis(client: any) {
  return typeof client?.getBuffer === "function";
}

/**
 * The commands of node-redis 3 take a callback and return no promise; it has none in camel case, which newer ones have.
 *
 * @param entry of the package
 * @throws TypeError "ERR_PEER" naming what is missing
 */
export function checkRedis(entry: string, client: any, commands: string[]) {
  const wanted = "a client of redis (4 or newer), ioredis (4 or newer) or iovalkey";
  checkPeer(entry, wanted, client, isIoredis(client) ? commands : [...commands, "sendCommand", "mGet"]);
  if (client.options?.legacyMode === true) throw peerError(entry, wanted, "one in legacy mode, whose commands take a callback");
}
