/**
 * Hints: what a process tells the others about an invalidation, so that they need not find out by themselves.
 *
 * The store's tokens are the truth and a hint only hastens it: one that is lost, doubled or out of order costs time and
 * never truth. A message names its sender, the sender's epoch (a new one for each start) and counts up, so that whoever
 * misses one notices at the next.
 */

import type { Bus } from "../types/tier.js";

const VERSION = 1;

/** Senders remembered; beyond that, memory starts anew. */
const SENDERS = 1_000;

interface Given {
  bus: Bus;
  namespace: string;
  node: string;
  epoch: () => string;
  onScopes: (scopes: string[]) => void;
  onGap: () => void;
  counts: Record<string, number>;
}

export class InvalidationBus {
  given: Given;
  sent: number;
  /** The last number seen of each sender. */
  senders: Map<string, { epoch: string; seq: number }>;

  /** @param given.onGap messages may have been missed */
  constructor(given: Given) {
    this.given = given;
    this.sent = 0;
    this.senders = new Map();
  }

  async start() {
    const { bus, onGap } = this.given;
    try {
      await bus.subscribe((text: unknown) => this.receive(text), onGap);
    } catch {
      this.count("busErrors");
    }
  }

  async tell(scopes: string[]) {
    this.sent += 1;
    const { bus, namespace, node, epoch } = this.given;
    try {
      await bus.publish(JSON.stringify({ v: VERSION, ns: namespace, node, epoch: epoch(), seq: this.sent, scopes }));
      this.count("hintsSent");
    } catch {
      // Whoever waits for it finds out by the store.
      this.count("busErrors");
    }
  }

  receive(text: unknown) {
    const message = readMessage(text);
    const { namespace, epoch: own, onScopes, onGap } = this.given;
    if (message === undefined) {
      this.count("foreignHints");
      return;
    }
    const { ns, node, epoch, seq, scopes } = message;
    if (ns !== namespace || epoch === own()) return;
    const last = this.senders.get(node);
    const restarted = last === undefined || last.epoch !== epoch;
    const before = restarted ? 0 : last.seq;
    if (seq === before) return;
    if (this.senders.size >= SENDERS) this.senders.clear();
    if (seq > before) this.senders.set(node, { epoch, seq });
    this.count("hintsReceived");
    onScopes(scopes);
    if (seq > before + 1 || (restarted && last !== undefined)) {
      this.count("gaps");
      onGap();
    }
  }

  async close() {
    try {
      await this.given.bus.close();
    } catch {
      this.count("busErrors");
    }
  }

  count(counter: string) {
    this.given.counts[counter] = (this.given.counts[counter] ?? 0) + 1;
  }
}

function readMessage(text: unknown) {
  try {
    const message = JSON.parse(String(text));
    const { v, ns, node, epoch, seq, scopes } = message;
    const sound = v === VERSION && [ns, node, epoch].every((name) => typeof name === "string") && Number.isSafeInteger(seq);
    if (!sound || !Array.isArray(scopes) || !scopes.every((scope) => typeof scope === "string")) return undefined;
    return message as { ns: string; node: string; epoch: string; seq: number; scopes: string[] };
  } catch {
    return undefined;
  }
}
