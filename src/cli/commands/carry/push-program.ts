/** `runseal push` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { exitCodesHelp, newCommand, pushHelp } from "../../options/help-text.ts";
import {
  FILES,
  JOBS,
  PROGRESS,
  PROJECT,
  repeatable,
  withRegistry,
  withSigner,
  withTrust,
} from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `push`. */
export function pushCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withTrust(
    withSigner(
      withRegistry(
        newCommand("push", "send runs with the bytes of their outputs, to an archive or a registry")
          .argument(
            "<run-or-target...>",
            "bundles' folders or run ids of the project, and last where to: FILE.runseal, HOST/REPO[:TAG] or oci-layout:DIR[:TAG]; - is an archive on stdout",
          )
          .option("--all", "send the whole history, oldest run first, and name no run")
          .addOption(
            repeatable(
              "--tag <tag>",
              "a tag for the run (may be given several times)",
              "r- and its bundle root",
            ),
          )
          .option("--attest <format>", "attest the run with your key, as cosign reads it: sigstore")
          .addOption(PROJECT)
          .addOption(FILES),
      ),
    ),
  )
    .addOption(JOBS)
    .addOption(PROGRESS)
    .addHelpText("after", pushHelp() + exitCodesHelp([0, 1, 2, 3, 4, 70, 130]))
    .action(async (texts, options) => {
      const { runPush } = await import("./push.ts");
      report(await runPush(texts, options, io));
    });
}
