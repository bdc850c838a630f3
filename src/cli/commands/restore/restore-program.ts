/** `runseal restore` and `recover` as options; see program.ts. @module */

import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { newCommand, recoverHelp, restoreHelp } from "../../options/help-text.ts";
import {
  EXPECT_CHAIN_ROOT,
  FILES,
  IGNORE_MODES,
  JOBS,
  PROGRESS,
  PROJECT,
  RUN_OR_NEWEST,
  repeatable,
  withCarried,
  withExpected,
  withTrust,
} from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

const ONLY = repeatable(
  "--only <path>",
  "restore only this output, or folder of outputs (may be given several times)",
  "all",
);

/** Makes the command `restore`. */
export function restoreCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withExpected(
    withTrust(
      withCarried(
        newCommand("restore", "put verified files into a folder, all or none, never overwriting")
          .argument("[run...]", `${RUN_OR_NEWEST}; several, oldest first, are a chain`)
          .requiredOption("--to <dir>", "the folder to restore into"),
      )
        .addOption(PROJECT)
        .addOption(FILES)
        .addOption(ONLY)
        .addOption(
          linksOption(
            "which links to restore: those that stay inside, any, or none (default: inside, which refuses others)",
          ),
        )
        .addOption(IGNORE_MODES)
        .option("--failed", "restore what a failed run left, which no verifier accepts")
        .option("--chain", "take one bundle for a chain too: each run comes into a folder of its id")
        .addOption(EXPECT_CHAIN_ROOT)
        .option("--mkdir", "make that folder if it isn't there")
        .option("--no-report", "leave no RESTORE_*.json in the folder; undo then asks for the bundle")
        .option("--dry-run", "say what would be done, and write nothing"),
    ),
  )
    .addOption(JOBS)
    .addOption(PROGRESS)
    .addHelpText("after", restoreHelp())
    .action(async (bundles, options) => {
      const { runRestore } = await import("./restore.ts");
      const { onNamedOrNewest } = await import("../../options/newest-run.ts");
      const [first, ...others] = bundles;
      report(
        await onNamedOrNewest(first, options.project, io, (named) =>
          runRestore([named, ...others], options, io),
        ),
      );
    });
}

/** Makes the command `recover`. */
export function recoverCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand("recover", "clean up a folder after a restore into it was killed")
    .argument("<dir>", "the folder that was restored into, or that a restore was to make")
    .option("--dry-run", "say what there is and what would be done, and change nothing")
    .addOption(PROGRESS)
    .addHelpText("after", recoverHelp())
    .action(async (folder, options) => {
      const { runRecover } = await import("./recover.ts");
      report(await runRecover(folder, options, io));
    });
}

/** Which links a restore takes. Undefined if it is not given. */
function linksOption(
  text: string,
): Option<"--links <which>", undefined, undefined, undefined, false, "inside" | "any" | "none"> {
  return new Option("--links <which>", text).choices(["inside", "any", "none"] as const);
}
