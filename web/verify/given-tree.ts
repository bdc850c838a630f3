/**
 * Phase 11: the tree of a bundle, compared with what the user gave where links, modes and empty folders can be seen (PROTOCOL 19).
 *
 * @module
 */

import {
  type ArtifactReading,
  type EntryKind,
  type FindingTable,
  findTreeFailures,
  ok,
  RESTORE_TREE_NAME,
  RESULT_ARTIFACTS,
  type Rejection,
  type Result,
  readTreeAlone,
  type SealedTree,
  type SeenTree,
  type TreeDemand,
  type TreeDisk,
} from "../../src/core/internal.ts";
import type { SourceFault } from "../source/read-artifact.ts";
import type { SourceFolder } from "../source/source-folder.ts";
import { readOutputTree } from "./open-given-bundle.ts";

/** Where a tree and its entries are. */
export interface TreePlace extends TreeDemand {
  readonly bundle: SourceFolder;
  /** Undefined where links, modes and empty folders can't be seen. */
  readonly disk?: TreeDisk | undefined;
  readonly findings: FindingTable;
}

/** Looks at the tree of a bundle. `read` is the core's `readTree` for it. Fails with READ_FAILED or CHANGED_WHILE_READ. */
export async function matchTree(
  read: (reading: ArtifactReading) => Result<SealedTree, Rejection>,
  place: TreePlace,
): Promise<Result<SeenTree, SourceFault>> {
  const reading = await readOutputTree(place.bundle);
  if (!reading.ok) return reading;
  const tree = read(reading.value);
  const { disk, exact, findings, ignore, ignoreModes = false } = place;
  if (!tree.ok || disk === undefined)
    return ok(readTreeAlone(tree, disk === undefined ? "declared" : "checked"));
  const own = exact === true ? isOwn : undefined;
  const search = { disk, findings, ignore, ignoresModes: ignoreModes, isOwn: own, keepsAll: true };
  return ok(ended(findTreeFailures(tree.value, search)));
}

/** The folder of runseal in a project, and what a restore reports: no seal takes them in. */
const OWN_FOLDER = ".runseal";
const OWN_FILES: readonly string[] = [...RESULT_ARTIFACTS, RESTORE_TREE_NAME];

function isOwn(path: string, kind: EntryKind): "own" | undefined {
  const isFolder = path === OWN_FOLDER && kind === "folder";
  return isFolder || (kind === "file" && OWN_FILES.includes(path)) ? "own" : undefined;
}

/** Runs to the end without its pauses: all of it is in memory. */
function ended<Value>(steps: Generator<undefined, Value, undefined>): Value {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
