// A small JSON API, answered through `routeRequest`: the way a service would use the package.
//
// Knows HTTP on one side and `routeRequest` on the other: params come from the query or a JSON body, identity from the header
// `x-user` (a stand-in for real authentication), and each answer says in `Cache-Status` (RFC 9211) how it came about.
// The handlers wait before they answer, as a database would.
import { setTimeout as wait } from "node:timers/promises";

const PACKAGE = new URL("../../pkg/index.js", import.meta.url).href;
const MAX_BODY = 64 * 1024;

/**
 * @typedef {{ id: number, project: string, title: string }} Prompt
 * @typedef {(params: any, context: any) => unknown} Handler
 */

/** The data of the service, and what each endpoint does with it. @returns {Record<string, Handler>} */
function endpoints() {
  /** @type {Prompt[]} */
  const prompts = ["A door in the snow", "The last lighthouse", "Rain on Mars"].map((title, i) => ({ id: i + 1, project: "demo", title }));
  let nextId = prompts.length + 1;
  const of = (/** @type {string} */ project = "demo") => prompts.filter((prompt) => prompt.project === project);
  const find = (/** @type {unknown} */ id) => prompts.find((prompt) => prompt.id === Number(id));
  return {
    "storycore.prompt.list": ({ project }) => ({ prompts: of(project).map(({ id, title }) => ({ id, title })) }),
    "storycore.prompt.get": ({ id }) => find(id) ?? { status: "error", error: { code: "NOT_FOUND", message: `no prompt ${id}` } },
    "storycore.prompt.search": ({ project, q = "" }) => ({
      prompts: of(project).filter(({ title }) => title.toLowerCase().includes(String(q).toLowerCase())),
    }),
    "storycore.prompt.create": ({ project = "demo", title = "Untitled" }) => {
      const prompt = { id: nextId++, project, title };
      prompts.push(prompt);
      return prompt;
    },
    "storycore.prompt.update": ({ id, title }) => {
      const prompt = find(id);
      if (!prompt) return { status: "error", error: { code: "NOT_FOUND", message: `no prompt ${id}` } };
      prompt.title = String(title);
      return prompt;
    },
    "storycore.prompt.delete": ({ id }) => {
      const at = prompts.findIndex((prompt) => prompt.id === Number(id));
      if (at >= 0) prompts.splice(at, 1);
      return { deleted: at >= 0 };
    },
    "storycore.pipeline.status": ({ project = "demo" }) => ({ project, state: "idle", prompts: of(project).length }),
    "storycore.prompt.schema": () => ({ type: "object", required: ["project", "title"] }),
    "storycore.health.check": () => ({ healthy: true }),
  };
}

/** @param {{ handlerMs: number }} options */
export async function createApi({ handlerMs }) {
  const { CacheService, routeRequest } = await import(PACKAGE).catch((error) => {
    console.error(`demo: ${error.message}\ndemo: is the package built? 'make build' makes pkg/`);
    process.exit(1);
  });
  const cache = new CacheService({ defaultTtl: 300 });
  const handlers = endpoints();

  async function respond(
    /** @type {import("node:http").IncomingMessage} */ request,
    /** @type {string} */ endpoint,
    /** @type {URL} */ url,
  ) {
    const handler = Object.hasOwn(handlers, endpoint) ? handlers[endpoint] : undefined;
    if (!handler) return reply(404, { status: "error", error: { code: "NO_ENDPOINT", endpoints: Object.keys(handlers) } });
    let params;
    try {
      params = request.method === "POST" ? await body(request) : Object.fromEntries(url.searchParams);
    } catch (error) {
      return reply(400, { status: "error", error: { code: "BAD_REQUEST", message: /** @type {Error} */ (error).message } });
    }
    const userId = request.headers["x-user"];
    const response = await routeRequest(
      cache,
      { endpoint, method: request.method, params, userId },
      async (/** @type {any} */ given, /** @type {any} */ context) => {
        await wait(handlerMs);
        return handlers[endpoint]?.(given, context);
      },
    );
    return reply(response.status === "success" ? 200 : 404, response, { "cache-status": cacheStatus(response.metadata) });
  }

  return {
    cache,
    /** Answers what is the API's; false where the request is somebody else's. */
    async answer(/** @type {import("node:http").IncomingMessage} */ request, /** @type {import("node:http").ServerResponse} */ response) {
      const url = new URL(request.url ?? "/", "http://localhost");
      let answer;
      if (url.pathname === "/stats") answer = reply(200, cache.getStats({ endpoints: true }));
      else if (url.pathname === "/metrics")
        answer = { status: 200, headers: { "content-type": "text/plain; version=0.0.4" }, text: cache.toPrometheus() };
      else if (url.pathname.startsWith("/api/")) answer = await respond(request, url.pathname.slice("/api/".length), url);
      else return false;
      response.writeHead(answer.status, answer.headers).end(answer.text);
      return true;
    },
  };
}

function reply(/** @type {number} */ status, /** @type {unknown} */ value, /** @type {Record<string, string>} */ headers = {}) {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store", ...headers },
    text: `${JSON.stringify(value)}\n`,
  };
}

/** How an answer came about, as RFC 9211 writes it. */
function cacheStatus(/** @type {any} */ { cache, ttl, reason, invalidated }) {
  const seconds = ttl === null || ttl === Infinity ? "" : `; ttl=${Math.round(ttl)}`;
  switch (cache) {
    case "hit":
    case "stale":
      return `endpoint-cache; hit${seconds}`;
    case "joined":
      return "endpoint-cache; fwd=miss; collapsed";
    case "miss":
      return `endpoint-cache; fwd=miss${reason ? `; detail=${reason}` : "; stored"}`;
    case "mutation":
      return `endpoint-cache; fwd=method; detail="mutation, ${invalidated} invalidated"`;
    default:
      return `endpoint-cache; fwd=bypass; detail=${reason}`;
  }
}

/** @returns {Promise<object>} */
async function body(/** @type {import("node:http").IncomingMessage} */ request) {
  let text = "";
  request.setEncoding("utf8");
  for await (const piece of request) {
    text += piece;
    if (text.length > MAX_BODY) throw new Error(`a body has at most ${MAX_BODY} characters`);
  }
  const value = text === "" ? {} : JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("params are a JSON object");
  return value;
}
