/**
 * Changes the folder as planned, between two snapshots: one before, durable before anything changes, and one of the new state.
 *
 * @module
 */

import { ok, type Result } from "../../../core/internal.ts";
import type { Signer } from "../../keys/signer.ts";
import type { HeldProject } from "../../records/project/held-project.ts";
import type { FileSystem } from "../../system/files/file-system.ts";
import { Interruption } from "../../system/runtime/interruption.ts";
import { attempt, refusalOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { openGuardSigner } from "../guard/guard-key.ts";
import { beginOrigin } from "../transaction/journal/journal.ts";
import type { JournalKeys } from "../transaction/journal/journal-key.ts";
import { applyRevert } from "./apply-revert.ts";
import type { RevertRange } from "./find-reverted.ts";
import type { GuardedFolder } from "./open-guarded.ts";
import { type DiskPlan, lookBy } from "./plan-on-disk.ts";
import type { GuardBundles } from "./read-snapshot.ts";
import { REVERT_NOTE, removeRevertNote, writeRevertNote } from "./revert-note.ts";
import type { RevertFailure, RevertFolderRequest, RevertSuccess, SealedRevert } from "./revert-request.ts";
import { chooseRevertId, sealReverted } from "./seal-reverted.ts";

/** Everything that a revert holds. */
export interface Reverting {
  readonly request: RevertFolderRequest;
  readonly guarded: GuardedFolder;
  readonly held: HeldProject;
  readonly bundles: GuardBundles;
  readonly keys: JournalKeys;
  readonly fs: FileSystem;
}

/** What is known at the end, but for recoveries and locks. */
export type RevertDone = Omit<RevertSuccess, "finished" | "isOtherFolder" | "protection" | "recovered">;

/** A revert whose state before is sealed. The lists of the snapshots are not held on: of a million files they take hundreds of megabytes. */
export interface BegunRevert extends Disposable {
  readonly range: Pick<RevertRange, "redone" | "runId"> &
    Pick<RevertRange["before"], "bundleRoot" | "ignored">;
  readonly plan: Pick<DiskPlan, "outlook" | "store">;
  readonly sealed: Omit<SealedRevert, "after">;
  /** Signs the state after. */
  readonly signer: Signer;
  /** The stat index of the look at the state before. */
  readonly indexSum: Uint8Array;
}

/** Seals the state before. What it gives closes the store of the plan. Fails as `openGuardSigner` and `sealSnapshot` do, and with WRITE_FAILED. Throws an Interruption. */
export async function sealBefore(
  { bundles, guarded, held, request }: Reverting,
  range: RevertRange,
  plan: DiskPlan,
): Promise<BegunRevert | RevertFailure> {
  const { progress } = request;
  const chosen = chooseRevertId(request.revertId, range.runId, bundles.runs);
  if (!chosen.ok) return chosen;
  const revertId = chosen.value;
  // Once for both snapshots, and before anything changes: a folder that is reverted must not lack a key for its new state.
  progress?.end();
  const signing = await openGuardSigner(guarded.guard, request.signer, request.surroundings);
  if (!signing.ok) return signing;
  const opened = signing.value.signer;
  let isBegun = false;
  try {
    const ofRun = { ofRun: revertId, moment: "before", runId: `${revertId}.before` } as const;
    const before = await sealReverted(held, guarded, plan.look, ofRun, { ...request, opened });
    if (!before.ok) return before;
    const { bundleRoot, runId: beforeId } = before.value;
    const { outlook, store } = plan;
    const { redone, runId } = range;
    const { bundleRoot: goal, ignored } = range.before;
    const note = { revertId, runId, before: bundleRoot, goal };
    const unnoted = noteFault(held, () => writeRevertNote(held.folder, note));
    if (unnoted !== undefined) return unnoted;
    isBegun = true;
    return {
      range: { redone, runId, bundleRoot: goal, ignored },
      plan: { outlook, store },
      sealed: { revertId, beforeId, before: bundleRoot },
      signer: opened,
      indexSum: plan.look.indexSum,
      [Symbol.dispose]: () => {
        opened[Symbol.dispose]();
        store?.close();
      },
    };
  } finally {
    if (!isBegun) opened[Symbol.dispose]();
  }
}

/** Applies the plan, and seals the state after. Fails as `applyRevert` does. Throws an Interruption if everything was taken back. */
export async function applyAndSeal(
  reverting: Reverting,
  begun: BegunRevert,
): Promise<RevertDone | RevertFailure> {
  const { fs, guarded, held, keys, request } = reverting;
  const { plan, sealed, range } = begun;
  const { progress, signal } = request;
  const { path, root } = guarded;
  const origin = beginOrigin({ runIds: [sealed.revertId], bundleRoots: [range.bundleRoot] });
  const what = { plan: plan.outlook.plan, objects: plan.store, origin };
  let applied: Awaited<ReturnType<typeof applyRevert>>;
  try {
    applied = await applyRevert({ ...what, root, path, keys, signal, progress }, fs);
  } catch (thrown) {
    // Everything was taken back.
    if (thrown instanceof Interruption) attempt(() => removeRevertNote(held.folder));
    throw thrown;
  }
  if (!applied.ok) {
    // Where not everything could be taken back, the next command sees what became of it.
    if (!UNDECIDED.has(applied.code)) attempt(() => removeRevertNote(held.folder));
    return applied;
  }
  const after = await sealAfter(reverting, begun);
  const late = after.ok ? undefined : after;
  return doneWith(
    range,
    plan,
    { ...sealed, after: after.ok ? after.value : undefined },
    applied.isClean,
    late,
  );
}

/** Ends after which the folder may be as it was, as planned, or neither. */
const UNDECIDED: ReadonlySet<string> = new Set(["RESTORE_ROLLBACK_FAILED", "IN_DOUBT", "RESTORE_UNRESOLVED"]);

/** The folder is reverted whatever comes of this: a signal does not end it. */
async function sealAfter(
  { guarded, held, request }: Reverting,
  { indexSum, sealed: { before, revertId }, signer: opened, range }: BegunRevert,
): Promise<Result<SealedRevert["before"], OperationFault>> {
  const options = { ...request, opened, signal: undefined, onlyIndex: indexSum };
  const look = await lookBy(guarded, range.ignored, options);
  if (!look.ok) return look;
  const recorded = guarded.guard.recordRoot();
  if (!recorded.ok) return recorded;
  const snapshot = { runId: revertId, moment: "revert", ofRun: range.runId, before } as const;
  const sealed = await sealReverted(held, guarded, look.value, snapshot, options);
  if (!sealed.ok) return sealed;
  // A note that stays does no harm: its revert has a bundle.
  attempt(() => removeRevertNote(held.folder));
  return ok(sealed.value.bundleRoot);
}

/** The end of a revert. */
export function doneWith(
  { redone, runId }: Pick<RevertRange, "redone" | "runId">,
  { outlook: { already, foldersLeft, plan, skipped } }: Pick<DiskPlan, "outlook">,
  sealed: SealedRevert | undefined,
  isClean: boolean,
  late?: OperationFault,
): RevertDone {
  return { ok: true, runId, redone, plan, already, skipped, foldersLeft, sealed, isClean, late };
}

function noteFault({ shown }: HeldProject, act: () => void): OperationFault | undefined {
  const reason = refusalOf(act);
  return reason && operationFault("WRITE_FAILED", { path: `${shown}/${REVERT_NOTE}`, reason });
}
