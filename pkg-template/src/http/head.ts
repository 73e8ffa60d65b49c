/**
 * The head of a response of Node's `http`: how it is read, and when it is known.
 *
 * A middleware may add to it until the moment when it is written, so what it says is certain only then.
 */

import type { IncomingHttpHeaders, OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Look } from "./storable.js";

/** A method of a response, with whatever it is called. */
export type Method = (...args: unknown[]) => unknown;

/** A response's methods as what they are here: functions of any arguments, which are handed on as they came. */
export const methodsOf = (res: ServerResponse) => res as unknown as Record<string, Method>;

/** A look at headers as Node keeps them. */
export const lookInto =
  (headers: IncomingHttpHeaders | OutgoingHttpHeaders): Look =>
  (name) => {
    const value = headers[name];
    return value === undefined ? undefined : [value].flat().join(", ");
  };

/**
 * Puts methods in the place of a response's own.
 *
 * @returns puts the response's own back, but not where somebody has wrapped the new ones meanwhile
 */
export function replace(res: ServerResponse, methods: Record<string, Method>): () => void {
  const all = methodsOf(res) as Record<string, Method | undefined>;
  const own = Object.keys(methods).map((name) => [name, all[name]] as const);
  Object.assign(all, methods);
  return () => {
    for (const [name, method] of own) if (all[name] === methods[name]) all[name] = method;
  };
}

/**
 * A head without the cookies that are not to be listened to.
 *
 * @param cookies whether they are
 */
export const heard = (header: Look, cookies: boolean): Look =>
  cookies ? header : (name) => (name === "set-cookie" ? undefined : header(name));

/**
 * Sets the headers that are handed to `writeHead`.
 *
 * @param headers an object, a list of pairs, or one of names and values in turn
 */
export function setAll(res: ServerResponse, headers: OutgoingHttpHeaders | unknown[]) {
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) res.setHeader(name, value);
    return;
  }
  const flat = (Array.isArray(headers[0]) ? headers.flat() : headers) as OutgoingHttpHeader[];
  for (let at = 0; at < flat.length; at += 2) res.removeHeader(flat[at] as string);
  // A name that comes twice, as cookies do, has both values.
  for (let at = 0; at < flat.length; at += 2) {
    const value = flat[at + 1];
    if (value !== undefined) res.appendHeader(flat[at] as string, value as string | string[]);
  }
}

/**
 * Whether a middleware waits until the head is written, to add to it: with sessions, `on-headers` and their like in front, what
 * goes out is not known before it has gone.
 *
 * @param res before anything of it is replaced here
 */
export const isAwaited = (res: ServerResponse) => Object.hasOwn(res, "writeHead");

/**
 * Tells what head a response was sent with, once it has been handed to the host: after all who wait for that have had their say.
 * That is before anybody has received it, so a slow receiver holds up nobody.
 *
 * @param tell is called once; with status 0 where nothing was sent
 * @returns to be called when the response has been sent, in case nobody has asked for its head by the usual way
 */
export function whenHeaded(res: ServerResponse, tell: (status: number, header: Look) => void): () => void {
  const { writeHead } = methodsOf(res);
  let told = false;
  const once = (sent: boolean) => {
    if (told) return;
    told = true;
    restore();
    res.off("close", closed);
    tell(sent ? res.statusCode : 0, lookInto(res.getHeaders()));
  };
  const closed = () => once(res.headersSent);
  const restore = replace(res, {
    writeHead(...args) {
      const result = writeHead?.apply(res, args);
      once(true);
      return result;
    },
  });
  // Node lists what `writeHead` is given only where a header has been set before.
  if (res.getHeaderNames().length === 0) {
    res.setHeader("age", "0");
    res.removeHeader("age");
  }
  res.on("close", closed);
  return () => {
    if (res.headersSent) once(true);
  };
}
