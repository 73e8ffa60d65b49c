// The files of the page: www/ and pkg/ below the root of the project, lru-cache for its benchmark, and nothing else.
//
// The browser test serves them the same way. Knows paths and content types; knows nothing of the API.
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LRU_CACHE = join(ROOT, "scripts", "node_modules", "lru-cache", "dist", "esm", "browser", "index.min.js");
const TYPES = new Map(
  Object.entries({
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".wasm": "application/wasm",
    ".svg": "image/svg+xml",
    ".json": "application/json; charset=utf-8",
    ".map": "application/json; charset=utf-8",
  }),
);

/** @type {(request: import("node:http").IncomingMessage, response: import("node:http").ServerResponse) => Promise<void>} */
export async function serveFile(request, response) {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  if (pathname === "/" || pathname === "/www") {
    response.writeHead(302, { location: "/www/" }).end();
    return;
  }
  const bytes = request.method === "GET" || request.method === "HEAD" ? await read(pathname) : undefined;
  if (!bytes) {
    response.writeHead(404, { "content-type": "text/plain" }).end("not found\n");
    return;
  }
  const type = TYPES.get(extname(pathname) || ".html") ?? "application/octet-stream";
  response.writeHead(200, {
    "content-type": type,
    "content-length": bytes.length,
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

/** @returns {Promise<Buffer | undefined>} */
async function read(/** @type {string} */ pathname) {
  let path;
  try {
    path = normalize(decodeURIComponent(pathname));
  } catch {
    return undefined;
  }
  if (path === "/www/vendor/lru-cache.js") return readFile(LRU_CACHE).catch(() => undefined);
  if (!/^\/(www|pkg)\//.test(path) || path.includes("\0")) return undefined;
  return readFile(join(ROOT, path.endsWith("/") ? `${path}index.html` : path)).catch(() => undefined);
}
