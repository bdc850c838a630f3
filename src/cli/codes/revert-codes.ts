/** The codes of undos that are refused before anything is changed. @module */

import { quote, type RevertCode } from "../../core/internal.ts";
import type { RestoreFailure } from "../../node/back/transaction/restore-failure.ts";
import { shellWord } from "../text/shell-word.ts";
import type { ErrorRecord } from "./code-record.ts";

type Facts = RestoreFailure["details"];

/** One record for each code. */
export const REVERT_RECORDS: Readonly<
  Record<RevertCode | "UNDO_LIST_INVALID" | "UNDO_TARGET_CHANGED", ErrorRecord<Facts>>
> = {
  UNDO_NO_AFTER: {
    message: ({ before, reason, run_id }) =>
      run_id === undefined
        ? "there is nothing here that could be taken back"
        : reason !== undefined
          ? `no snapshot was taken before ${quote(run_id)}: ${reason}`
          : run_id === before
            ? `${quote(run_id)} is a snapshot, not a run: it changed nothing that could be taken back`
            : `there is no snapshot after ${quote(run_id)}, so it is not known what the run changed`,
    hints: ({ before }) =>
      before === undefined
        ? ["runseal log lists the snapshots; undo --to SNAPSHOT makes the folder what one of them says"]
        : [`see what would change: runseal undo --to ${shellWord(before)} --dry-run`],
    meaning:
      "No snapshot was taken after the run: it was killed, or is not guarded. Or there is no run or turn to undo, no undo to redo, or no snapshot before the turn.",
    remedy:
      "Make the whole folder as it was before: runseal undo --to RUN.before --dry-run shows what that changes.",
  },
  UNDO_LIST_INVALID: {
    meaning: "Nothing that can be relied on lists what one restore put into the folder.",
    remedy: "Name the folder that was given to restore with --to.",
    reasons: {
      missing: {
        message: ({ path, shown }) =>
          path === undefined
            ? "the folder holds no list of what was restored into it"
            : `${shown} is missing, and nothing else lists what was restored`,
        meaning: "The folder or that of a run does not hold RESTORE_MANIFEST.json and RESTORE_REPORT.json.",
        remedy:
          "Name the folder that was given to restore with --to. After restore --no-report, name the run too: runseal undo --restored DIR RUN.",
      },
      form: {
        message: ({ shown }) => `${shown} is not as a restore writes it`,
        remedy: "Put the files back as they were, or remove by hand what you no longer need.",
      },
      several: {
        message: "the folder holds runs of more than one restore",
        remedy: "Undo one run at a time: runseal undo --restored DIR/RUN.",
      },
    },
  },
  UNDO_TARGET_CHANGED: {
    meaning: "What would be taken back was changed since.",
    remedy:
      "Save elsewhere what you need of it, and put it back as it was; or remove by hand what you no longer need.",
    hints: () => [
      "--skip-changed leaves them as they are and undoes the others",
      "--take-changed undoes them too; a snapshot of now is kept first, so redo, or after a redo undo, gives them back",
    ],
    reasons: {
      run: "these were changed after the run",
      restored: {
        message: "these are not as they were restored",
        meaning:
          "An undo removes all that was restored or nothing. Files that were edited after a kill stay; the rest was recovered.",
        remedy:
          "Save elsewhere what you need of them, and put the restored files back; or remove by hand what you no longer need. After a kill, move them elsewhere, and run runseal recover.",
      },
    },
  },
  UNDO_BLOCKED: {
    message: "these can't be undone",
    meaning: "Something is in the way of the undo, belongs to another user, or is not in the store.",
    remedy: "Change what is named, or leave it out: runseal undo RUN PATH takes back parts.",
  },
  UNDO_FILES_OPEN: {
    message: "processes write to files that would be replaced or removed",
    remedy:
      "End these processes, or let them close the files. --even-if-open goes on; what such a process writes later is lost.",
  },
};
