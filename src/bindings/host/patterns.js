/** What to invalidate, as callers write it: checked and handed over as texts, each behind a letter for what it is. */

import { readText, readUser } from "./checks.js";
import { typeError } from "./errors.js";
import { describe, isRegExp } from "./values.js";

const MEMBERS = ["regex", "glob", "prefix", "endpoint", "userId", "tag"];

/** @param {string} sentence */
const refusal = (sentence) => typeError(sentence, "ERR_PATTERN");

/**
 * @param {any} value a string, a RegExp, or an object that names what must hold
 * @returns {string[]} `r` a regular expression, `j` and `f` source and flags of a RegExp, `g` a glob, `p` a prefix,
 *   `e` an endpoint pattern, `u` a user, `t` a tag
 */
export function readPattern(value) {
  const whole = readRegex(value);
  if (whole !== undefined) return whole;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refusal(
      "a pattern is a regular expression (a string or a RegExp) or an object with regex, glob, prefix, endpoint, " +
        `userId or tag, not ${describe(value)}`,
    );
  }
  const unknown = Object.keys(value).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) {
    throw refusal(`a pattern has no member ${JSON.stringify(unknown)}; it has ${MEMBERS.join(", ")}`);
  }
  /** @type {string[]} */
  const parts = [];
  /** @param {string} name @param {any} member */
  const add = (name, member) => {
    const text = readText(member, `${name} in a pattern`, "ERR_PATTERN");
    if (text === "") throw typeError(`${name} in a pattern has at least one character`, "ERR_PATTERN_EMPTY");
    parts.push(name.charAt(0) + text);
  };
  /** @param {string} name */
  const named = (name) => {
    const member = value[name];
    if (member !== undefined) add(name, member);
    return member === undefined ? 0 : 1;
  };
  const { regex } = value;
  if (regex !== undefined) {
    const read = readRegex(regex);
    if (read === undefined) throw refusal(`regex in a pattern is a string or a RegExp, not ${describe(regex)}`);
    parts.push(...read);
  }
  if ((regex === undefined ? 0 : 1) + named("glob") + named("prefix") > 1) {
    throw refusal("a pattern has one of regex, glob and prefix, not several");
  }
  named("endpoint");
  const { userId } = value;
  if (userId === null) throw refusal("userId in a pattern names somebody");
  if (userId === "") add("userId", userId);
  else if (userId !== undefined) parts.push(`u${readUser(userId)}`);
  named("tag");
  if (parts.length === 0) {
    throw refusal("a pattern names at least one of regex, glob, prefix, endpoint, userId and tag");
  }
  return parts;
}

/**
 * @param {any} value
 * @returns {string[] | undefined} undefined where it is no regular expression
 */
function readRegex(value) {
  if (typeof value === "string") return [`r${readText(value, "a regular expression", "ERR_PATTERN")}`];
  if (!isRegExp(value)) return undefined;
  const { source, flags } = value;
  return [`j${source ?? ""}`, `f${flags ?? ""}`];
}
