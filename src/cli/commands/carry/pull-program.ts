/** `runseal pull` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { exitCodesHelp, newCommand, pullHelp } from "../../options/help-text.ts";
import {
  HERE,
  PROGRESS,
  PROJECT,
  withCarried,
  withExpected,
  withTrust,
} from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `pull`. */
export function pullCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withExpected(
    withTrust(
      withCarried(
        newCommand("pull", "fetch a run into a project, or its files into a new folder, and verify it")
          .argument(
            "<source>",
            "HOST/REPO:TAG, HOST/REPO@sha256:DIGEST or oci-layout:DIR:TAG; with --to also an archive's file, or - for stdin",
          )
          .option("--to <dir>", "put the files into this new folder, and keep nothing in the project")
          .addOption(PROJECT)
          .addOption(HERE),
      ),
    ),
  )
    .addOption(PROGRESS)
    .addHelpText("after", pullHelp() + exitCodesHelp([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 70, 130]))
    .action(async (source, options) => {
      const { runPull } = await import("./pull.ts");
      report(await runPull(source, options, io));
    });
}
