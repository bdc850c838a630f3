/**
 * Reasons, kinds and aspects in the details of phase 11 (PROTOCOL 8).
 *
 * @module
 */

/** Why OUTPUT_TREE.json is malformed, in the order of the checks. */
export type TreeFormReason = "json" | "version" | "members" | "value" | "not-canonical";

/** Why a path of OUTPUT_TREE.json is unlawful, in the order of the checks. */
export type TreePathReason =
  | "path"
  | "order"
  | "twice"
  | "unknown-file"
  | "unknown-folder"
  | "below-a-file"
  | "below-a-link"
  | "not-empty"
  | "target";

/** Any of these reasons. */
type TreeReason = TreeFormReason | TreePathReason | "too-many";

/** A kind of entry below the root. */
export type EntryKind = "file" | "link" | "folder" | "fifo" | "socket" | "device";

/** In what an entry can differ from the tree. */
export type EntryAspect = "kind" | "target" | "mode";

/** Ends of sentences, for a reason. */
const WORDS: Readonly<Record<TreeReason, string>> = {
  json: "it is not a strict JSON object",
  version: "its version is not 1; a newer runseal may know it",
  members: "its members are not those of a tree",
  value: "a value in it is not of the right form",
  "not-canonical": "it is not in canonical form",
  path: "is not a lawful path",
  order: "is out of order",
  twice: "is named twice",
  "unknown-file": "has a mode, but is not a file of the bundle",
  "unknown-folder": "has a folder mode, but is not a folder of the tree",
  "below-a-file": "is below a file",
  "below-a-link": "is below a link",
  "not-empty": "is named as empty, but has entries",
  target: "is a link with an impossible target",
  "too-many": "it has too many entries",
};

/** What is wrong with a tree: the end of a sentence. */
export function explainTreeReason(reason: TreeReason): string {
  return WORDS[reason];
}
