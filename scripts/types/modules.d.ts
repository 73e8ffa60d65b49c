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

// The frameworks are the user's: the adapters' types are checked against the real ones where those are installed.
declare module "hono" {
  export type Context = any;
  export type MiddlewareHandler = any;
}
declare module "fastify" {
  export type FastifyRequest = any;
  export type FastifyPluginAsync<Options> = (instance: any, options: Options) => Promise<void>;
}
declare module "h3" {
  export type H3Event = any;
  export type EventHandler = any;
  export type Middleware = any;
  export function toResponse(value: unknown, event: any): Promise<Response>;
}
