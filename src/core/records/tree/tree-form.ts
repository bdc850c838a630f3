/**
 * The form of OUTPUT_TREE.json (PROTOCOL 19): its bytes to a tree, or the first reason why they are not one.
 *
 * @module
 */

import { type Ok, ok } from "../../system/bytes/result.ts";
import type { TreeFormReason } from "../../system/codes/tree-reasons.ts";
import { type Rejection, reject } from "../../system/codes/verdict.ts";
import { encodeCanonical } from "../../system/json/canonical-json.ts";
import { asCount, hasExactly, isJsonObject } from "../../system/json/json-value.ts";
import { parseStrictJson } from "../../system/json/strict-json.ts";
import type { OutputTree } from "./output-tree.ts";
import { scanTree } from "./scan-tree.ts";

/** The version of the artifact that this runseal writes and knows. */
export const TREE_VERSION = 1;

const MEMBERS = [
  "empty_folders",
  "folder_modes",
  "ignored",
  "kind",
  "left_out",
  "links",
  "modes",
  "scope",
  "version",
];

/**
 * Reads a tree. Fails with TREE_MALFORMED and a reason. The tree keeps the bytes, which may not change. It may still be unlawful:
 * `checkTree` decides.
 */
export function parseTree(bytes: Uint8Array): Ok<OutputTree> | Rejection<"TREE_MALFORMED"> {
  const tree = scanTree(bytes);
  return tree === undefined ? reject("tree", "TREE_MALFORMED", { reason: findReason(bytes) }) : ok(tree);
}

/** Why bytes that `scanTree` refused are malformed: it refuses the canonical form of the same values too, unless that is all. */
function findReason(bytes: Uint8Array): TreeFormReason {
  const parsed = parseStrictJson(bytes);
  if (!parsed.ok || !isJsonObject(parsed.value)) return "json";
  const document = parsed.value;
  if (asCount(document.get("version")) !== TREE_VERSION) return "version";
  if (!hasExactly(document, MEMBERS)) return "members";
  const canonical = encodeCanonical(document);
  return canonical.ok && scanTree(canonical.value) !== undefined ? "not-canonical" : "value";
}
