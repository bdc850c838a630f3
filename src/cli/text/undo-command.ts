/** Commands about a guard that a user may copy. @module */

import { resolve } from "node:path";
import { runName } from "./run-name.ts";
import { shellWord } from "./shell-word.ts";

/** Which guard a command was about: the folder as the caller named it, and the options that say where its snapshots are. */
export interface NamedGuard {
  readonly folder: string;
  readonly store?: string | undefined;
}

/**
 * The options that name the same guard again, each after a blank: ` --guard 'site' --store '../kept'`. The folder is not named if it is
 * the current one.
 */
export function guardWords({ folder, store }: NamedGuard, cwd: string): string {
  const isHere = resolve(cwd, folder) === resolve(cwd);
  return (
    (isHere ? "" : ` --guard ${shellWord(folder)}`) +
    (store === undefined ? "" : ` --store ${shellWord(store)}`)
  );
}

/** `runseal undo fix-3`, with the options that name the guard. */
export function undoCommand(runId: string, guard: NamedGuard, cwd: string): string {
  return `runseal undo ${idWord(runId)}${guardWords(guard, cwd)}`;
}

/** `runseal undo --to fix-3.before`, in the same way. */
export function undoToCommand(snapshotId: string, guard: NamedGuard, cwd: string): string {
  return `runseal undo --to ${idWord(snapshotId)}${guardWords(guard, cwd)}`;
}

function idWord(runId: string): string {
  return runName(runId) === runId ? runId : shellWord(runId);
}
