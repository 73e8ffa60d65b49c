/**
 * Warnings about what is never cached and why: one for each endpoint and reason.
 *
 * A cache that silently does nothing looks like one that works, so a warning is written even where no logger was given. The
 * set of what was said is bounded, because endpoints come from requests.
 */

/** How many pairs of endpoint and reason are remembered; after that nothing more is said. */
const MOST = 1_000;

/** Characters of an endpoint that a warning shows. */
const SHOWN = 200;

/** Characters of an error's sentence that a warning shows. */
const SENTENCE = 1_000;

export class Warnings {
  logger: any;
  said: Set<string>;

  /** @param logger pino-shaped; `console` where there is none */
  constructor(logger: any) {
    this.logger = logger;
    this.said = new Set();
  }

  /**
   * Warns, unless this was said before.
   *
   * @param endpoint that the warning is about
   * @param reason a stable word, the one that metadata and statistics use
   * @param text what happened and what to do about it
   * @param err what caused it
   */
  once(endpoint: unknown, reason: string, text: string, err?: unknown) {
    const name = printable(endpoint);
    const said = `${reason} ${name}`;
    if (this.said.has(said) || this.said.size >= MOST) return;
    this.said.add(said);
    if (this.logger !== undefined) {
      const named = typeof endpoint === "string" ? endpoint : name;
      const fields = err === undefined ? { endpoint: named, reason } : { endpoint: named, reason, err };
      quietly(() => this.logger.warn?.(fields, text));
      return;
    }
    const why = err === undefined ? "" : `: ${sentenceOf(err)}`;
    // One text without arguments: what stands in it is neither taken for a format nor shown with line breaks of its own.
    quietly(() => globalThis.console?.warn?.(`endpoint-cache: ${text}${why} (${name === "" ? reason : `${name}, ${reason}`})`));
  }
}

/** What an error says, in one line. */
function sentenceOf(error: unknown) {
  const { name, message } = (Object(error) as { name?: unknown, message?: unknown });
  return printable(typeof message === "string" ? `${String(name)}: ${message}` : String(error), SENTENCE);
}

/**
 * Runs what a user watches the cache with. What it throws, and what a promise that it returns is rejected with, is not the
 * cache's failure, and must not end the process either.
 */
export function quietly(watch: () => unknown) {
  try {
    const told = watch();
    if (typeof ((told as PromiseLike<unknown> | undefined)?.then) === "function") Promise.resolve(told).catch(() => {});
  } catch {
    // Nobody is there to be told.
  }
}

/**
 * A text as it may stand in a log: control characters, line breaks above all, and what turns the direction of writing are
 * written as escapes, so that no request can forge a line or hide a part of one.
 *
 * @param text what is none is named by its type
 * @param most characters shown
 */
export function printable(text: unknown, most: number = SHOWN) {
  if (typeof text !== "string") return typeof text;
  const short = text.length > most ? `${text.slice(0, most)}…` : text;
  return short.replace(/[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
