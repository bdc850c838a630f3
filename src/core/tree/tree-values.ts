/**
 * Which values the members of OUTPUT_TREE.json may have, beside being texts and lists of them (PROTOCOL 19).
 *
 * @module
 */

import type { Listing } from "../bytes/listing.ts";
import { IgnorePatterns, MAX_IGNORE_PATTERNS } from "../paths/ignore-patterns.ts";
import { LEFT_OUT_REASONS, type TreeKind } from "./output-tree.ts";

/** The mode of files and of folders that a tree does not name. */
const USUAL_MODES = { file: "644", folder: "755" } as const;

/** Whether a text is a kind of tree. */
export function isTreeKind(text: unknown): text is TreeKind {
  return text === "outputs" || text === "snapshot";
}

/** Whether a tree of this kind may have these modes, of files or of folders. */
export function areModes(kind: TreeKind, modes: readonly string[], of: "file" | "folder"): boolean {
  if (kind === "outputs") return of === "file" ? modes.every((mode) => mode === "755") : modes.length === 0;
  return modes.every((mode) => /^[0-7]{3}$/.test(mode) && mode !== USUAL_MODES[of]);
}

/** Whether patterns obey their limits. */
export function areIgnorePatterns(patterns: Listing<string>): boolean {
  return patterns.length <= MAX_IGNORE_PATTERNS && IgnorePatterns.parse([...patterns]).ok;
}

/** Whether each text is a reason to leave an entry out. */
export function areLeftOutReasons(reasons: Iterable<string>): boolean {
  const known: ReadonlySet<string> = new Set(LEFT_OUT_REASONS);
  for (const reason of reasons) if (!known.has(reason)) return false;
  return true;
}
