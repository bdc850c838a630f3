/**
 * The law of paths: the names that an output may have (PROTOCOL 9.1).
 *
 * A path is checked before its file is opened. Otherwise a hostile bundle could make a verifier read any
 * file of the machine, or report its digest. An unlawful path is never repaired.
 *
 * @module
 */

import { MAX_COMPONENT_BYTES, MAX_PATH_BYTES } from "../bytes/limits.ts";
import { type Fault, ok, type Result } from "../bytes/result.ts";
import { isWellFormed, utf8Length } from "../bytes/utf8.ts";

declare const outputPath: unique symbol;

/** A relative path that obeys the law, with `/` as the only separator. The file need not exist. */
export type OutputPath = string & { readonly [outputPath]: true };

/** The rule that a path breaks. */
export type PathBreach =
  | "not-well-formed"
  | "empty"
  | "absolute"
  | "backslash"
  | "null-byte"
  | "colon"
  | "empty-component"
  | "dot-component"
  | "path-too-long"
  | "component-too-long"
  | "below-another-output";

/** A path that is not lawful. */
export type PathFault = Fault<PathBreach>;

/** The rules that depend on the system. */
export interface PathRules {
  /** For Windows: `C:x` is outside the folder, and `a:b` is a stream of another file. */
  readonly refuseColon: boolean;
}

/**
 * Checks one path against the law. Reports a null byte only if the path breaks no other rule: a restore
 * must distinguish that case (PROTOCOL 13.3, step 5).
 */
export function parseOutputPath(path: string, rules: PathRules): Result<OutputPath, PathFault> {
  const breach = findBreach(path, rules);
  return breach === undefined ? ok(path as OutputPath) : { ok: false, code: breach };
}

/** Whether a text can be one component of a path on some system, `.` and `..` included. */
export function isComponent(text: string): boolean {
  return text !== "" && isWellFormed(text) && !exceeds(text, MAX_COMPONENT_BYTES) && !/[/\0]/.test(text);
}

/** The common case, lawful on every system: components of printable ASCII without `:` and backslash, and not `.` or `..`. */
const PLAIN = /^(?:(?!\.\.?(?:\/|$))[ -.0-9;-[\]-~]{1,255}(?:\/(?!$)|$))+$/;

function findBreach(path: string, rules: PathRules): PathBreach | undefined {
  if (path.length <= MAX_PATH_BYTES && PLAIN.test(path)) return undefined;
  if (path === "") return "empty";
  if (!isWellFormed(path)) return "not-well-formed";
  if (path.startsWith("/")) return "absolute";
  if (path.includes("\\")) return "backslash";
  if (rules.refuseColon && path.includes(":")) return "colon";
  if (exceeds(path, MAX_PATH_BYTES)) return "path-too-long";
  return findComponentBreach(path) ?? (path.includes("\0") ? "null-byte" : undefined);
}

/** Checks components in place: splitting each of a million paths would cost more than the check. */
function findComponentBreach(path: string): PathBreach | undefined {
  for (let start = 0; start <= path.length; ) {
    const slash = path.indexOf("/", start);
    const end = slash < 0 ? path.length : slash;
    if (end === start) return "empty-component";
    if (end - start <= 2 && isDots(path, start, end)) return "dot-component";
    if ((end - start) * 3 > MAX_COMPONENT_BYTES && exceeds(path.slice(start, end), MAX_COMPONENT_BYTES)) {
      return "component-too-long";
    }
    start = end + 1;
  }
  return undefined;
}

function isDots(path: string, start: number, end: number): boolean {
  const dot = 0x2e;
  return path.charCodeAt(start) === dot && path.charCodeAt(end - 1) === dot;
}

/** Whether a text has more UTF-8 bytes than that. A UTF-16 unit has three bytes at most. */
function exceeds(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && utf8Length(text) > bytes;
}

/**
 * Finds the paths that are below another one, such as `a/b` if `a` is an output too. A path must not be both a
 * file and a folder, and the longer path breaks the law. All given paths must be lawful, so that none is deeper
 * than 2,048 folders.
 */
export function findPathsBelowOthers(paths: Iterable<string>): ReadonlySet<string> {
  return belowOthers(paths) ?? belowOthers([...paths].sort()) ?? new Set();
}

/** As `findPathsBelowOthers`, for sorted paths. Gives `undefined` if they are not sorted. */
function belowOthers(paths: Iterable<string>): ReadonlySet<string> | undefined {
  const below = new Set<string>();
  // In sorted order, a prefix of a path is before it, and all paths between the two have the same prefix. So the
  // prefixes form a stack. A set of all folders would take too much memory if paths are a thousand folders deep.
  const prefixes: string[] = [];
  let before = "";
  for (const path of paths) {
    if (path < before) return undefined;
    before = path;
    for (let last = prefixes.at(-1); last !== undefined && !path.startsWith(last); last = prefixes.at(-1))
      prefixes.pop();
    if (path === prefixes.at(-1)) continue;
    if (prefixes.some((prefix) => path.charAt(prefix.length) === "/")) below.add(path);
    prefixes.push(path);
  }
  return below;
}
