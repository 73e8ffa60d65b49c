/**
 * Warnings about what is never cached and why: one for each endpoint and reason.
 *
 * A cache that silently does nothing looks like one that works, so a warning is written even where no logger was given. The
 * set of what was said is bounded, because endpoints come from requests.
 */

/** How many pairs of endpoint and reason are remembered; after that nothing more is said. */
const MOST = 1_000;

/** Characters of an endpoint or key that a warning shows. */
const SHOWN = 200;

export class Warnings {
  /** @param {any} logger pino-shaped; `console` where there is none */
  constructor(logger) {
    this.logger = logger;
    /** @type {Set<string>} */
    this.said = new Set();
  }

  /**
   * Warns, unless this was said before.
   *
   * @param {unknown} endpoint that the warning is about
   * @param {string} reason a stable word, the one that metadata and statistics use
   * @param {string} text what happened and what to do about it
   * @param {unknown} [err] what caused it
   */
  once(endpoint, reason, text, err) {
    const name = printable(endpoint);
    const said = `${reason} ${name}`;
    if (this.said.has(said) || this.said.size >= MOST) return;
    this.said.add(said);
    const fields = err === undefined ? { endpoint: name, reason } : { endpoint: name, reason, err };
    try {
      if (this.logger === undefined) globalThis.console?.warn?.(`endpoint-cache: ${text} (${name}, ${reason})`, ...(err === undefined ? [] : [err]));
      else this.logger.warn?.(fields, text);
    } catch {
      // What a logger throws is not the cache's failure.
    }
  }
}

/**
 * A name as it may stand in a log: control characters, line breaks above all, are written as escapes, so that no request can
 * forge a line.
 *
 * @param {unknown} name
 */
export function printable(name) {
  const text = String(typeof name === "string" ? name : typeof name);
  const short = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return short.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
