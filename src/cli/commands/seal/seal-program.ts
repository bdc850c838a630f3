/** `runseal seal` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { exitCodesHelp, newCommand, sealHelp } from "../../options/help-text.ts";
import {
  JOBS,
  PROGRESS,
  UNSIGNED,
  withAuthority,
  withSealing,
  withSigner,
} from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `seal`. */
export function sealCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withAuthority(
    withSealing(
      withSigner(
        newCommand("seal", "hash files and folders and sign the result into a bundle")
          .argument("<path...>", "files and folders in the project")
          .option("--task <file>", "a JSON file that becomes TASK_SPEC.json, byte for byte")
          .option(
            "--out <dir>",
            "put the bundle there, outside the project's line of runs; nothing is kept then",
          )
          .addOption(UNSIGNED),
      ),
    ),
  )
    .addOption(JOBS)
    .addOption(PROGRESS)
    .addHelpText("after", `${sealHelp()}${exitCodesHelp([0, 1, 2, 4, 9, 70, 130])}`)
    .action(async (paths, options) => {
      const { runSeal } = await import("./seal.ts");
      report(await runSeal(paths, options, io));
    });
}
