/**
 * Reads OUTPUT_TREE.json if it is in canonical form, which is the only valid form. The texts stay where they are in the artifact:
 * a tree of a million links takes 16 MB beside it. Never reports a reason: `tree-form.ts` looks for one.
 *
 * @module
 */

import { MAX_VALUES } from "../bytes/limits.ts";
import { decodeUtf8 } from "../bytes/utf8.ts";
import { encodeOwn } from "../json/canonical-json.ts";
import { parseStrictJson } from "../json/strict-json.ts";
import type { TextViews } from "../json/text-views.ts";
import { IgnorePatterns, MAX_IGNORE_PATTERNS } from "../paths/ignore-patterns.ts";
import { GrowingPlaces } from "./growing-places.ts";
import {
  LEFT_OUT_REASONS,
  type ModePaths,
  type OutputTree,
  type PathPairs,
  type TreeKind,
} from "./output-tree.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const CLOSE_BRACKET = 0x5d;
const CLOSE_BRACE = 0x7d;

/** The tree, or undefined if the bytes are not the canonical form of one. */
export function scanTree(bytes: Uint8Array): OutputTree | undefined {
  const scanner = new Scanner(bytes);
  // Members in the order of canonical JSON. Once the scanner has failed, it reads nothing more.
  scanner.skip('{"empty_folders":');
  const emptyFolders = scanner.texts();
  scanner.skip(',"folder_modes":');
  const folderModes = scanner.modes();
  scanner.skip(',"ignored":');
  const ignored = scanner.texts();
  scanner.skip(',"kind":');
  const kind = scanner.text();
  scanner.skip(',"left_out":');
  const leftOut = scanner.pairs("reason");
  scanner.skip(',"links":');
  const links = scanner.pairs("target");
  scanner.skip(',"modes":');
  const modes = scanner.modes();
  scanner.skip(',"scope":');
  const scope = scanner.texts();
  scanner.skip(',"version":1}');
  if (!scanner.isAtEnd || (kind !== "outputs" && kind !== "snapshot")) return undefined;
  const isValid =
    ignored.length <= MAX_IGNORE_PATTERNS &&
    IgnorePatterns.parse([...ignored]).ok &&
    areModes(kind, folderModes, "folder") &&
    areModes(kind, modes, "file") &&
    [...leftOut.values].every((reason) => LEFT_OUT.has(reason));
  if (!isValid) return undefined;
  return { kind, scope, ignored: [...ignored], modes, folderModes, emptyFolders, links, leftOut };
}

/** The mode of files and of folders that a tree does not name. */
const USUAL_MODES = { file: "644", folder: "755" } as const;

const LEFT_OUT: ReadonlySet<string> = new Set(LEFT_OUT_REASONS);

/** Whether a tree of this kind may have these modes, of files or of folders. */
function areModes(kind: TreeKind, modes: readonly ModePaths[], of: "file" | "folder"): boolean {
  return modes.every(({ mode }) =>
    kind === "outputs"
      ? of === "file" && mode === "755"
      : /^[0-7]{3}$/.test(mode) && mode !== USUAL_MODES[of],
  );
}

/** Reads canonical JSON of a known form. After a failure, each call gives something empty and reads nothing. */
class Scanner {
  readonly #bytes: Uint8Array;
  #at = 0;
  #texts = 0;
  #hasFailed = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return !this.#hasFailed && this.#at === this.#bytes.length;
  }

  /** Steps over this text, which is ASCII, or fails. */
  skip(expected: string): void {
    for (let index = 0; index < expected.length && !this.#hasFailed; index++) {
      if (this.#bytes[this.#at++] !== expected.charCodeAt(index)) this.#hasFailed = true;
    }
  }

  text(): string {
    const places = new GrowingPlaces();
    places.add(this.#string());
    return this.#hasFailed ? "" : (places.viewsOf(this.#bytes).at(0) ?? "");
  }

  /** A list of strings. */
  texts(): TextViews {
    const places = new GrowingPlaces();
    this.skip("[");
    for (let isFirst = true; this.#hasNext(CLOSE_BRACKET, isFirst); isFirst = false)
      places.add(this.#string());
    return places.viewsOf(this.#bytes);
  }

  /** A list of objects with a path and one more member, whose name comes after `path`. */
  pairs(name: string): PathPairs {
    const paths = new GrowingPlaces();
    const values = new GrowingPlaces();
    this.skip("[");
    for (let isFirst = true; this.#hasNext(CLOSE_BRACKET, isFirst); isFirst = false) {
      this.skip('{"path":');
      paths.add(this.#string());
      this.skip(`,"${name}":`);
      values.add(this.#string());
      this.skip("}");
    }
    return { paths: paths.viewsOf(this.#bytes), values: values.viewsOf(this.#bytes) };
  }

  /** An object of lists, by mode. */
  modes(): readonly ModePaths[] {
    const modes: ModePaths[] = [];
    this.skip("{");
    for (let isFirst = true; this.#hasNext(CLOSE_BRACE, isFirst); isFirst = false) {
      const mode = this.text();
      this.skip(":");
      const paths = this.texts();
      const before = modes.at(-1)?.mode;
      if (paths.length === 0 || (before !== undefined && before >= mode)) this.#hasFailed = true;
      modes.push({ mode, paths });
    }
    return modes;
  }

  /** Whether another item follows, after the comma before it. Steps over the bracket otherwise. */
  #hasNext(bracket: number, isFirst: boolean): boolean {
    if (this.#hasFailed) return false;
    const byte = this.#bytes[this.#at];
    if (byte === bracket) {
      this.#at++;
      return false;
    }
    if (isFirst) return true;
    this.#at++;
    if (byte !== COMMA) this.#hasFailed = true;
    return byte === COMMA;
  }

  /** Steps over a string and gives the place of what is between its quotes. */
  #string(): readonly [number, number] {
    this.skip('"');
    const bytes = this.#bytes;
    const start = this.#at;
    let [end, hasEscape, isAscii] = [start, false, true];
    for (; end < bytes.length && bytes[end] !== QUOTE; end++) {
      const byte = bytes[end] ?? 0;
      if (byte < 0x20) this.#hasFailed = true;
      else if (byte >= 0x80) isAscii = false;
      else if (byte === BACKSLASH) {
        hasEscape = true;
        end++;
      }
    }
    this.#at = end;
    this.skip('"');
    if (++this.#texts > MAX_VALUES) this.#hasFailed = true;
    if (this.#hasFailed) return [0, 0];
    if (!isAscii && decodeUtf8(bytes.slice(start, end)) === undefined) this.#hasFailed = true;
    if (hasEscape && !isCanonicalString(bytes.slice(start - 1, end + 1))) this.#hasFailed = true;
    return this.#hasFailed ? [0, 0] : [start, end];
  }
}

/** Whether a string with escapes has the canonical ones only. */
function isCanonicalString(quoted: Uint8Array): boolean {
  const parsed = parseStrictJson(quoted);
  if (!parsed.ok) return false;
  const canonical = encodeOwn(parsed.value);
  return canonical.length === quoted.length && canonical.every((byte, at) => byte === quoted[at]);
}
