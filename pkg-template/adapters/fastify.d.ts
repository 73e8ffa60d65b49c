import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import type { CacheService, HttpOptions } from "./http.js";
export type * from "./http.js";

/** Options of the plugin: those of every adapter, and the cache. */
export interface FastifyCacheOptions extends HttpOptions<FastifyRequest> {
  cache: CacheService;
}

/**
 * The plugin. It covers the routes of the scope that it is registered in, and answers in the `preHandler` phase: hooks
 * that find out who asks come earlier, or are registered before it. Reads over HTTP/2 and of routes with `constraints` go past
 * it. An answer is judged by the head it is sent with, whoever added to it.
 */
export const cached: FastifyPluginAsync<FastifyCacheOptions>;
export default cached;
