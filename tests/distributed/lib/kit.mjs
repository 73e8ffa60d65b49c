// What the tests of this folder share: a bus in memory, a Redis of our own, and waiting.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A bus within this process. `cut` loses what is said. */
export function localBus() {
  const listeners = new Set();
  const line = {
    cut: false,
    end() {
      let own;
      return {
        publish(text) {
          if (line.cut) return;
          for (const listener of listeners) if (listener !== own) listener(text);
        },
        subscribe(listener) {
          listeners.add((own = listener));
        },
        close() {
          listeners.delete(own);
        },
      };
    },
  };
  return line;
}

/**
 * A redis-server of our own on a loopback port, in a temporary folder.
 * @param {{ persist?: boolean }} [options] `persist`: writes a snapshot at every stop, as a server with RDB does
 */
export async function startRedis({ persist = false } = {}) {
  const dir = await mkdtemp(join(tmpdir(), "endpoint-cache-redis-"));
  const port = await freePort();
  let child;
  const server = {
    port,
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", dir, "--appendonly", "no", "--save", persist ? "3600 1" : "", "--loglevel", "warning"];
      child = spawn("redis-server", args, { stdio: "ignore" });
      child.on("error", () => {});
      for (let wait = 0; wait < 200; wait += 1) {
        if (await answers(port)) return;
        if (child.exitCode !== null) break;
        await sleep(25);
      }
      throw new Error("redis-server did not start: is it installed? scripts/setup.sh redis does that");
    },
    async stop(signal = "SIGTERM") {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGCONT");
      child.kill(signal);
      await ended;
    },
    freeze: (frozen = true) => child.kill(frozen ? "SIGSTOP" : "SIGCONT"),
    async close() {
      await server.stop("SIGKILL");
      await rm(dir, { recursive: true, force: true });
    },
  };
  // A run that is broken off ends its server, too.
  process.once("exit", () => child?.kill("SIGKILL"));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));
  await server.start();
  return server;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Whether a Redis answers a PING on this port. */
function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (result) => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", () => socket.write("PING\r\n"));
    socket.once("data", (data) => done(String(data).startsWith("+PONG")));
    socket.once("error", () => done(false));
    socket.setTimeout(500, () => done(false));
  });
}
