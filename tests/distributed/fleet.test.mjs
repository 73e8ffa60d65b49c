// Four processes, one Redis, mixed reads and mutations, and an oracle that knows which version was acknowledged when.
//
// The promise: no read that starts later than l1Ttl after a mutation was acknowledged is older than it; on the process
// that acknowledged it, none at all. It is kept while a process is killed, Redis is stopped, rolled back or frozen, and
// the bus is cut. FLEET_SECONDS is how long each scenario runs.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { sleep, startRedis } from "./lib/kit.mjs";

const MEMBER = fileURLToPath(new URL("./lib/member.mjs", import.meta.url));
const SECONDS = Number(process.env.FLEET_SECONDS ?? 6);
const L1_TTL = 1_000;
const RESOURCES = 24;

/** Runs a fleet; `act` does what the scenario does to it. */
async function run({ act = async () => {}, cut = false, persist = false, deaf = false }) {
  const redis = await startRedis({ persist });
  const versions = new Array(RESOURCES).fill(1);
  const records = [];
  const failed = [];
  const stats = [];
  const members = [];
  let seed = 0;
  const spawn = () => {
    const given = { port: redis.port, seed: ++seed, l1Ttl: L1_TTL, resources: RESOURCES, workers: 6, cut, deaf };
    const child = fork(MEMBER, [JSON.stringify(given)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const node = seed;
    child.on("message", (message) => {
      if (message.ask !== undefined) {
        if (message.ask === "write") versions[message.resource] += 1;
        if (child.connected) child.send({ number: message.number, version: versions[message.resource] });
        return;
      }
      for (const record of message.records) records.push({ ...record, node });
      failed.push(...message.failed);
      if (message.last) stats.push(message.stats);
    });
    child.on("error", () => {});
    members.push(child);
    return child;
  };
  for (let at = 0; at < 4; at += 1) spawn();
  const stop = sleep(SECONDS * 1000);
  await act({ redis, members, spawn });
  await stop;
  const living = members.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  const ends = living.map((child) => once(child, "exit"));
  for (const child of living) child.send({ stop: true });
  await Promise.all(ends);
  await redis.close();
  return { records, failed, stats };
}

/** Reads older than the bound allows, and how late after its acknowledgement each mutation was last contradicted. */
function judge(records) {
  const acks = Array.from({ length: RESOURCES }, () => []);
  for (const record of records) if (record.kind === "ack") acks[record.resource].push({ ...record, late: 0 });
  const violations = [];
  let reads = 0;
  for (const read of records) {
    if (read.kind !== "read") continue;
    reads += 1;
    for (const ack of acks[read.resource]) {
      if (ack.version <= read.version || ack.at >= read.at) continue;
      const late = read.at - ack.at;
      ack.late = Math.max(ack.late, late);
      if (late > L1_TTL || ack.node === read.node) violations.push({ late, own: ack.node === read.node, read, ack });
    }
  }
  const delays = acks.flat().map(({ late }) => late).sort((a, b) => a - b);
  return { reads, mutations: delays.length, violations, delays };
}

const sum = (stats, name) => stats.reduce((total, one) => total + one[name], 0);

function report(name, { records, failed, stats }) {
  const { reads, mutations, violations, delays } = judge(records);
  const contradicted = delays.filter((late) => late > 0).length;
  const at = (share) => (delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? 0).toFixed(1);
  const counts = ["hits", "invalid", "queued", "flushed", "opened", "renewed", "gaps", "distrusted"].map((one) => `${one} ${sum(stats, one)}`);
  const by = Object.groupBy?.(records.filter(({ kind }) => kind === "read"), ({ cache }) => cache);
  const kinds = by === undefined ? "" : `; ${Object.entries(by).map(([kind, { length }]) => `${kind} ${length}`).join(", ")}`;
  console.log(
    `fleet: ${name}: ${reads} reads, ${mutations} mutations, ${violations.length} violations, ${failed.length} failed requests; ` +
      `${contradicted} mutations were contradicted after their acknowledgement, last after: median ${at(0.5)} ms, 99 % ${at(0.99)} ms, max ${at(1)} ms; ${counts.join(", ")}${kinds}`,
  );
  assert.deepEqual(failed.slice(0, 3), []);
  assert.deepEqual(violations.slice(0, 3), []);
  assert.ok(reads > 1_000 && mutations > 50, "the fleet did something");
}

const scenarios = {
  "all is well": {},
  "the bus is cut": { cut: true },
  "kill -9 of a process, and a new one": {
    async act({ members, spawn }) {
      for (let round = 0; round < 2; round += 1) {
        await sleep(SECONDS * 300);
        members[round].kill("SIGKILL");
        spawn();
      }
    },
  },
  "Redis is stopped and started anew with an older state": {
    persist: true,
    async act({ redis }) {
      await sleep(SECONDS * 250);
      await redis.stop("SIGTERM");
      await sleep(1_500);
      await redis.start();
      await sleep(SECONDS * 250);
      await redis.stop("SIGKILL");
      await redis.start();
    },
  },
  "Redis is frozen for a while": {
    async act({ redis }) {
      await sleep(SECONDS * 300);
      redis.freeze();
      await sleep(1_500);
      redis.freeze(false);
    },
  },
};

test("the oracle sees a store that loses invalidations", async () => {
  const { violations } = judge((await run({ cut: true, deaf: true })).records);
  assert.ok(violations.length > 0);
});

for (const [name, scenario] of Object.entries(scenarios)) {
  test(name, { timeout: 120_000 }, async () => report(name, await run(scenario)));
}
