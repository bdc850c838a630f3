/**
 * The end of a transaction (PROTOCOL 13.9): the same in its process and in a recovery. Everything is decided by what is on the disk, so
 * the process may be killed at any moment, and the next one ends the transaction.
 *
 * @module
 */

import { itemAt } from "../../../core/internal.ts";
import { removeOwnFile } from "../../system/files/made-entry.ts";
import { attempt, machineReason } from "../../system/runtime/machine-reason.ts";
import type { EndingTransaction } from "./ending-transaction.ts";
import { discard } from "./journal/drop-record.ts";
import { STAGED, stagedName } from "./journal/staging.ts";
import { NONE_ASTRAY, type TransactionEnd } from "./journal/transaction-end.ts";
import { takeBack } from "./take-back.ts";

/** Without a journal nothing was changed; after the commit everything is in place; else everything is taken back. */
export function endChanges(ending: EndingTransaction): TransactionEnd {
  const { isCommitted, journal, staging } = ending;
  try {
    if (isCommitted) return cleanUp(ending);
    const names = ending.names ?? new Set(staging.isMade ? staging.dir.names() : []);
    if (names.has(STAGED.committed)) return cleanUp(ending);
    if (names.has(STAGED.journal)) {
      if (journal === undefined) return { state: "unresolved", ...NONE_ASTRAY };
      const failed = names.has(STAGED.aborted) ? undefined : takeBack(ending, journal, names);
      if (failed !== undefined) return failed;
      // [aborted-dir] Before a name in staging is removed: what was set aside is removed only beside a marker.
      staging.sync();
    }
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return { state: "unresolved", ...NONE_ASTRAY };
  }
  return { state: "nothing", clean: attempt(() => discard(staging)) };
}

/** Removes what a committed transaction needs no more. */
function cleanUp(ending: EndingTransaction): TransactionEnd {
  const { isCommitted, journal, staging } = ending;
  // [commit-dir] Before a name in staging is removed: if the marker were lost after that, nothing could be taken back.
  if (!attempt(() => staging.sync())) return { state: "in-doubt" };
  let isGone = false;
  const isClean = attempt(() => {
    isGone = removePassing(ending);
    if (isGone) discard(staging, isCommitted ? journal : undefined);
  });
  return { state: "everything", clean: isClean && isGone };
}

/** Removes what is in the root only while the restore runs: the manifest of a chain. Gives whether it is gone. */
function removePassing({ fs, journal, root, staging }: EndingTransaction): boolean {
  if (journal === undefined || journal.passing === 0) return true;
  let isGone = true;
  for (let index = 0; index < journal.passing; index++) {
    const staged = staging.dir.stats(stagedName(index));
    if (staged === undefined) continue;
    const isRemoved = removeOwnFile(staged, root.dir, itemAt(journal.put, index));
    // It may have got another name.
    if (!isRemoved || (staging.dir.stats(stagedName(index))?.nlink ?? 0n) > 1n) isGone = false;
  }
  // [cleanup-passing] While the manifest of a chain may come back, the journal that names it must be kept.
  fs.fsyncSync(root.dir.fd);
  return isGone;
}
