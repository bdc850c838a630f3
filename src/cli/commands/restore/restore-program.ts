/** `runseal restore` and `recover` as data; see define-command.ts. @module */

import { type MakeCommand, newCommand } from "../../options/define-command.ts";
import { choice, flag, negation, repeatable, required } from "../../options/option-kinds.ts";
import {
  CARRIED,
  EXPECTED_HISTORY,
  FILES,
  IGNORE_MODES,
  LINKS,
  PROGRESS,
  PROJECT,
  RUN_OR_NEWEST,
  TRUST,
  WORK,
} from "../../options/shared-options.ts";

/** The command `restore`. */
export const restoreCommand: MakeCommand = newCommand({
  name: "restore",
  summary: "put verified files into a folder, all or none, never overwriting",
  operands: [["[run...]", `${RUN_OR_NEWEST}; several, oldest first, are a history`]],
  options: {
    to: required("--to <dir>", "the folder to restore into"),
    mkdir: flag("--mkdir", "make that folder if it isn't there"),
    only: repeatable("--only <path>", "restore only this output, or folder of outputs", "all"),
    dryRun: flag("--dry-run", "say what would be done, and write nothing"),
    files: FILES,
    ...TRUST,
    ...EXPECTED_HISTORY,
    history: flag("--history", "put each run into a folder of its id, also where there is one"),
    links: choice("--links <which>", "which links to restore (default: inside, which refuses others)", LINKS),
    ignoreModes: IGNORE_MODES,
    failed: flag("--failed", "restore what a failed run left, which no verifier accepts"),
    report: negation("--no-report", "leave no RESTORE_*.json in the folder; undo then asks for the run"),
    ...CARRIED,
    ...WORK,
    project: PROJECT,
  },
  rules: [{ refused: ["--failed", "--expect-id"], beside: ["--history"], why: "it is about one run" }],
  examples: [
    "runseal restore .runseal/runs/build-42 --to /srv/restored --mkdir",
    "runseal restore .runseal/runs/monday .runseal/runs/tuesday --to week --mkdir --only tuesday/out",
  ],
  more: `
Of a history each run comes into a folder of its id, and what --only names begins
with that id. The runs are verified in whole, whatever is restored of them.

A restore that is killed, or loses power, has one of two ends, everything or
nothing: runseal recover DIR brings it there, and the next restore into DIR does
so first. runseal undo --restored DIR takes out again what was restored.

On Linux no process that swaps folders and links meanwhile can lead a restore out of
DIR. Elsewhere a restore makes a new folder (--mkdir) or refuses, with exit code 5, and
permissions have to keep other users out. docs/threat-model.md says more.
`,
  call: async ([[first, ...others]], options, io) => {
    const { runRestore } = await import("./restore.ts");
    const { onNamedOrNewest } = await import("../../options/default-run.ts");
    return await onNamedOrNewest(first, options.project, io, (named) =>
      runRestore([named, ...others], options, io),
    );
  },
});

/** The command `recover`. */
export const recoverCommand: MakeCommand = newCommand({
  name: "recover",
  summary: "clean up a folder after a restore into it was killed",
  operands: [["<dir>", "the folder that was restored into, or that a restore was to make"]],
  options: {
    dryRun: flag("--dry-run", "say what there is and what would be done, and change nothing"),
    ...PROGRESS,
  },
  examples: ["runseal recover /srv/restored --dry-run", "runseal recover /srv/restored"],
  more: `
A restore that was killed before all was in place is undone, one that was killed
later is kept: DIR then holds everything, or nothing of it. So it is with an undo.
Files that are not the restore's stay as they are.

A journal counts only with the MAC of a key in this user's state folder: an
archive can bring a journal that names your files. Where the disk was moved, or
the state folder was lost, nothing is touched: look at the folder .spectrum06_*
in DIR, and remove it by hand.
`,
  exitCodes: [0, 2, 4, 5, 7, 8, 9, 70, 130],
  call: async ([folder], options, io) => (await import("./recover.ts")).runRecover(folder, options, io),
});
