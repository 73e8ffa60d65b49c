// The package at work over real HTTP: node scripts/demo.mjs   (make demo; ONCE=1 ends after the walk, PORT=8080 chooses the port)
//
// Starts a server on the loopback interface with a small JSON API behind `routeRequest` and the page of www/, walks through
// a scenario of reads and writes by requests of its own, prints what came back, and goes on serving until Ctrl-C.
// Knows how the parts are put together; the API, the files and the walk are in demo/. Needs pkg/ (`make build`).
import { createServer } from "node:http";
import { createApi } from "./demo/api.mjs";
import { serveFile } from "./demo/files.mjs";
import { walk } from "./demo/walk.mjs";

const HANDLER_MS = 150;
const port = Number(process.env.PORT || 0);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`demo: PORT is a number from 0 to 65535, not "${process.env.PORT}"`);
  process.exit(2);
}

const api = await createApi({ handlerMs: HANDLER_MS });
const server = createServer(async (request, response) => {
  try {
    if (!(await api.answer(request, response))) await serveFile(request, response);
  } catch (error) {
    console.error(error);
    if (!response.headersSent) response.writeHead(500, { "content-type": "application/json" });
    response.end('{"status":"error","error":"internal error"}\n');
  }
});

server.on("error", (error) => {
  const busy = /** @type {NodeJS.ErrnoException} */ (error).code === "EADDRINUSE";
  console.error(`demo: ${busy ? `port ${port} is taken; choose another, or leave PORT out for a free one` : error.message}`);
  process.exit(1);
});
// Whoever reads the output may stop reading: `make demo | head`.
process.stdout.on("error", () => process.exit(0));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop(0));

server.listen(port, "127.0.0.1", async () => {
  const { port: chosen } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const base = `http://127.0.0.1:${chosen}`;
  const asExpected = await walk(base, HANDLER_MS);
  if (process.env.ONCE && process.env.ONCE !== "0") return stop(asExpected ? 0 : 1);
  console.log(`
The page:        ${base}/
The API:         curl -i '${base}/api/storycore.prompt.list?project=demo'
Statistics:      curl '${base}/stats'      as Prometheus text: curl '${base}/metrics'
Ctrl-C ends it.`);
});

function stop(/** @type {number} */ code) {
  process.exitCode = code;
  server.close();
  server.closeAllConnections();
}
