/** The codes of reverts that are refused before anything is changed. @module */

import { quote, type RevertCode } from "../../core/internal.ts";
import type { RestoreFailure } from "../../node/index.ts";
import { shellWord } from "../text/shell-word.ts";
import type { ErrorRecord } from "./record.ts";

/** One record for each code. */
export const REVERT_RECORDS: Readonly<Record<RevertCode, ErrorRecord<RestoreFailure["details"]>>> = {
  REVERT_NO_AFTER: {
    message: ({ before, run_id }) =>
      run_id === undefined
        ? "there is no revert to take back"
        : run_id === before
          ? `${quote(run_id)} is a snapshot, not a run: it changed nothing that could be taken back`
          : `there is no snapshot after ${quote(run_id)}, so it is not known what the run changed`,
    hints: ({ before }) =>
      before === undefined
        ? [
            "runseal snapshots lists the snapshots; revert --to SNAPSHOT makes the folder what one of them says",
          ]
        : [`see what would change: runseal revert --to ${shellWord(before)} --dry-run`],
    meaning:
      "The run was killed, or is not a guarded one: no snapshot was taken after it. What the run did can't be separated from what came later. Or there is no revert that redo could take back.",
    remedy:
      "Make the whole folder as it was before: runseal revert --to RUN.before --dry-run shows what that changes.",
  },
  REVERT_TARGET_CHANGED: {
    message: "these were changed after the run",
    hints: [
      "--skip-changed leaves them as they are and reverts the others",
      "--take-changed reverts them too; a snapshot of now is kept first, so redo gives them back",
    ],
    meaning: "Paths that the run changed were changed again since, by a later run or by hand.",
    remedy:
      "Leave them with --skip-changed, or revert them too with --take-changed: a snapshot of now is kept first. Or revert the later run first.",
  },
  REVERT_BLOCKED: {
    message: "these can't be reverted",
    hints: ["change what is named, or leave it out: --only PATH reverts parts"],
    meaning:
      "Something stands against the revert: what is not guarded is in the way, the entry or its folder belongs to another user, something is mounted there, it can't be read, or its bytes are not in the store.",
    remedy:
      "Remove what is in the way or correct the permissions, or revert the other parts with --only PATH.",
  },
  REVERT_FILES_OPEN: {
    message: "processes write to files that would be replaced or removed",
    hints: [
      "end these processes, or let them close the files",
      "--even-if-open goes on; what such a process writes later is lost",
    ],
    meaning:
      "A process has a file open for writing, or mapped shared and writable, that the revert would move aside. What the process writes after that would be lost.",
    remedy: "End the process, or let it close the file; --even-if-open reverts all the same.",
  },
};
