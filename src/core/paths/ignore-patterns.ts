/**
 * Which files are left out, by patterns of gitignore's syntax. git is followed in its quirks too, for people bring the
 * patterns that they have; but case counts everywhere, and no pattern takes more than bounded time (`pattern.ts`).
 *
 * A pattern without a slash before its end is compared with a name, any other with the path from the root. Of several
 * that match, the last one decides. What lies below a folder that is left out is not asked about: the caller never goes there.
 *
 * @module
 */

import { ok, type Result } from "../bytes/result.ts";
import { encodeUtf8, isWellFormed, utf8Length } from "../bytes/utf8.ts";
import { type GlobToken, isGlobMatch, parseGlob } from "./glob-token.ts";
import { matchesStars, type StarPattern } from "./pattern.ts";

/** How many patterns there may be. */
export const MAX_IGNORE_PATTERNS = 1000;

/** How long one may be. */
export const MAX_IGNORE_PATTERN_BYTES = 1024;

/** A list of patterns that is beyond a bound: the number of the first such line, from 1. */
export interface IgnoreFault {
  readonly ok: false;
  readonly code: "PATTERN_TOO_LONG" | "TOO_MANY_PATTERNS";
  readonly line: number;
}

/** What a pattern says of a path. */
export interface IgnoreDecision {
  /** `false` where the pattern takes the path back. */
  readonly leavesOut: boolean;
  /** As it was written. */
  readonly pattern: string;
}

/** One pattern. */
interface IgnorePattern {
  readonly text: string;
  readonly isNegative: boolean;
  readonly foldersOnly: boolean;
  readonly matches: (path: AskedPath) => boolean;
}

/** A path that is asked about. Its bytes are made when the first pattern wants them. */
interface AskedPath {
  readonly path: string;
  readonly name: string;
  readonly pathBytes: () => Uint8Array;
  readonly nameBytes: () => Uint8Array;
}

/** Patterns in their order. */
export class IgnorePatterns {
  readonly #patterns: readonly IgnorePattern[];

  private constructor(patterns: readonly IgnorePattern[]) {
    this.#patterns = patterns;
  }

  /** Reads lines; passes over blank ones and comments. */
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

  /** What the last pattern that matches a path says; undefined where no pattern does. */
  decide(path: string, isFolder: boolean): IgnoreDecision | undefined {
    const asked = ask(path);
    for (let index = this.#patterns.length - 1; index >= 0; index--) {
      const pattern = this.#patterns[index];
      if (pattern === undefined || (pattern.foldersOnly && !isFolder) || !pattern.matches(asked)) continue;
      return { leavesOut: !pattern.isNegative, pattern: pattern.text };
    }
    return undefined;
  }
}

/** The lines of a file of patterns, as git splits it: at line feeds, without a carriage return before one. */
export function ignoreLines(text: string): readonly string[] {
  const withoutMark = text.startsWith("\ufeff") ? text.slice(1) : text;
  return withoutMark.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
}

function ask(path: string): AskedPath {
  const name = path.slice(path.lastIndexOf("/") + 1);
  let pathBytes: Uint8Array | undefined;
  let nameBytes: Uint8Array | undefined;
  return {
    path,
    name,
    pathBytes: () => {
      pathBytes ??= encodeUtf8(path);
      return pathBytes;
    },
    nameBytes: () => {
      nameBytes ??= encodeUtf8(name);
      return nameBytes;
    },
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

/** Spaces at the end count only behind a backslash. */
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
  return ({ nameBytes }) => matchesComponents(components, [nameBytes()]);
}

/**
 * What stands before the first wildcard is compared as it is, and only the rest is a pattern: so `foo**` and a slash behind
 * it mean to git what they mean at the beginning.
 */
function pathMatcher(body: string): IgnorePattern["matches"] {
  const anchored = body.startsWith("/") ? body.slice(1) : body;
  const wild = anchored.search(/[*?[\\]/);
  if (wild < 0) return ({ path }) => path === anchored;
  const prefix = encodeUtf8(anchored.slice(0, wild));
  const components = parseGlob(anchored.slice(wild));
  if (components === undefined) return () => false;
  return ({ pathBytes }) => {
    const bytes = pathBytes();
    if (bytes.length < prefix.length || prefix.some((byte, at) => byte !== bytes[at])) return false;
    return matchesComponents(components, componentsOf(bytes.subarray(prefix.length)));
  };
}

/** The components of a pattern; `**` stands for any number of components. */
type GlobComponents = readonly (readonly GlobToken[] | "any-number")[];

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
