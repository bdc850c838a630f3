/** `runseal undo` and `redo` as data; see define-command.ts. @module */

import { type MakeCommand, newCommand } from "../../options/define-command.ts";
import { choice, flag, repeatable, type Specs, text } from "../../options/option-kinds.ts";
import {
  BUDGET,
  LINKS,
  PROJECT,
  STORE,
  TRUST,
  TRUST_FLAGS,
  TURN,
  WORK,
} from "../../options/shared-options.ts";
import type { UndoOptions } from "./undo-run.ts";

const EXIT_CODES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 70, 130] as const;

/** The options that both have. */
const UNDO: Specs<Omit<UndoOptions, "json" | "quiet">> = {
  dryRun: flag("--dry-run", "say what would be done, and change nothing in the folder"),
  skipChanged: flag("--skip-changed", "leave what was changed after the run as it is"),
  takeChanged: flag("--take-changed", "undo what was changed after the run, too; a snapshot keeps it"),
  evenIfOpen: flag("--even-if-open", "undo files that a process has open for writing"),
  guard: text("--guard <dir>", "the guarded folder (default: the one at or above the current folder)"),
  id: text("--id <id>", "the name of the undo (default: RUN.revert; of a redo RUN.redo)"),
  budget: BUDGET,
  ...STORE,
  ...WORK,
};

const CHANGED = {
  refused: ["--skip-changed"],
  beside: ["--take-changed"],
  why: "it leaves what that takes; give one",
};

/** The command `undo`. */
export const undoCommand: MakeCommand = newCommand({
  name: "undo",
  summary: "take back what a guarded run did to a folder, or what a restore put into one",
  usage: "[options] [run] [path...]",
  operands: [
    [
      "[run-or-path...]",
      "the run (default: the last one that is not undone); then paths, to undo nothing else. What has a slash is a path. With --restored: the runs that a restore --no-report restored",
    ],
  ],
  options: {
    to: text("--to <snapshot>", "make the whole folder, or the paths, what this snapshot says"),
    ...TURN,
    restored: text("--restored <dir>", "take out of this folder what a restore put there, if unchanged"),
    ...UNDO,
    only: repeatable("--only <path>", "the --only of the restore (with --restored)", "all"),
    links: choice("--links <which>", "the --links of the restore (with --restored)", LINKS),
    ...TRUST,
    project: PROJECT,
  },
  rules: [
    {
      refused: ["--links", "--only", "--project", ...TRUST_FLAGS],
      without: ["--restored"],
      why: "it is about a restore",
    },
    CHANGED,
    { refused: ["--to", "--restored"], beside: ["--turn"], why: "a turn of an agent is taken back" },
    { refused: ["--session"], without: ["--turn"], why: "it says whose turn is meant" },
  ],
  examples: ["runseal undo --dry-run", "runseal undo --restored /srv/files"],
  more: `
Takes back what the run did, and leaves what came later. Without a run, the last one
that is not undone; again, the one before it. What was changed since the run is named,
and nothing is done, unless --skip-changed or --take-changed says what to do with it.
--to makes the whole folder what a snapshot says. --turn takes back the last turn of a
coding agent that is not undone; --turn 3 all that its session did since before turn 3.

All of it is done or nothing, also if runseal is killed or the machine loses power:
runseal recover DIR brings the folder there, and the next undo does so first. A
snapshot is kept before and after, so runseal redo takes the undo back. The times of
files, owners, ACLs and extended attributes are not brought back.

Of a restore, RESTORE_MANIFEST.json in DIR tells what was restored: all of it goes, with
the folders that are left empty, but DIR. If any of it was changed, replaced or removed,
it is named, and nothing goes. Of a history, DIR takes out all runs, DIR/RUN one. After
restore --no-report, name the runs that were restored; their signers must be trusted.
`,
  exitCodes: EXIT_CODES,
  call: async ([operands], options, io) => {
    const { restored } = options;
    return restored === undefined
      ? (await import("./undo-run.ts")).runUndo(operands, options, io)
      : (await import("./undo-restored.ts")).runUndoRestored(restored, operands, options, io);
  },
});

/** The command `redo`. */
export const redoCommand: MakeCommand = newCommand({
  name: "redo",
  summary: "take back the last undo, and then the one before it",
  operands: [["[path...]", "redo nothing but these"]],
  options: UNDO,
  rules: [CHANGED],
  examples: ["runseal redo --dry-run", "runseal redo"],
  exitCodes: EXIT_CODES,
  call: async ([paths], options, io) => (await import("./undo-run.ts")).runRedo(paths, options, io),
});
