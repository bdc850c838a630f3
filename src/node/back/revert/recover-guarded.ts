/**
 * Finishes what a killed revert left in a guarded folder, before a guarded run begins: the command must not run above it, and its
 * snapshots must not hold it.
 *
 * @module
 */

import { STAGING_PREFIX } from "../../../core/internal.ts";
import { runsFolderOf } from "../../records/project/project-names.ts";
import { openRuns } from "../../records/project/run-links.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { unlessErrno } from "../../system/runtime/machine-reason.ts";
import { operationFault } from "../../system/runtime/operation-fault.ts";
import { guardDecider } from "../guard/guard-key.ts";
import type { RecoverGuarded } from "../guard/take-snapshot.ts";
import { recoverAll } from "../restore/recover/recover-all.ts";
import { JournalKeys } from "../transaction/journal/journal-key.ts";
import { finishRevert } from "./finish-revert.ts";
import type { LookOptions } from "./plan-on-disk.ts";
import { REVERT_NOTE } from "./revert-note.ts";
import type { SealOptions } from "./seal-reverted.ts";

/**
 * What recovers the folder at `path`, which the caller named as `shown`, and seals a killed revert that was done. It gives
 * GUARD_UNRECOVERED where the folder can't be recovered, and fails as `finishRevert` does. It throws an Interruption.
 */
export function recoverGuarded(
  path: string,
  shown: string,
  options: LookOptions & SealOptions,
): RecoverGuarded {
  return async (held, { guard, root }) => {
    const { environment, progress } = options;
    // The look at the folder names what can't be read; a revert was not killed there.
    const names = unlessErrno(["EACCES"], () => root.dir.names());
    if (names === undefined) return undefined;
    // Mostly nothing was left: the modules that recover are not loaded then.
    if (names.some((name) => name.startsWith(STAGING_PREFIX))) {
      using keys = new JournalKeys(environment, fs);
      const target = { kind: "existing", root, path } as const;
      const order = { dryRun: false, keys, progress, isAsked: false };
      const failure = await recoverAll(target, order, { recovered: [], left: [] }, fs);
      if (failure !== undefined)
        return operationFault("GUARD_UNRECOVERED", { path: shown, why: failure.code });
    }
    using runs = openRuns(held.folder);
    // Its own key, which takes libsodium, is needed for what is left alone.
    if (runs === undefined || !held.folder.has(REVERT_NOTE)) return undefined;
    // What is sealed is what is seen. A redo of it judges the signers of its snapshots.
    const decide = await guardDecider(guard, "any-signer");
    if (!decide.ok) return decide;
    const bundles = { own: held.folder, shown: runsFolderOf(guard.homePath), runs, decide: decide.value };
    const finished = await finishRevert({ guard, root, held, bundles }, options);
    return finished.ok ? undefined : finished;
  };
}
