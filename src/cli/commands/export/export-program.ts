/** `runseal export` as options; see program.ts. @module */

import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { exitCodesHelp, exportHelp, newCommand } from "../../options/help-text.ts";
import {
  JOBS,
  PROGRESS,
  ROOT,
  repeatable,
  STORED,
  withExpected,
  withSigner,
  withTrust,
} from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `export`. */
export function exportCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withExpected(
    withTrust(
      withSigner(
        newCommand("export", "write evidence of a run that other tools verify")
          .argument("[run]", "the bundle's folder, or a run id of the project (default: its newest run)")
          .addOption(
            repeatable(
              "--format <format>",
              "sums, sshsig, minisign, signify, dsse, sigstore, link or all (repeatable, or with commas)",
              "none",
            ),
          )
          .option("-o, --out <dir>", "the folder to make (default: RUN.evidence)")
          .addOption(
            new Option(
              "--predicate <which>",
              "what dsse and sigstore claim (default: the link of a run)",
            ).choices(["slsa"] as const),
          )
          .addOption(ROOT),
      ),
    ),
  )
    .addOption(STORED)
    .addOption(JOBS)
    .addOption(PROGRESS)
    .addHelpText("after", exportHelp() + exitCodesHelp([0, 1, 2, 3, 4, 70, 130]))
    .action(async (run, options) => {
      const { runExport } = await import("./export.ts");
      const { onNamedOrNewest } = await import("../../options/newest-run.ts");
      report(await onNamedOrNewest(run, options.root, io, (named) => runExport(named, options, io)));
    });
}
