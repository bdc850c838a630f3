/** `runseal prune` as data; see define-command.ts. @module */

import { type MakeCommand, newCommand } from "../../options/define-command.ts";
import { count, flag, text } from "../../options/option-kinds.ts";
import { PROGRESS, PROJECT, SIGNER, STORE } from "../../options/shared-options.ts";

/** The command `prune`. */
export const pruneCommand: MakeCommand = newCommand({
  name: "prune",
  summary: "free what the store of a project or of a guarded folder does not need",
  options: {
    dryRun: flag("--dry-run", "say what would be removed, and remove nothing"),
    keepLast: count("--keep-last <count>", "keep so many of the newest runs (default: 50, and 30 days)", 0),
    keepDays: count("--keep-days <days>", "keep the runs of so many days"),
    bundles: flag("--bundles", "of a project, drop old runs, and not their bytes alone"),
    yes: flag("--yes", "drop runs without asking"),
    guard: text("--guard <dir>", "drop old snapshots of the guarded folder at or above this one"),
    allGuards: flag("--all-guards", "drop old snapshots of all your guards, also of missing folders"),
    ...STORE,
    ...SIGNER,
    ...PROGRESS,
    project: PROJECT,
  },
  rules: [
    {
      refused: ["--project", "--bundles"],
      beside: ["--guard", "--store", "--all-guards"],
      why: "that names a guard's snapshots",
    },
    { refused: ["--guard", "--store"], beside: ["--all-guards"] },
  ],
  examples: [
    "runseal prune --keep-last 20 --dry-run",
    "runseal prune --guard ~/work/site --keep-last 20 --keep-days 14",
    "runseal prune --all-guards --keep-last 1",
  ],
  more: `
Of a project it removes the bytes that no bundle names: no run loses any. With
--keep-last or --keep-days it drops the bytes of all other runs: their bundles stay, so
that the history stays whole, and a signed DROPPED.json lists them. --bundles drops the
runs, and signs where the history begins now, as it does of a guard. A guard is meant if
--guard or --store says so, or if this folder is guarded and no project is as near. A run
is kept if --keep-last or --keep-days keeps it, and so is all that it needs. Without them
prune asks before runs go. --all-guards knows the guards that store size lists. With
--keep-last 0 alone the guard of a missing folder goes as a whole, once you agree; of a
folder that is there, the last run stays, and what undoes it.
`,
  exitCodes: [0, 1, 2, 3, 4, 9, 70, 130],
  call: async (_none, options, io) => (await import("./prune.ts")).runPrune(options, io),
});
