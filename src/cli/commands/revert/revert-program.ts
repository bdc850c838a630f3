/** `runseal revert` and `redo` as options; see program.ts. @module */

import {
  type Command,
  type CommandUnknownOpts,
  Option,
  type OptionValues,
} from "@commander-js/extra-typings";
import { BUDGET, withStore } from "../../options/guard-options.ts";
import { exitCodesHelp, newCommand, revertHelp } from "../../options/help-text.ts";
import { JOBS, PROGRESS, repeatable, withSigner, withTrust } from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";
import type { RevertOptions } from "./revert.ts";

const EXIT_CODES = exitCodesHelp([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 70, 130]);

/** Makes the command `revert`. */
export function revertCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withRevert(
    newCommand("revert", "take back what a run did to a guarded folder, or everything since a snapshot")
      .argument("[run]", "the run, or the revert")
      .option("--to <snapshot>", "make the whole folder what this snapshot says"),
  )
    .addHelpText("after", `${revertHelp()}${EXIT_CODES}`)
    .action(async (run, options) => {
      const { runRevert } = await import("./revert.ts");
      report(await runRevert(run, options, io));
    });
}

/** Makes the command `redo`. */
export function redoCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withRevert(newCommand("redo", "take back the last revert"))
    .addHelpText("after", EXIT_CODES)
    .action(async (options) => {
      const { runRedo } = await import("./revert.ts");
      report(await runRedo(options, io));
    });
}

/** Adds the options that both have. */
function withRevert<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options & Pick<RevertOptions, keyof RevertOptions>> {
  const own = command
    .option("--guard <dir>", "the guarded folder (default: the one at or above the current folder)")
    .addOption(
      repeatable(
        "--only <path>",
        "revert only what is at or below this path (may be given several times)",
        "all",
      ),
    )
    .option("--skip-changed", "leave what was changed after the run as it is")
    .option("--take-changed", "revert what was changed after the run, too; a snapshot of it is kept first")
    .option("--even-if-open", "revert files that a process has open for writing")
    .option(...BUDGET)
    .option("--dry-run", "say what would be done, and change nothing in the folder")
    .option("--id <id>", "the name of the revert (default: RUN.revert; of a redo RUN.redo)")
    .addOption(
      new Option(
        "--durability <how-far>",
        "none doesn't wait for the disk, and gives up what a power cut could then take (default: full)",
      ).choices(["full", "none"] as const),
    );
  return withSigner(withTrust(withStore(own)))
    .addOption(JOBS)
    .addOption(PROGRESS) as Command<Args, Options & Pick<RevertOptions, keyof RevertOptions>>;
}
