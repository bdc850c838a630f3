/**
 * Excludes files by patterns of gitignore's syntax. Follows git in its quirks too, because people bring existing
 * patterns. Unlike git, is case-sensitive on every system, and takes bounded time for every pattern (`ignore-matcher.ts`).
 *
 * A pattern without a slash before its end matches a name, any other pattern a path from the root. The last pattern that
 * matches decides. The caller does not enter an excluded folder, so no pattern includes a file below it again.
 *
 * @module
 */

import { type Fault, ok, type Result } from "../bytes/result.ts";
import { isWellFormed, utf8Length } from "../bytes/utf8.ts";
import { IgnoreMatcher, type IgnoreRule } from "./ignore-matcher.ts";

/** The most patterns in a list. */
export const MAX_IGNORE_PATTERNS = 1000;

/** The most bytes of one pattern in UTF-8. */
export const MAX_IGNORE_PATTERN_BYTES = 1024;

/** A list that exceeds a limit. `line` is the number of the first line beyond it, from 1. */
export interface IgnoreFault extends Fault<"PATTERN_TOO_LONG" | "TOO_MANY_PATTERNS"> {
  readonly line: number;
}

/** The decision of the pattern that matched a path. */
export interface IgnoreDecision {
  /** `false` if the pattern includes the path again. */
  readonly leavesOut: boolean;
  /** As written in the list. */
  readonly pattern: string;
}

/** Patterns in the order of their list. */
export class IgnorePatterns {
  readonly #rules: readonly IgnoreRule[];
  /** Made for the first decision: many lists are parsed only to check them. */
  #matcher: IgnoreMatcher | undefined;

  private constructor(rules: readonly IgnoreRule[]) {
    this.#rules = rules;
  }

  /** Parses lines, and skips blank lines and comments. */
  static parse(lines: readonly string[]): Result<IgnorePatterns, IgnoreFault> {
    const rules: IgnoreRule[] = [];
    for (const [index, line] of lines.entries()) {
      const at = index + 1;
      if (!isWellFormed(line) || utf8Length(line) > MAX_IGNORE_PATTERN_BYTES)
        return { ok: false, code: "PATTERN_TOO_LONG", line: at };
      const rule = parseRule(line);
      if (rule === undefined) continue;
      if (rules.length === MAX_IGNORE_PATTERNS) return { ok: false, code: "TOO_MANY_PATTERNS", line: at };
      rules.push(rule);
    }
    return ok(new IgnorePatterns(rules));
  }

  /** The patterns as written, in the order of the list. */
  get texts(): readonly string[] {
    return this.#rules.map(({ text }) => text);
  }

  /**
   * The decision of the last pattern that matches a path. Gives `undefined` if none matches. `name` is the last component of the
   * path. Fastest if the entries of one folder are asked about one after the other.
   */
  decide(path: string, isFolder: boolean, name: string = lastComponent(path)): IgnoreDecision | undefined {
    if (this.#rules.length === 0) return undefined;
    this.#matcher ??= new IgnoreMatcher(this.#rules);
    const rule = this.#matcher.findLast(path, name, isFolder);
    return rule === undefined ? undefined : { leavesOut: !rule.isNegative, pattern: rule.text };
  }
}

/** Splits a file of patterns as git does: at line feeds, and without a carriage return before one. */
export function ignoreLines(text: string): readonly string[] {
  const withoutMark = text.startsWith("\ufeff") ? text.slice(1) : text;
  return withoutMark.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
}

function lastComponent(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function parseRule(line: string): IgnoreRule | undefined {
  const text = withoutTrailingSpaces(line);
  if (text === "" || text.startsWith("#")) return undefined;
  const isNegative = text.startsWith("!");
  const signed = isNegative ? text.slice(1) : text;
  const foldersOnly = signed.endsWith("/");
  return { text, isNegative, foldersOnly, body: foldersOnly ? signed.slice(0, -1) : signed };
}

/** Trailing spaces are part of a pattern only after a backslash. */
function withoutTrailingSpaces(line: string): string {
  let end = 0;
  for (let index = 0; index < line.length; index++) {
    if (line.charAt(index) === "\\" && index + 1 < line.length) {
      index++;
      end = index + 1;
    } else if (line.charAt(index) !== " ") end = index + 1;
  }
  return line.slice(0, end);
}
