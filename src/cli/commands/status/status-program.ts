/** `runseal status` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { exitCodesHelp, newCommand, statusHelp } from "../../options/help-text.ts";
import { JOBS, PROGRESS, PROJECT, withTrust } from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `status`. */
export function statusCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withTrust(
    newCommand("status", "say whether a project is as its last run sealed it, and what changed")
      .addOption(PROJECT)
      .option("-s, --short", "print a line for each change, and nothing else")
      .option(
        "--accept-history",
        "remember this history where this machine remembers another one, if you say yes",
      )
      .option("--yes", "with --accept-history: don't ask"),
  )
    .addOption(JOBS)
    .addOption(PROGRESS)
    .addHelpText("after", `${statusHelp()}${exitCodesHelp([0, 2, 3, 4, 70, 130])}`)
    .action(async (options) => {
      const { runStatus } = await import("./status.ts");
      report(await runStatus(options, io));
    });
}
