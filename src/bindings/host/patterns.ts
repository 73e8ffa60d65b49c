/** What to invalidate, as callers write it: checked and handed over as texts, each behind a letter for what it is. */

import { MAX_PATTERN } from "./contract.js";
import { readText, readUser } from "./validate.js";
import { rangeError, typeError } from "./errors.js";
import { isRead } from "./read-once.js";
import { describe, isRegExp, isWellFormed } from "./values.js";

const MEMBERS = ["regex", "glob", "prefix", "endpoint", "userId", "tag"];

const refusal = (sentence: string) => typeError(sentence, "ERR_PATTERN");

/**
 * @param value a string, a RegExp, or an object that names what must hold; or what was read of one before
 * @returns `r` a regular expression, `j` and `f` source and flags of a RegExp, `g` a glob, `p` a prefix,
 *   `e` an endpoint pattern, `u` a user, `t` a tag
 */
export function readPattern(value: any): string[] {
  if (isRead(value)) return value;
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
  const parts: string[] = [];
  const add = (name: string, member: any) => {
    const isName = name === "endpoint" || name === "userId" || name === "tag";
    const text = isName ? readText(member, `${name} in a pattern`, "ERR_PATTERN") : readLong(member, name, `${name} in a pattern`);
    if (text === "") throw typeError(`${name} in a pattern has at least one character`, "ERR_PATTERN_EMPTY");
    parts.push(name.charAt(0) + text);
  };
  const named = (name: string) => {
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

/** @returns undefined where it is no regular expression */
function readRegex(value: any): string[] | undefined {
  if (typeof value === "string") return [`r${readLong(value, REGEX, "a regular expression")}`];
  if (!isRegExp(value)) return undefined;
  const { source, flags } = value;
  return [`j${readLong(source, REGEX, "the source of a RegExp")}`, `f${readText(flags, "the flags of a RegExp", "ERR_PATTERN")}`];
}

const REGEX = "regular expression";

/**
 * A text that may be longer than a name.
 *
 * @param what it is, in the sentence of a refusal
 */
function readLong(value: unknown, notation: string, what: string) {
  if (typeof value !== "string") throw refusal(`${what} is a string, not ${describe(value)}`);
  if (value.length > MAX_PATTERN) {
    throw rangeError(`the ${notation} has ${value.length} characters; at most ${MAX_PATTERN} are allowed`, "ERR_PATTERN_TOO_LARGE");
  }
  if (!isWellFormed(value)) throw refusal(`${what} is a string of well-formed Unicode, not ${describe(value)}`);
  return value;
}
