/**
 * OUTPUT_TREE.json from a tree, in canonical form. No list is held as JSON values: those of a million links would take hundreds of
 * megabytes.
 *
 * @module
 */

import { concatBytes } from "../../system/bytes/bytes.ts";
import { encodeInPieces, type LongJson } from "../../system/json/canonical-json.ts";
import { integerOf, type JsonObject, jsonObject } from "../../system/json/json-value.ts";
import type { ModePaths, OutputTree, PathPairs } from "./output-tree.ts";
import { TREE_VERSION } from "./tree-form.ts";

/** Encodes a tree. `parseTree` gives an equal one. */
export function encodeTree(tree: OutputTree): Uint8Array {
  const document = new Map<string, LongJson>([
    ["empty_folders", () => tree.emptyFolders],
    ["folder_modes", modesOf(tree.folderModes)],
    ["ignored", tree.ignored],
    ["kind", tree.kind],
    ["left_out", () => pairsOf(tree.leftOut, "reason")],
    ["links", () => pairsOf(tree.links, "target")],
    ["modes", modesOf(tree.modes)],
    ["scope", () => tree.scope],
    ["version", integerOf(TREE_VERSION)],
  ]);
  return concatBytes([...encodeInPieces(document)]);
}

function modesOf(modes: readonly ModePaths[]): LongJson {
  return new Map<string, LongJson>(modes.map(({ mode, paths }) => [mode, () => paths]));
}

function* pairsOf({ paths, values }: PathPairs, name: string): Generator<JsonObject, void, undefined> {
  for (let index = 0; index < paths.length; index++)
    yield jsonObject({ path: paths.at(index), [name]: values.at(index) });
}
