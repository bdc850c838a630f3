/**
 * Removes the record of a transaction that is over: staged files, journal, markers, staging folder.
 *
 * The fsyncs are named as in SECURITY 3; test/faults shows that each is needed.
 *
 * @module
 */

import { machineReason } from "../../../system/runtime/machine-reason.ts";
import { isMovedName, isStagedName, STAGED, type Staging, stagedName } from "./staging.ts";

/** The staged files of this process, by their numbers. */
export interface OwnStaged {
  /** All numbers are below this one. */
  readonly end: number;
  readonly has: (index: number) => boolean;
}

/** Marks that no file of a transaction is left. Throws what the system says. */
export function markAborted(staging: Staging, staged: OwnStaged | undefined): void {
  try {
    staging.mark(STAGED.aborted);
  } catch (thrown) {
    if (machineReason(thrown) !== "no-space") throw thrown;
    // The staged files are not needed any more, and without them there may be space for the marker.
    unlinkStaged(staging, staged, namesOf(staging, staged));
    staging.mark(STAGED.aborted);
  }
}

/**
 * Removes a staging folder that is not needed any more. Only names that a restore gives are removed; with anything else in
 * it the folder stays. Without `staged`, all staged files count as runseal's own; and what was set aside, once a marker
 * shows that the transaction is over.
 */
export function discard(staging: Staging, staged?: OwnStaged): void {
  const names = staging.isMade ? dropRecord(staging, staged) : [];
  for (const marker of [STAGED.committed, STAGED.aborted]) {
    if (names.includes(marker)) staging.unlink(marker);
  }
  if (names.includes(STAGED.owner)) staging.unlinkOwner();
  staging.remove();
}

/** Removes the staged files, and then the journal. Gives the names that were in the folder, without known staged files. */
export function dropRecord(staging: Staging, staged?: OwnStaged): readonly string[] {
  const names = namesOf(staging, staged);
  // [no-journal] A journal whose removal is not durable could come back when only some of the staged names are left.
  if (!names.includes(STAGED.journal)) staging.sync();
  unlinkStaged(staging, staged, names);
  if (names.includes(STAGED.newJournal)) staging.unlink(STAGED.newJournal);
  if (names.includes(STAGED.journal)) {
    staging.unlink(STAGED.journal);
    // [cleanup-journal] A journal that comes back without its marker would be rolled back.
    staging.sync();
  }
  return names;
}

/** The names in a staging folder. With known staged files, a million names need not be listed. */
export function namesOf(staging: Staging, staged: OwnStaged | undefined): readonly string[] {
  return staged === undefined ? staging.dir.names() : staging.ownNames();
}

function unlinkStaged(staging: Staging, staged: OwnStaged | undefined, names: readonly string[]): void {
  if (staged === undefined) {
    // What was set aside is put back, or replaced for good: only then is there a marker, and durable.
    const isOver = names.includes(STAGED.committed) || names.includes(STAGED.aborted);
    for (const name of names) if (isStagedName(name) || (isOver && isMovedName(name))) staging.unlink(name);
    return;
  }
  for (let index = 0; index < staged.end; index++) {
    if (staged.has(index)) staging.unlink(stagedName(index));
  }
}
