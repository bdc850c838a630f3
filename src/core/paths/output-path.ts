/**
 * The law of paths: which names an output may have (PROTOCOL 9.1).
 *
 * Checked before anything is opened: a hostile bundle must not make a verifier read, or tell the digest
 * of, anything else on the machine. Nothing is silently repaired.
 *
 * @module
 */

import { MAX_COMPONENT_BYTES, MAX_PATH_BYTES } from "../bytes/limits.ts";
import { ok, type Result } from "../bytes/result.ts";
import { isWellFormed, utf8Length } from "../bytes/utf8.ts";

declare const outputPath: unique symbol;

/** A relative path that obeys the law, with `/` as the only separator. Says nothing of what is there. */
export type OutputPath = string & { readonly [outputPath]: true };

/** How a path breaks the law. */
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

/** A path that is no output path. */
export interface PathFault {
  readonly ok: false;
  readonly code: PathBreach;
}

/** What differs between systems. */
export interface PathRules {
  /** Windows: `C:x` leaves the folder and `a:b` is a stream of another file. */
  readonly refuseColon: boolean;
}

/**
 * Checks one path against the law. A path that breaks it in several ways reports a null byte last, so
 * that a restore can tell "any breach but NUL" from NUL alone (PROTOCOL 13.3, step 5).
 */
export function parseOutputPath(path: string, rules: PathRules): Result<OutputPath, PathFault> {
  const breach = findBreach(path, rules);
  return breach === undefined ? ok(path as OutputPath) : { ok: false, code: breach };
}

/** Lawful at a glance, on every system: components of printable ASCII but `:` and backslash, none a dot or two. */
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

/** Looks at each component where it stands: of a million paths, a list each would cost more than the check. */
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

/** Whether a text has more bytes than that. No unit of UTF-16 has more than three. */
function exceeds(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && utf8Length(text) > bytes;
}

/**
 * Which of many paths lie below another one of them: `a/b` where `a` is an output too. No path may be
 * both a file and a folder, and it is the longer one that breaks the law. The paths themselves are lawful
 * ones (so that none is deeper than 2,048 folders).
 */
export function findPathsBelowOthers(paths: Iterable<string>): ReadonlySet<string> {
  return belowOthers(paths) ?? belowOthers([...paths].sort()) ?? new Set();
}

/** The same of paths that are sorted; `undefined` where they are not. */
function belowOthers(paths: Iterable<string>): ReadonlySet<string> | undefined {
  const below = new Set<string>();
  // Sorted, whatever a text begins with stands before it, with nothing between but what begins with that too. A map of
  // all folders would do for honest bundles, but has no bound where paths are a thousand folders deep.
  const beginnings: string[] = [];
  let before = "";
  for (const path of paths) {
    if (path < before) return undefined;
    before = path;
    for (let last = beginnings.at(-1); last !== undefined && !path.startsWith(last); last = beginnings.at(-1))
      beginnings.pop();
    if (path === beginnings.at(-1)) continue;
    if (beginnings.some((beginning) => path.charAt(beginning.length) === "/")) below.add(path);
    beginnings.push(path);
  }
  return below;
}

/** The folder of a path, or `undefined` at the top. */
export function parentOf(path: string): string | undefined {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? undefined : path.slice(0, slash);
}
