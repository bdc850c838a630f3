/** `runseal diff` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { diffHelp, exitCodesHelp, newCommand } from "../../options/help-text.ts";
import { JOBS, PROGRESS, PROJECT, withRegistry, withTrust } from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `diff`. `behindTerminator`: the arguments behind `--`. */
export function diffCommand(
  io: Io,
  report: Sink,
  { behindTerminator }: { readonly behindTerminator: readonly string[] },
): CommandUnknownOpts {
  return withTrust(
    withRegistry(
      newCommand("diff", "say what changed: since the newest run, by one run, or between two runs")
        .argument(
          "[run-or-path...]",
          "up to two runs, and paths with a slash or behind --, to see nothing else",
        )
        .addOption(PROJECT)
        .option("--stat", "count the lines that changed, a line for each file or folder")
        .option("-p, --patch", "show the lines that changed, of text files up to 1 MiB"),
    ),
  )
    .addOption(JOBS)
    .addOption(PROGRESS)
    .addHelpText("after", `${diffHelp()}${exitCodesHelp([0, 1, 2, 4, 70, 130])}`)
    .action(async (operands, options) => {
      const { runDiff } = await import("./diff.ts");
      report(await runDiff(operands, behindTerminator.length, options, io));
    });
}
