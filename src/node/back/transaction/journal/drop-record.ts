/**
 * Removes the record of a transaction that is over: staged files, journal, markers, staging folder.
 *
 * The fsyncs are named as in SECURITY 3; test/faults shows that each is needed.
 *
 * @module
 */

import { machineReason } from "../../../system/runtime/machine-reason.ts";
import { isMovedName, isStagedName, STAGED, type Staging } from "./staging.ts";

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
 * it the folder stays. What was set aside is removed once a marker shows that the transaction is over.
 */
export function discard(staging: Staging): void {
  const names = staging.isMade ? dropRecord(staging) : [];
  for (const marker of [STAGED.committed, STAGED.aborted]) {
    if (names.includes(marker)) staging.unlink(marker);
  }
  if (names.includes(STAGED.owner)) staging.unlinkOwner();
  staging.remove();
}

/** Removes the staged files, and then the journal. Gives the names that were in the folder. */
export function dropRecord(staging: Staging): readonly string[] {
  const names = staging.dir.names();
  // [no-journal] A journal whose removal is not durable could come back when only some of the staged names are left.
  if (!names.includes(STAGED.journal)) staging.sync();
  unlinkStaged(staging, names);
  if (names.includes(STAGED.newJournal)) staging.unlink(STAGED.newJournal);
  if (names.includes(STAGED.journal)) {
    staging.unlink(STAGED.journal);
    // [cleanup-journal] A journal that comes back without its marker would be rolled back.
    staging.sync();
  }
  return names;
}

function unlinkStaged(staging: Staging, names: readonly string[]): void {
  // What was set aside is put back, or replaced for good: only then is there a marker, and durable.
  const isOver = names.includes(STAGED.committed) || names.includes(STAGED.aborted);
  for (const name of names) {
    const isOurs = isStagedName(name) ? !staging.taken.has(name) : isOver && isMovedName(name);
    if (isOurs) staging.unlink(name);
  }
}
