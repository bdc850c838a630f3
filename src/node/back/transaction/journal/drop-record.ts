/**
 * Removes the record of a transaction that is over: staged files, journal, markers, staging folder.
 *
 * The fsyncs are named as in SECURITY 3; test/faults shows that each is needed.
 *
 * @module
 */

import { machineReason } from "../../../system/runtime/machine-reason.ts";
import type { Journal } from "./journal.ts";
import {
  heldName,
  isMovedName,
  isStagedName,
  movedName,
  STAGED,
  type Staging,
  stagedName,
} from "./staging.ts";

/** Marks that no file of a transaction is left. Throws what the system says. */
export function markAborted(staging: Staging): void {
  try {
    staging.mark(STAGED.aborted);
  } catch (thrown) {
    if (machineReason(thrown) !== "no-space") throw thrown;
    // The staged files are not needed any more, and without them there may be space for the marker.
    unlinkStaged(staging, staging.dir.names());
    staging.mark(STAGED.aborted);
  }
}

/**
 * Removes a staging folder that is not needed any more. Only names that a transaction gives are removed; with anything else in
 * it the folder stays. What was set aside is removed once a marker shows that the transaction is over. The process that committed it
 * gives the journal, which names all that is there: a million names need not be listed. `then` removes what goes after the record.
 */
export function discard(
  staging: Staging,
  committed?: Journal,
  then?: (names: readonly string[]) => void,
): void {
  const names = staging.isMade ? dropRecord(staging, committed) : [];
  then?.(names);
  for (const marker of [STAGED.committed, STAGED.aborted]) {
    if (names.includes(marker)) staging.unlink(marker);
  }
  if (names.includes(STAGED.owner)) staging.unlinkOwner();
  staging.remove();
}

/** Removes the staged files, and then the journal. Gives the names that were in the folder, but for those of files. */
function dropRecord(staging: Staging, committed?: Journal): readonly string[] {
  const names = committed === undefined ? staging.dir.names() : OF_COMMITTED;
  // [no-journal] A journal whose removal is not durable could come back when only some of the staged names are left.
  if (!names.includes(STAGED.journal)) staging.sync();
  if (committed === undefined) unlinkStaged(staging, names);
  else for (const name of namesOf(committed)) staging.unlink(name);
  if (names.includes(STAGED.newJournal)) staging.unlink(STAGED.newJournal);
  const hasJournal = names.includes(STAGED.journal);
  if (hasJournal) staging.unlink(STAGED.journal);
  // [cleanup-journal] A journal that comes back without its marker would be rolled back; what was set aside would be kept for good.
  if (hasJournal || names.some(isMovedName)) staging.sync();
  return names;
}

/** What is in the staging folder of a committed transaction beside files. */
const OF_COMMITTED: readonly string[] = [STAGED.journal, STAGED.committed, STAGED.owner];

/** The names of all staged and held files of a transaction, and of what it set aside. */
function* namesOf({ aside, mode, put }: Journal): Generator<string> {
  for (let index = 0; index < put.length; index++) yield stagedName(index);
  for (let index = 0; index < aside.length; index++) yield* [heldName(index), movedName(index)];
  for (const [index, { kind }] of mode.entries()) if (kind === "file") yield heldName(aside.length + index);
}

function unlinkStaged(staging: Staging, names: readonly string[]): void {
  // What was set aside is put back, or replaced for good: only then is there a marker, and durable.
  const isOver = names.includes(STAGED.committed) || names.includes(STAGED.aborted);
  for (const name of names) {
    const isOurs = isStagedName(name) ? !staging.taken.has(name) : isOver && isMovedName(name);
    if (isOurs) staging.unlink(name);
  }
}
