/** `runseal pack` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { exitCodesHelp, newCommand, packHelp } from "../../options/help-text.ts";
import { JOBS, PROGRESS, ROOT } from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `pack`. */
export function packCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand("pack", "write runs and the bytes of their outputs into one archive")
    .argument("<run...>", "bundles' folders, or run ids of the project")
    .requiredOption("-o, --out <file>", "the archive to make; - writes it to stdout")
    .addOption(ROOT)
    .addOption(JOBS)
    .addOption(PROGRESS)
    .addHelpText("after", packHelp() + exitCodesHelp([0, 1, 2, 4, 70, 130]))
    .action(async (runs, options) => {
      const { runPack } = await import("./pack.ts");
      report(await runPack(runs, options, io));
    });
}
