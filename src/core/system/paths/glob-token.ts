/**
 * The tokens of a glob pattern, as git's wildmatch reads them. A token matches bytes of UTF-8, so `?` is one byte.
 *
 * @module
 */

import { encodeUtf8 } from "../bytes/utf8.ts";

/** A set of bytes: 256 bits in eight words. A pattern list may have 300,000 sets, so a set is small. */
export type ByteSet = Int32Array;

/** A token for one byte: any byte, this byte, or a byte of a set. */
export type ByteToken = "any" | number | ByteSet;

/** One token: any number of bytes, or one byte. */
export type GlobToken = "star" | ByteToken;

/** The tokens of each component of a pattern. `**` matches any number of components. */
export type GlobComponents = readonly (readonly GlobToken[] | "any-number")[];

const STAR = 0x2a;
const QUESTION_MARK = 0x3f;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const BACKSLASH = 0x5c;
const SLASH = 0x2f;
const DASH = 0x2d;
const COLON = 0x3a;

/** Classes of ASCII characters by name. As in git, space does not include vertical tab and form feed. */
const CLASSES: ReadonlyMap<string, (byte: number) => boolean> = new Map([
  ["alnum", (byte) => isDigit(byte) || isUpper(byte) || isLower(byte)],
  ["alpha", (byte) => isUpper(byte) || isLower(byte)],
  ["blank", (byte) => byte === 0x20 || byte === 0x09],
  ["cntrl", (byte) => byte < 0x20 || byte === 0x7f],
  ["digit", isDigit],
  ["graph", (byte) => byte > 0x20 && byte < 0x7f],
  ["lower", isLower],
  ["print", (byte) => byte >= 0x20 && byte < 0x7f],
  ["punct", (byte) => byte > 0x20 && byte < 0x7f && !isDigit(byte) && !isUpper(byte) && !isLower(byte)],
  ["space", (byte) => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d],
  ["upper", isUpper],
  ["xdigit", (byte) => isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)],
]);

/** Whether a token matches a byte. */
export function matchesByte(token: ByteToken | undefined, byte: number): boolean {
  if (typeof token === "number") return token === byte;
  if (token === undefined) return false;
  return token === "any" || (((token[byte >>> 5] ?? 0) >>> (byte & 31)) & 1) === 1;
}

/**
 * Parses a pattern into the components between its slashes. Gives `undefined` if the pattern can match nothing: for a
 * set without an end, an unknown class, or a backslash at the end.
 */
export function parseGlob(text: string): GlobComponents | undefined {
  const bytes = encodeUtf8(text);
  const components: (readonly GlobToken[] | "any-number")[] = [];
  let tokens: GlobToken[] = [];
  let start = 0;
  const endComponent = (): void => {
    components.push(tokens);
    tokens = [];
  };
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] ?? 0;
    if (byte === SLASH) {
      endComponent();
      start = ++at;
    } else if (byte === STAR) {
      const begin = at;
      while (bytes[at] === STAR) at++;
      const bound = begin === start && at - begin > 1 ? boundAt(bytes, at) : undefined;
      if (bound === undefined) {
        tokens.push("star");
        continue;
      }
      // At the end, and before an escaped slash, `**` matches at least one component.
      if (bound.atLeastOne) components.push(["star"]);
      components.push("any-number");
      if (bound.isEnd) return components;
      at = bound.next;
      start = at;
    } else if (byte === QUESTION_MARK) {
      tokens.push("any");
      at++;
    } else if (byte === OPEN) {
      const set = parseSet(bytes, at + 1);
      if (set === undefined) return undefined;
      tokens.push(set.bytes);
      at = set.next;
    } else if (byte === BACKSLASH) {
      const escaped = bytes[at + 1];
      if (escaped === undefined) return undefined;
      at += 2;
      if (escaped === SLASH) {
        endComponent();
        start = at;
      } else tokens.push(escaped);
    } else {
      tokens.push(byte);
      at++;
    }
  }
  endComponent();
  return components;
}

interface StarBound {
  readonly isEnd: boolean;
  readonly atLeastOne: boolean;
  /** The index after the slash. */
  readonly next: number;
}

/** What follows a `**`. Gives `undefined` if the `**` is part of a name. */
function boundAt(bytes: Uint8Array, at: number): StarBound | undefined {
  if (at === bytes.length) return { isEnd: true, atLeastOne: true, next: at };
  if (bytes[at] === SLASH) return { isEnd: false, atLeastOne: false, next: at + 1 };
  if (bytes[at] === BACKSLASH && bytes[at + 1] === SLASH)
    return { isEnd: false, atLeastOne: true, next: at + 2 };
  return undefined;
}

interface ParsedSet {
  readonly bytes: ByteSet;
  /** The index after the closing bracket. */
  readonly next: number;
}

function parseSet(bytes: Uint8Array, begin: number): ParsedSet | undefined {
  const set = new Int32Array(8);
  const add = (member: number): void => {
    set[member >>> 5] = (set[member >>> 5] ?? 0) | (1 << (member & 31));
  };
  let at = begin;
  const isNegated = bytes[at] === 0x21 || bytes[at] === 0x5e;
  if (isNegated) at++;
  let previous = 0;
  // The first byte is a member even if it is a bracket.
  for (let isFirst = true; isFirst || bytes[at] !== CLOSE; isFirst = false) {
    let byte = bytes[at];
    if (byte === undefined) return undefined;
    if (byte === BACKSLASH) {
      byte = bytes[++at];
      if (byte === undefined) return undefined;
      add(byte);
    } else if (byte === DASH && previous !== 0 && bytes[at + 1] !== undefined && bytes[at + 1] !== CLOSE) {
      let last = bytes[++at];
      if (last === BACKSLASH) last = bytes[++at];
      if (last === undefined) return undefined;
      for (let member = previous; member <= last; member++) add(member);
      byte = 0;
    } else if (byte === OPEN && bytes[at + 1] === COLON) {
      const end = bytes.indexOf(CLOSE, at + 2);
      if (end < 0) return undefined;
      if (end - at < 3 || bytes[end - 1] !== COLON) add(OPEN);
      else {
        const isMember = CLASSES.get(String.fromCharCode(...bytes.subarray(at + 2, end - 1)));
        if (isMember === undefined) return undefined;
        for (let member = 0; member < 0x80; member++) if (isMember(member)) add(member);
        at = end;
        byte = 0;
      }
    } else add(byte);
    previous = byte;
    at++;
  }
  return { bytes: isNegated ? set.map((word) => ~word) : set, next: at + 1 };
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isUpper(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

function isLower(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a;
}
