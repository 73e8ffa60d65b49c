// What hosts and bundlers make of an imported module.
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "#wasm/inline.js" {
  /** The module in base64. */
  export const base64: string;
}

// The frameworks are the user's. Here is what the adapters use of them; their public types are checked against the real ones where
// those are installed, by tests/adapters.
declare module "hono" {
  export interface Context {
    readonly req: { raw: Request; text(): Promise<string> };
    res: Response | undefined;
    readonly finalized: boolean;
    readonly env: { readonly incoming?: unknown } | undefined;
    /** Throws where the runtime has none. */
    readonly executionCtx: object;
    get: (name: string) => unknown;
    var?: object;
  }
  export type MiddlewareHandler = (c: Context, next: () => Promise<void>) => Promise<Response | undefined>;
}

declare module "fastify" {
  import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";

  export interface FastifyRequest {
    readonly raw: IncomingMessage;
    readonly body?: unknown;
    readonly protocol: string;
    readonly hostname: string;
    readonly is404: boolean;
    readonly routeOptions: { readonly config?: object };
  }
  export interface FastifyReply {
    readonly raw: ServerResponse;
    readonly statusCode: number;
    header(name: string, value: string): this;
    removeHeader(name: string): this;
    getHeaders(): OutgoingHttpHeaders;
    code(status: number): this;
    send(payload?: unknown): this;
  }
  export interface RouteOptions {
    config?: object;
    readonly constraints?: object;
  }
  export interface FastifyInstance {
    readonly version: string;
    readonly prefix: string;
    readonly initialConfig: { readonly caseSensitive?: boolean; readonly routerOptions?: { readonly caseSensitive?: boolean } };
    printRoutes(): string;
    addHook(name: "onRoute", hook: (route: RouteOptions) => void): this;
    addHook(name: "preHandler" | "onResponse", hook: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>): this;
    addHook(name: "onSend", hook: (request: FastifyRequest, reply: FastifyReply, payload: unknown) => Promise<unknown>): this;
  }
  export type FastifyPluginAsync<Options> = (instance: FastifyInstance, options: Options) => Promise<void>;
}

declare module "h3" {
  /** A request, with what h3 and its server add to it. */
  export interface ServerRequest extends Request {
    readonly context?: unknown;
    readonly runtime?: { readonly node?: { readonly req?: unknown } };
    readonly ip?: unknown;
    readonly waitUntil?: (work: Promise<unknown>) => void;
  }
  export interface H3Event {
    req: ServerRequest;
    readonly res: { status?: number };
    readonly context: object;
  }
  export type EventHandler = (event: H3Event) => unknown;
  export type Middleware = (event: H3Event, next: () => unknown) => unknown;
  export function toResponse(value: unknown, event: H3Event): Response | Promise<Response>;
}
