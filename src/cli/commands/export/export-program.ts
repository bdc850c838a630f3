/** `runseal export` as options; see program.ts. @module */

import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { exitCodesHelp, exportHelp, newCommand } from "../../options/help-text.ts";
import {
  FILES,
  JOBS,
  PROGRESS,
  PROJECT,
  repeatable,
  withCarried,
  withExpected,
  withSigner,
  withTree,
  withTrust,
} from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `export`. */
export function exportCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withTree(
    withExpected(
      withTrust(
        withSigner(
          withCarried(
            newCommand("export", "write evidence of a run that other tools verify")
              .argument(
                "[run]",
                "the bundle's folder, or a run id of the project; for a verdict also an archive, or a registry's reference (default: the newest run of the project)",
              )
              .addOption(
                repeatable(
                  "--format <format>",
                  "sshsig, minisign, signify, dsse, sigstore, link, all of these; or verdict, or page alone (repeatable, or with commas)",
                  "sums, which opens no key",
                ),
              )
              .option(
                "-o, --out <path>",
                "the folder to make, or the file of a verdict or page; - is stdout, the default of sums alone",
              )
              .addOption(
                new Option(
                  "--predicate <which>",
                  "what dsse and sigstore claim (default: the link of a run)",
                ).choices(["slsa"] as const),
              )
              .addOption(PROJECT)
              .addOption(FILES),
          ),
        ),
      ),
    ),
  )
    .addOption(JOBS)
    .addOption(PROGRESS)
    .addHelpText("after", exportHelp() + exitCodesHelp([0, 1, 2, 3, 4, 70, 130]))
    .action(async (run, options) => {
      const { runExport } = await import("./export.ts");
      report(await runExport(run, options, io));
    });
}
