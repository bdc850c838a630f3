/** Commands about a guard that a user may copy. @module */

import { absolutePath, type Here } from "./absolute-path.ts";
import { runName } from "./run-name.ts";
import { shellWord } from "./shell-word.ts";

/** Which guard a command was about: the folder as the caller named it, and the options that say where its snapshots are. */
export interface NamedGuard {
  readonly folder: string;
  readonly store?: string | undefined;
  readonly inProject?: true | undefined;
}

/**
 * The options that name the same guard again, each after a blank: ` --guard '/srv/site' --store '/srv/kept'`. Paths are absolute: the
 * command may have removed the folder that a shell is in.
 */
function guardWords({ folder, inProject, store }: NamedGuard, here: Here): string {
  return (
    ` --guard ${shellWord(absolutePath(folder, here))}` +
    (store === undefined ? "" : ` --store ${shellWord(absolutePath(store, here))}`) +
    (inProject === true ? " --in-project" : "")
  );
}

/** `runseal revert fix-3`, with the options that name the guard. */
export function revertCommand(runId: string, guard: NamedGuard, here: Here): string {
  return `runseal revert ${idWord(runId)}${guardWords(guard, here)}`;
}

/** `runseal revert --to fix-3.before`, in the same way. */
export function revertToCommand(snapshotId: string, guard: NamedGuard, here: Here): string {
  return `runseal revert --to ${idWord(snapshotId)}${guardWords(guard, here)}`;
}

function idWord(runId: string): string {
  return runName(runId) === runId ? runId : shellWord(runId);
}
