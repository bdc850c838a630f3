/** Commands about a guard that a user may copy. @module */

import { basename, dirname, isAbsolute, relative, resolve } from "node:path";
import { runName } from "../../core/system/paths/run-name.ts";
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

/**
 * The same where the guarded folder is gone: a shell that stands in it leaves it first, and names it from above. No absolute path is
 * printed that the user did not name (PROTOCOL 14).
 */
export function undoGoneCommand(snapshotId: string, guard: NamedGuard, cwd: string): string {
  const { folder, store } = guard;
  const guarded = resolve(cwd, folder);
  const stands = relative(guarded, cwd);
  if (stands.startsWith("..") || isAbsolute(stands)) return undoToCommand(snapshotId, guard, cwd);
  const above = dirname(guarded);
  const fromAbove =
    store === undefined || isAbsolute(store) ? store : relative(above, resolve(cwd, store)) || ".";
  const command = undoToCommand(snapshotId, { folder: basename(guarded), store: fromAbove }, above);
  return `cd ${relative(cwd, above)} && ${command}`;
}

function idWord(runId: string): string {
  return runName(runId) === runId ? runId : shellWord(runId);
}
