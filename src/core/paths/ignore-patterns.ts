/**
 * Excludes files by patterns of gitignore's syntax. Follows git in its quirks too, because people bring existing
 * patterns. Unlike git, is case-sensitive on every system, and takes bounded time for every pattern (`pattern.ts`).
 *
 * A pattern without a slash before its end matches a name, any other pattern a path from the root. The last pattern that
 * matches decides. The caller does not enter an excluded folder, so no pattern includes a file below it again.
 *
 * @module
 */

import { type Fault, ok, type Result } from "../bytes/result.ts";
import { encodeUtf8, isWellFormed, utf8Length } from "../bytes/utf8.ts";
import { type GlobComponents, type GlobToken, isGlobMatch, parseGlob } from "./glob-token.ts";
import { matchesStars, type StarPattern } from "./pattern.ts";

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

interface IgnorePattern {
  readonly text: string;
  readonly isNegative: boolean;
  readonly foldersOnly: boolean;
  readonly matches: (path: TestedPath) => boolean;
}

/** A path to test and its last component, as text and as UTF-8. */
interface TestedPath {
  readonly path: string;
  readonly name: string;
  readonly pathBytes: Uint8Array;
  readonly nameBytes: Uint8Array;
}

/** Patterns in the order of their list. */
export class IgnorePatterns {
  readonly #patterns: readonly IgnorePattern[];

  private constructor(patterns: readonly IgnorePattern[]) {
    this.#patterns = patterns;
  }

  /** Parses lines, and skips blank lines and comments. */
  static parse(lines: readonly string[]): Result<IgnorePatterns, IgnoreFault> {
    const patterns: IgnorePattern[] = [];
    for (const [index, line] of lines.entries()) {
      const at = index + 1;
      if (!isWellFormed(line) || utf8Length(line) > MAX_IGNORE_PATTERN_BYTES)
        return { ok: false, code: "PATTERN_TOO_LONG", line: at };
      const pattern = parsePattern(line);
      if (pattern === undefined) continue;
      if (patterns.length === MAX_IGNORE_PATTERNS) return { ok: false, code: "TOO_MANY_PATTERNS", line: at };
      patterns.push(pattern);
    }
    return ok(new IgnorePatterns(patterns));
  }

  /** The patterns as written, in the order of the list. */
  get texts(): readonly string[] {
    return this.#patterns.map(({ text }) => text);
  }

  /**
   * The decision of the last pattern that matches a path. Gives `undefined` if none matches. `name` is the last component of the
   * path.
   */
  decide(path: string, isFolder: boolean, name: string = lastComponent(path)): IgnoreDecision | undefined {
    if (this.#patterns.length === 0) return undefined;
    const tested = testedPath(path, name);
    for (let index = this.#patterns.length - 1; index >= 0; index--) {
      const pattern = this.#patterns[index];
      if (pattern === undefined || (pattern.foldersOnly && !isFolder) || !pattern.matches(tested)) continue;
      return { leavesOut: !pattern.isNegative, pattern: pattern.text };
    }
    return undefined;
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

function testedPath(path: string, name: string): TestedPath {
  const pathBytes = encodeUtf8(path);
  return {
    path,
    name,
    pathBytes,
    nameBytes: pathBytes.subarray(pathBytes.lastIndexOf(SLASH) + 1),
  };
}

function parsePattern(line: string): IgnorePattern | undefined {
  const text = withoutTrailingSpaces(line);
  if (text === "" || text.startsWith("#")) return undefined;
  const isNegative = text.startsWith("!");
  const signed = isNegative ? text.slice(1) : text;
  const foldersOnly = signed.endsWith("/");
  const body = foldersOnly ? signed.slice(0, -1) : signed;
  const matches = body.includes("/") ? pathMatcher(body) : nameMatcher(body);
  return { text, isNegative, foldersOnly, matches };
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

function nameMatcher(body: string): IgnorePattern["matches"] {
  if (!/[*?[\\]/.test(body)) return ({ name }) => name === body;
  const components = parseGlob(body);
  if (components === undefined) return () => false;
  return ({ nameBytes }) => matchesComponents(components, [nameBytes]);
}

/**
 * Compares the text before the first wildcard literally, and only the rest as a pattern. So the rest of `foo**` followed
 * by a slash has the same meaning as at the start of a pattern, as in git.
 */
function pathMatcher(body: string): IgnorePattern["matches"] {
  const anchored = body.startsWith("/") ? body.slice(1) : body;
  const wild = anchored.search(/[*?[\\]/);
  if (wild < 0) return ({ path }) => path === anchored;
  const prefix = encodeUtf8(anchored.slice(0, wild));
  const components = parseGlob(anchored.slice(wild));
  if (components === undefined) return () => false;
  return ({ pathBytes }) => {
    if (pathBytes.length < prefix.length || prefix.some((byte, at) => byte !== pathBytes[at])) return false;
    return matchesComponents(components, componentsOf(pathBytes.subarray(prefix.length)));
  };
}

const SLASH = 0x2f;

function componentsOf(bytes: Uint8Array): readonly Uint8Array[] {
  const components: Uint8Array[] = [];
  let start = 0;
  for (let end = bytes.indexOf(SLASH); end >= 0; end = bytes.indexOf(SLASH, start)) {
    components.push(bytes.subarray(start, end));
    start = end + 1;
  }
  components.push(bytes.subarray(start));
  return components;
}

function matchesComponents(components: GlobComponents, path: readonly Uint8Array[]): boolean {
  const pattern: StarPattern = {
    tokens: components.length,
    isStar: (token) => components[token] === "any-number",
    accepts: (token, item) => {
      const tokens = components[token];
      const bytes = path[item];
      return (
        tokens !== undefined && tokens !== "any-number" && bytes !== undefined && matchesBytes(tokens, bytes)
      );
    },
  };
  return matchesStars(pattern, path.length);
}

function matchesBytes(tokens: readonly GlobToken[], bytes: Uint8Array): boolean {
  const pattern: StarPattern = {
    tokens: tokens.length,
    isStar: (token) => tokens[token] === "star",
    accepts: (token, item) => isGlobMatch(tokens[token], bytes[item]),
  };
  return matchesStars(pattern, bytes.length);
}
