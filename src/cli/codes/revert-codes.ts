/** The codes of undos that are refused before anything is changed. @module */

import { quote, type RevertCode } from "../../core/internal.ts";
import type { RestoreFailure } from "../../node/index.ts";
import { shellWord } from "../text/shell-word.ts";
import type { ErrorRecord } from "./record.ts";

type Facts = RestoreFailure["details"];

/** The records, with the reasons of those that stand for several cases. */
type RevertRecords = Readonly<Record<RevertCode, ErrorRecord<Facts>>> & {
  readonly UNDO_LIST_INVALID: ErrorRecord<Facts, "form" | "missing" | "several">;
  readonly UNDO_TARGET_CHANGED: ErrorRecord<Facts, "restored" | "run">;
};

/** One record for each code. */
export const REVERT_RECORDS: RevertRecords = {
  UNDO_NO_AFTER: {
    message: ({ before, run_id }) =>
      run_id === undefined
        ? "there is nothing here that could be taken back"
        : run_id === before
          ? `${quote(run_id)} is a snapshot, not a run: it changed nothing that could be taken back`
          : `there is no snapshot after ${quote(run_id)}, so it is not known what the run changed`,
    hints: ({ before }) =>
      before === undefined
        ? ["runseal log lists the snapshots; undo --to SNAPSHOT makes the folder what one of them says"]
        : [`see what would change: runseal undo --to ${shellWord(before)} --dry-run`],
    meaning:
      "The run was killed, or is not a guarded one: no snapshot was taken after it. What the run did can't be separated from what came later. Or there is no run to undo, or no undo to redo.",
    remedy:
      "Make the whole folder as it was before: runseal undo --to RUN.before --dry-run shows what that changes.",
  },
  UNDO_LIST_INVALID: {
    meaning: "Nothing that can be relied on lists what one restore put into the folder.",
    remedy: "Name the folder that was given to restore with --to.",
    reasons: {
      missing: {
        message: ({ path }) =>
          path === undefined
            ? "the folder holds no list of what was restored into it"
            : `${quote(path)} is missing, and nothing else lists what was restored`,
        meaning:
          "The folder, or the folder of one of its runs, does not hold both RESTORE_MANIFEST.json and RESTORE_REPORT.json.",
        remedy:
          "Name the folder that was given to restore with --to. After restore --no-report, name the bundle too: --bundle RUN.",
      },
      form: {
        message: ({ path = "" }) => `${quote(path)} is not as a restore writes it`,
        meaning:
          "RESTORE_MANIFEST.json, RESTORE_REPORT.json or RESTORE_TREE.json was edited, or was not written by a restore.",
        remedy: "Put the files back as they were, or remove by hand what you no longer need.",
      },
      several: {
        message: "the folder holds runs of several chains, of more than one restore",
        remedy: "Undo one run at a time: runseal undo --restored DIR/RUN.",
      },
    },
  },
  UNDO_TARGET_CHANGED: {
    meaning: "What would be taken back was changed since.",
    remedy:
      "Save elsewhere what you need of it, and put it back as it was; or remove by hand what you no longer need.",
    hints: [
      "--skip-changed leaves them as they are and undoes the others",
      "--take-changed undoes them too; a snapshot of now is kept first, so redo, or after a redo undo, gives them back",
    ],
    reasons: {
      run: {
        message: "these were changed after the run",
        meaning: "A later run changed them again, or a person did.",
      },
      restored: {
        message: "these are not as they were restored",
        meaning:
          "Restored files were changed, replaced or removed since; an undo removes all that was restored or nothing. Or files were edited after a restore or undo was killed: they stay, and the rest was recovered.",
        remedy:
          "Save elsewhere what you need of them, and put the restored files back; or remove by hand what you no longer need. After a kill, move them elsewhere, and run runseal recover.",
      },
    },
  },
  UNDO_BLOCKED: {
    message: "these can't be undone",
    hints: ["change what is named, or leave it out: runseal undo RUN PATH takes back parts"],
    meaning:
      "Something stands against the undo: what is not guarded is in the way, the entry or its folder belongs to another user, something is mounted there, it can't be read, or its bytes are not in the store.",
    remedy:
      "Remove what is in the way or correct the permissions, or undo the other parts: runseal undo RUN PATH.",
  },
  UNDO_FILES_OPEN: {
    message: "processes write to files that would be replaced or removed",
    hints: [
      "end these processes, or let them close the files",
      "--even-if-open goes on; what such a process writes later is lost",
    ],
    meaning:
      "A process has a file open for writing, or mapped shared and writable, that the undo would move aside. What the process writes after that would be lost.",
    remedy: "End the process, or let it close the file; --even-if-open undoes all the same.",
  },
};
