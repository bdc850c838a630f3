/** `runseal undo` and `redo` as options; see program.ts. @module */

import {
  type Command,
  type CommandUnknownOpts,
  Option,
  type OptionValues,
} from "@commander-js/extra-typings";
import { BUDGET, withStore } from "../../options/guard-options.ts";
import { exitCodesHelp, newCommand, undoHelp } from "../../options/help-text.ts";
import { JOBS, PROGRESS, PROJECT, repeatable, withTrust } from "../../options/shared-options.ts";
import { givenFlag, UsageError } from "../../options/usage-error.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";
import type { UndoOptions } from "./undo-run.ts";

const EXIT_CODES = exitCodesHelp([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 70, 130]);

/** What a restore from a bundle needs. The guard of a folder believes the user's trust file and its own key. */
const OF_A_RESTORE = [
  ...["--bundle", "--links", "--only", "--project"],
  ...["--trust", "--signer", "--any-signer", "--require-timestamp"],
];

/** Makes the command `undo`. */
export function undoCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withTrust(
    withUndo(
      newCommand("undo", "take back what a guarded run did to a folder, or what a restore put into one")
        .usage("[options] [run] [path...]")
        .argument(
          "[run-or-path...]",
          "the run (default: the last one that is not undone); then paths, to undo nothing else. What has a slash is a path",
        )
        .option("--to <snapshot>", "make the whole folder, or the paths, what this snapshot says"),
    ),
  )
    .option("--restored <dir>", "take out of this folder what a restore put there, if none of it was changed")
    .addOption(
      repeatable(
        "--bundle <bundle>",
        "what was restored with --no-report: a bundle's folder or a run id; several are a chain",
        "RESTORE_MANIFEST.json",
      ),
    )
    .addOption(PROJECT)
    .addOption(repeatable("--only <path>", "what the restore was asked for by --only (with --bundle)", "all"))
    .addOption(
      new Option(
        "--links <which>",
        "which links were restored, if --links was given then (with --bundle)",
      ).choices(["inside", "any", "none"] as const),
    )
    .addHelpText("after", `${undoHelp()}${EXIT_CODES}`)
    .action(async (operands, options) => {
      const { restored } = options;
      if (restored !== undefined) {
        const { runUndoRestored } = await import("./undo-restored.ts");
        report(await runUndoRestored(restored, operands, options, io));
        return;
      }
      const flag = givenFlag(options, OF_A_RESTORE);
      if (flag !== undefined) throw new UsageError(`${flag} is about a restore; add --restored DIR`);
      const { runUndo } = await import("./undo-run.ts");
      report(await runUndo(operands, options, io));
    });
}

/** Makes the command `redo`. */
export function redoCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withUndo(
    newCommand("redo", "take back the last undo, and then the one before it").argument(
      "[path...]",
      "redo nothing but these",
    ),
  )
    .addHelpText("after", EXIT_CODES)
    .action(async (paths, options) => {
      const { runRedo } = await import("./undo-run.ts");
      report(await runRedo(paths, options, io));
    });
}

/** Adds the options that both have. */
function withUndo<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options & Pick<UndoOptions, keyof UndoOptions>> {
  const own = command
    .option("--guard <dir>", "the guarded folder (default: the one at or above the current folder)")
    .option("--skip-changed", "leave what was changed after the run as it is")
    .option("--take-changed", "undo what was changed after the run, too; a snapshot of it is kept first")
    .option("--even-if-open", "undo files that a process has open for writing")
    .option(...BUDGET)
    .option("--dry-run", "say what would be done, and change nothing in the folder")
    .option("--id <id>", "the name of the undo (default: RUN.revert; of a redo RUN.redo)");
  return withStore(own).addOption(JOBS).addOption(PROGRESS) as Command<
    Args,
    Options & Pick<UndoOptions, keyof UndoOptions>
  >;
}
