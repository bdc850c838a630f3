/**
 * The form of OUTPUT_TREE.json (PROTOCOL 19): its bytes to a tree, or the first reason why they are not one.
 *
 * @module
 */

import { type Ok, ok } from "../bytes/result.ts";
import type { TreeFormReason } from "../codes/tree-reasons.ts";
import { type Rejection, reject } from "../codes/verdict.ts";
import { asCount, hasExactly, isJsonObject, type JsonObject, type JsonValue } from "../json/json-value.ts";
import { parseStrictJson } from "../json/strict-json.ts";
import type { OutputTree } from "./output-tree.ts";
import { scanTree } from "./scan-tree.ts";
import { areIgnorePatterns, areLeftOutReasons, areModes, isTreeKind } from "./tree-values.ts";

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
export function parseTree(bytes: Uint8Array): Ok<OutputTree> | Rejection {
  const tree = scanTree(bytes);
  return tree === undefined ? reject("tree", "TREE_MALFORMED", { reason: findReason(bytes) }) : ok(tree);
}

/** Why bytes that `scanTree` refused are malformed. If all else holds, they are not canonical. */
function findReason(bytes: Uint8Array): TreeFormReason {
  const parsed = parseStrictJson(bytes);
  if (!parsed.ok || !isJsonObject(parsed.value)) return "json";
  const document = parsed.value;
  if (asCount(document.get("version")) !== TREE_VERSION) return "version";
  if (!hasExactly(document, MEMBERS)) return "members";
  return hasTreeValues(document) ? "not-canonical" : "value";
}

function hasTreeValues(document: JsonObject): boolean {
  const kind = document.get("kind");
  const ignored = document.get("ignored");
  const leftOut = document.get("left_out");
  return (
    isTreeKind(kind) &&
    isTextList(document.get("empty_folders")) &&
    isTextList(document.get("scope")) &&
    isTextList(ignored) &&
    areIgnorePatterns(ignored) &&
    isPairList(document.get("links"), "target") &&
    isPairList(leftOut, "reason") &&
    areLeftOutReasons(leftOut.map((entry) => String(entry.get("reason")))) &&
    isModeTable(document.get("modes"), (modes) => areModes(kind, modes, "file")) &&
    isModeTable(document.get("folder_modes"), (modes) => areModes(kind, modes, "folder"))
  );
}

function isTextList(value: JsonValue | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isPairList(value: JsonValue | undefined, name: string): value is readonly JsonObject[] {
  return Array.isArray(value) && value.every((item) => isPair(item, name));
}

function isPair(value: JsonValue, name: string): boolean {
  if (!isJsonObject(value) || !hasExactly(value, ["path", name])) return false;
  return typeof value.get("path") === "string" && typeof value.get(name) === "string";
}

function isModeTable(
  value: JsonValue | undefined,
  areLawful: (modes: readonly string[]) => boolean,
): boolean {
  if (!isJsonObject(value) || !areLawful([...value.keys()])) return false;
  return [...value.values()].every((paths) => isTextList(paths) && paths.length > 0);
}
