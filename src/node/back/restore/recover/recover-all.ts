/**
 * The one recovery (PROTOCOL 13.9): `recover` asks for it, and restores, undos and guarded runs begin with it.
 *
 * @module
 */

import { type RestoreFault, restoreFault, withOutcome } from "../../../../core/internal.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import type { Progress } from "../../../system/runtime/progress.ts";
import { checkDescriptors } from "../../transaction/journal/enough-descriptors.ts";
import type { JournalKeys } from "../../transaction/journal/journal-key.ts";
import { astrayFacts } from "../../transaction/journal/transaction-end.ts";
import {
  isRecovered,
  keepOthersOut,
  type Recovery,
  type RecoveryEnd,
  type RestoreFailure,
  refused,
  systemFault,
} from "../../transaction/restore-failure.ts";
import type { Target } from "../target/target-root.ts";
import {
  hasNewRoots,
  type NewRootsFound,
  openBeside,
  recoverArrivedRoots,
  recoverNewRoots,
} from "./recover-new-root.ts";
import { hasLeftovers, recoverRoot, surveyRoot } from "./recover-restores.ts";

/** How to recover. */
export interface RecoveryOrder {
  /** Report only, change nothing. */
  readonly dryRun: boolean;
  readonly keys: JournalKeys;
  readonly progress: Progress | undefined;
  /** Whether the user asked for it: then of all that killed restores left, also beside an existing root, and by owners that may live. */
  readonly isAsked: boolean;
}

/**
 * Recovers what was left of a target, and lists it in `found`, also on a failure. Without leftovers, nothing is written, and neither
 * the key nor descriptors are needed. Fails with RESTORE_STATE_UNAVAILABLE or RESTORE_TOO_FEW_DESCRIPTORS before anything is
 * recovered; with RESTORE_BUSY, RECOVER_FOREIGN_JOURNAL and RESTORE_PARENT_SHARED; with RESTORE_UNRESOLVED where no good state is
 * reached, and with UNDO_TARGET_CHANGED if nothing but files that were edited since is in the way. If the user asked for it, fails
 * with IN_DOUBT where everything is in place and may not survive a power cut.
 */
export async function recoverAll(
  target: Target,
  order: RecoveryOrder,
  found: NewRootsFound,
  fs: FileSystem,
): Promise<RestoreFailure | undefined> {
  const { dryRun, isAsked } = order;
  const { recovered } = found;
  const fault = await recoverEach(target, order, found, fs);
  const failure = fault === undefined ? judge(recovered, isAsked) : refused(fault);
  if (failure === undefined) return undefined;
  const wrote = !dryRun && recovered.some(({ end }) => end !== "alive" && end !== "foreign");
  return { ...failure, recovered, wrote };
}

async function recoverEach(
  target: Target,
  { dryRun, isAsked, keys, progress }: RecoveryOrder,
  found: NewRootsFound,
  fs: FileSystem,
): Promise<RestoreFault | undefined> {
  try {
    using beside = target.kind === "existing" && isAsked ? openBeside(target.path, fs) : undefined;
    const parent = target.kind === "new" ? target.parent : beside;
    const hasNew = parent !== undefined && hasNewRoots(parent);
    const root = target.kind === "existing" && hasLeftovers(target.root) ? target.root : undefined;
    if (!hasNew && root === undefined) return undefined;
    const key = keys.read();
    if (!key.ok) return key;
    const short = dryRun ? undefined : checkDescriptors("PREFLIGHT");
    if (short !== undefined) return short;
    const way = { key: key.value, progress };
    const search = { ...way, dryRun, nameless: isAsked };
    if (target.kind === "new") await recoverNewRoots({ ...target, ...search }, found, fs);
    const notReached =
      beside && hasNew ? await recoverArrivedRoots(target.path, beside, search, found, fs) : undefined;
    const fault = notReached ?? (root && keepOthersOut(root, fs));
    if (fault !== undefined || root === undefined) return fault;
    return await (dryRun ? surveyRoot : recoverRoot)(root, found.recovered, way, fs);
  } catch (thrown) {
    return systemFault(thrown);
  }
}

/** `undefined` if every recovery ended well. */
function judge(recovered: readonly Recovery[], isAsked: boolean): RestoreFailure | undefined {
  if (isRecovered(recovered)) return undefined;
  const has = (end: RecoveryEnd): boolean => recovered.some((recovery) => recovery.end === end);
  const isOnly = (end: RecoveryEnd): boolean =>
    has(end) && isRecovered(recovered.filter((recovery) => recovery.end !== end));
  const astray = recovered.flatMap((recovery) => recovery.astray);
  if (isOnly("changed")) {
    const changed = astray.map((path) => ({ path, change: "other-bytes" }) as const);
    return refused(restoreFault("PREFLIGHT", "UNDO_TARGET_CHANGED", { reason: "restored", changed }));
  }
  const details = astrayFacts({
    astray,
    edited: recovered.flatMap((recovery) => recovery.edited),
    moved: recovered.flatMap((recovery) => recovery.moved),
    occupied: recovered.flatMap((recovery) => recovery.occupied),
  });
  const code = has("alive")
    ? "RESTORE_BUSY"
    : has("foreign")
      ? "RECOVER_FOREIGN_JOURNAL"
      : "RESTORE_UNRESOLVED";
  const failure = refused(restoreFault("PREFLIGHT", code, details));
  return isAsked && isOnly("in-doubt") ? withOutcome(failure, "IN_DOUBT") : failure;
}
