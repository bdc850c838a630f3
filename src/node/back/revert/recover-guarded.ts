/**
 * Finishes what a killed revert left in a guarded folder, before a guarded run begins: the command must not run above it, and its
 * snapshots must not hold it.
 *
 * @module
 */

import type { HeldProject } from "../../records/project/held-project.ts";
import { runsFolderOf } from "../../records/project/project-names.ts";
import { openRuns } from "../../records/project/run-links.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { errnoOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { guardDecider } from "../guard/guard-key.ts";
import type { OpenGuard } from "../guard/open-guard.ts";
import { afterRecovery } from "../restore/recover/recover-first.ts";
import { JournalKeys } from "../transaction/journal/journal-key.ts";
import { finishRevert } from "./finish-revert.ts";
import type { LookOptions } from "./plan-on-disk.ts";
import type { SealOptions } from "./seal-reverted.ts";

/** A guarded folder, whose guard is held. */
export interface GuardedRoot {
  readonly guard: OpenGuard;
  readonly root: AnchoredRoot;
  /** The folder as an absolute path, and as the caller named it. */
  readonly path: string;
  readonly shown: string;
}

/**
 * Recovers the folder, and seals a killed revert that was done. Gives GUARD_UNRECOVERED where the folder can't be recovered, and fails
 * as `finishRevert` does. Throws an Interruption.
 */
export async function recoverGuarded(
  held: HeldProject,
  { guard, path, root, shown }: GuardedRoot,
  options: LookOptions & SealOptions,
): Promise<OperationFault | undefined> {
  const { environment, progress } = options;
  // The look at the folder names what can't be read; a revert was not killed there.
  if (!isListable(root)) return undefined;
  using keys = new JournalKeys(environment, fs);
  const target = { kind: "existing", root, path } as const;
  const recovered = await afterRecovery(
    target,
    { dryRun: false, keys, progress },
    async () => ({ ok: true }),
    fs,
  );
  if ("code" in recovered) return operationFault("GUARD_UNRECOVERED", { path: shown, why: recovered.code });
  using runs = openRuns(held.folder);
  if (runs === undefined) return undefined;
  // What is sealed is what is seen. A redo of it judges the signers of its snapshots.
  const decide = await guardDecider(guard, "any-signer");
  if (!decide.ok) return decide;
  const bundles = { own: held.folder, shown: runsFolderOf(guard.homePath), runs, decide: decide.value };
  const finished = await finishRevert({ guard, root, held, bundles }, options);
  return finished.ok ? undefined : finished;
}

function isListable(root: AnchoredRoot): boolean {
  try {
    root.dir.names();
    return true;
  } catch (thrown) {
    if (errnoOf(thrown) !== "EACCES") throw thrown;
    return false;
  }
}
