/**
 * Seals what a killed revert left unsealed. A revert changes the folder in one transaction and seals the new state then. The note says
 * what was begun; the folder says whether it was done.
 *
 * @module
 */

import { differingPaths, isSameEntry, ok, type Result, SnapshotView } from "../../../core/internal.ts";
import type { HeldProject } from "../../records/project/held-project.ts";
import { findByRoot } from "../../records/project/run-links.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { FolderLook } from "../guard/scan-folder.ts";
import { type LookOptions, lookBy, NO_INDEX, type RevertPlace } from "./plan-on-disk.ts";
import { type GuardBundles, type ReadSnapshot, readSnapshot } from "./read-snapshot.ts";
import { REVERT_NOTE, type RevertNote, readRevertNote, removeRevertNote } from "./revert-note.ts";
import { type SealOptions, sealReverted } from "./seal-reverted.ts";

/** A guard that is held, with the trust in its signers. What was left in the folder by a killed transaction is recovered. */
export interface FinishPlace extends RevertPlace {
  readonly held: HeldProject;
  readonly bundles: GuardBundles;
}

/**
 * Finishes a killed revert, if there is one, and nothing else was changed since. Gives the id of the bundle that was sealed for it. Fails as `scanFolder` and
 * `sealSnapshot` do, and with READ_FAILED or WRITE_FAILED. Throws an Interruption.
 */
export async function finishRevert(
  place: FinishPlace,
  options: LookOptions & SealOptions,
): Promise<Result<string | undefined, OperationFault>> {
  const { bundles, held } = place;
  const path = `${held.shown}/${REVERT_NOTE}`;
  try {
    const note = readRevertNote(held.folder);
    const left = note === undefined ? undefined : readLeft(note, bundles);
    const sealed = note && left ? await sealLeft(place, note, left, options) : ok(undefined);
    if (sealed.ok) removeRevertNote(held.folder);
    return sealed;
  } catch (thrown) {
    return operationFault("WRITE_FAILED", { path, reason: reasonOf(thrown) });
  }
}

/** The snapshots of a killed revert. */
interface LeftRevert {
  readonly before: ReadSnapshot;
  readonly goal: ReadSnapshot;
}

/** Undefined where the revert was sealed, or where its snapshots are not there or not believed. */
function readLeft({ before, goal, revertId }: RevertNote, bundles: GuardBundles): LeftRevert | undefined {
  if (bundles.runs.has(revertId)) return undefined;
  const [was, wanted] = [before, goal].map((root) => {
    const runId = findByRoot(bundles.own, root);
    const read = runId === undefined ? undefined : readSnapshot(bundles, runId);
    return read?.ok === true ? read.value : undefined;
  });
  return was === undefined || wanted === undefined ? undefined : { before: was, goal: wanted };
}

async function sealLeft(
  place: FinishPlace,
  note: RevertNote,
  left: LeftRevert,
  options: LookOptions & SealOptions,
): Promise<Result<string | undefined, OperationFault>> {
  const look = await lookBy(place, left.goal.ignored, { ...options, onlyIndex: NO_INDEX });
  if (!look.ok) return look;
  if (!wasDone(left, look.value)) return ok(undefined);
  const { before, revertId, runId } = note;
  const snapshot = { runId: revertId, moment: "revert", ofRun: runId, before } as const;
  const sealed = await sealReverted(place.held, place, look.value, snapshot, options);
  return sealed.ok ? ok(revertId) : sealed;
}

/**
 * Whether the transaction was committed, and nothing was changed since: each path that is not as it was is as it was to be. A later
 * change must not pass for one of the revert, which a redo would take away.
 */
function wasDone({ before, goal }: LeftRevert, look: FolderLook): boolean {
  const now = new SnapshotView(look.outputs.table, look.tree.tree);
  let changed = 0;
  for (const { after, path } of differingPaths(before.view, now, nodeCrypto)) {
    if (!isSameEntry(after, goal.view.find(path), nodeCrypto)) return false;
    changed++;
  }
  return changed > 0;
}
