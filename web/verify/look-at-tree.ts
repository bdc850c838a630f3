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
  type LookedTree,
  ok,
  RESTORE_TREE_NAME,
  RESULT_ARTIFACTS,
  type Rejection,
  type Result,
  type SealedTree,
  type TreeDisk,
  type Undecided,
} from "../../src/core/internal.ts";
import type { SourceFault } from "../source/read-artifact.ts";
import type { SourceFolder } from "../source/source-folder.ts";
import { readOutputTree } from "./open-bundle.ts";

/** How to compare. */
export interface TreeDemand {
  /** Refuse what is there and was not sealed. */
  readonly exact?: boolean | undefined;
  /** Patterns of what `exact` passes over beside what the seal ignored. They must be well-formed. */
  readonly ignore?: readonly string[] | undefined;
  readonly ignoreModes?: boolean | undefined;
}

/** Where a tree and its entries are. */
export interface TreePlace extends TreeDemand {
  readonly bundle: SourceFolder;
  /** Undefined where links, modes and empty folders can't be seen. */
  readonly disk?: TreeDisk | undefined;
  readonly findings: FindingTable;
}

/** What was found of a tree. */
export interface SeenTree extends LookedTree {
  /** `declared`: the source shows no links, modes and empty folders, so only the artifact was judged. */
  readonly state: "checked" | "declared";
  /** In byte order of path. */
  readonly failures: readonly (Rejection | Undecided)[];
}

/** Looks at the tree of a bundle. `read` is the core's `readTree` for it. Fails with READ_FAILED or CHANGED_WHILE_READ. */
export async function lookAtTree(
  read: (reading: ArtifactReading) => Result<SealedTree, Rejection>,
  place: TreePlace,
): Promise<Result<SeenTree, SourceFault>> {
  const reading = await readOutputTree(place.bundle);
  if (!reading.ok) return reading;
  const tree = read(reading.value);
  const { disk, exact, findings, ignore, ignoreModes = false } = place;
  const state = disk === undefined ? "declared" : "checked";
  if (!tree.ok) return ok({ tree, failure: undefined, failures: [tree], state });
  const own = exact === true ? isOwn : undefined;
  const failures =
    disk === undefined
      ? []
      : ended(
          findTreeFailures(tree.value, {
            disk,
            findings,
            ignore,
            ignoresModes: ignoreModes,
            isOwn: own,
            keepsAll: true,
          }),
        ).failures;
  return ok({ tree, failure: failures[0], failures, state });
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
