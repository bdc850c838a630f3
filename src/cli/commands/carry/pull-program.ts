/** `runseal pull` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { exitCodesHelp, newCommand, pullHelp } from "../../options/help-text.ts";
import { PROGRESS, withExpected, withRegistry, withTrust } from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `pull`. */
export function pullCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withExpected(
    withTrust(
      withRegistry(
        newCommand("pull", "fetch a run from a registry into a project, and verify it")
          .argument("<reference>", "HOST/REPO:TAG, HOST/REPO@sha256:DIGEST or oci-layout:DIR:TAG")
          .option("--into <dir>", "the project's folder, which is made if it is missing", "."),
      ),
    ),
  )
    .addOption(PROGRESS)
    .addHelpText("after", pullHelp() + exitCodesHelp([0, 1, 2, 3, 4, 9, 70, 130]))
    .action(async (reference, options) => {
      const { runPull } = await import("./pull.ts");
      report(await runPull(reference, options, io));
    });
}
