// Writes a bundle briefly, yet in lines: what a host prints of a source when an error is thrown is the line it was thrown in.
import { sep } from "node:path";
import { transformSync } from "esbuild";

/** What esbuild leaves out: blanks and long-hand. Names stay, as they are all that a stack tells. */
export const SHORT = /** @type {const} */ ({ minifyWhitespace: true, minifySyntax: true, legalComments: "none" });

/** The string that holds the module: anything may stand in it. */
const LONG = '\\btext="[^"]*"';
const STATEMENT = "(?:async|class|const|export|for|function|if|let|return|static|switch|throw|try|var)\\b";
const METHOD = "(?:get |set )?#?[\\w$]+(?:\\(|:function\\()[^()]*\\)\\{";
/** The end of a statement or method before the next. */
const BREAK = new RegExp(`${LONG}|[;}](?=${STATEMENT}|${METHOD})|,(?=${METHOD})`, "g");

/** The same source in lines; as it is where a line would end inside of something. */
export function inLines(/** @type {string} */ source) {
  const lines = source.replace(BREAK, (found) => (found.length === 1 ? `${found}\n` : found));
  try {
    return whole(lines) === whole(source) ? lines : source;
  } catch {
    return source;
  }
}

function whole(/** @type {string} */ source) {
  return transformSync(source, { minifyWhitespace: true, legalComments: "none", logLevel: "silent" }).code;
}

/** Without the chunks of modules that only export what others made, and the lines that import them. @param {{ path: string, text: string }[]} modules */
export function withoutEmpty(modules) {
  const isEmpty = (/** @type {{ text: string }} */ { text }) => text.trim() === "";
  const names = modules.filter(isEmpty).map(({ path }) => `chunks/${path.split(sep).pop()}`);
  return modules.filter((it) => !isEmpty(it)).map(({ path, text }) => {
    const rest = names.reduce((left, name) => left.replace(new RegExp(`import *"[./]*${name}";\\n?`), ""), text);
    if (names.some((name) => rest.includes(name))) throw new Error(`${path} takes something from a chunk that holds nothing: look at what esbuild wrote`);
    return { path, text: rest };
  });
}
