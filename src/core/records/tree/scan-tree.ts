/**
 * Reads OUTPUT_TREE.json if it is in canonical form, which is the only valid form. The texts stay where they are in the artifact:
 * a tree of a million links takes 16 MB beside it. Never reports a reason: `tree-form.ts` looks for one.
 *
 * @module
 */

import { MAX_VALUES } from "../../system/bytes/limits.ts";
import { decodeUtf8 } from "../../system/bytes/utf8.ts";
import type { TextViews } from "../../system/json/text-views.ts";
import { IgnorePatterns, MAX_IGNORE_PATTERNS } from "../../system/paths/ignore-patterns.ts";
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

/** An escape of canonical JSON (PROTOCOL 4.2): of what must be escaped, in the shortest way, in lower case. */
const ESCAPE = /\\(?:["\\bfnrt]|u00(?:0[0-7bef]|1[0-9a-f]))/g;

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
    this.#items("[", CLOSE_BRACKET, () => places.add(this.#string()));
    return places.viewsOf(this.#bytes);
  }

  /** A list of objects with a path and one more member, whose name comes after `path`. */
  pairs(name: string): PathPairs {
    const paths = new GrowingPlaces();
    const values = new GrowingPlaces();
    this.#items("[", CLOSE_BRACKET, () => {
      this.skip('{"path":');
      paths.add(this.#string());
      this.skip(`,"${name}":`);
      values.add(this.#string());
      this.skip("}");
    });
    return { paths: paths.viewsOf(this.#bytes), values: values.viewsOf(this.#bytes) };
  }

  /** An object of lists, by mode. */
  modes(): readonly ModePaths[] {
    const modes: ModePaths[] = [];
    this.#items("{", CLOSE_BRACE, () => {
      const mode = this.text();
      this.skip(":");
      const paths = this.texts();
      const before = modes.at(-1)?.mode;
      if (paths.length === 0 || (before !== undefined && before >= mode)) this.#hasFailed = true;
      modes.push({ mode, paths });
    });
    return modes;
  }

  /** Reads items up to the closing bracket, with a comma between two. */
  #items(opening: string, closing: number, read: () => void): void {
    this.skip(opening);
    const isEmpty = this.#bytes[this.#at] === closing;
    if (isEmpty) this.#at++;
    for (let next = isEmpty ? closing : COMMA; next === COMMA && !this.#hasFailed; ) {
      read();
      next = this.#bytes[this.#at++] ?? -1;
      if (next !== COMMA && next !== closing) this.#hasFailed = true;
    }
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
    const text = isAscii && !hasEscape ? "" : decodeUtf8(bytes.slice(start, end));
    if (text === undefined || (hasEscape && text.replace(ESCAPE, "").includes("\\"))) this.#hasFailed = true;
    return this.#hasFailed ? [0, 0] : [start, end];
  }
}
