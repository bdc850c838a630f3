/** `runseal snapshot` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { withGuard } from "../../options/guard-options.ts";
import { exitCodesHelp, newCommand, snapshotHelp } from "../../options/help-text.ts";
import { JOBS, PROGRESS } from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `snapshot`. */
export function snapshotCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withGuard(
    newCommand("snapshot", "keep everything in a folder, so that it can be brought back")
      .argument("[dir]", "the folder (default: the guarded one at or above this one, else this one)")
      .option("-m, --message <text>", "why the snapshot is taken")
      .option("--id <id>", "the snapshot's name (default: UTC time and 4 random hex)"),
  )
    .addOption(JOBS)
    .addOption(PROGRESS)
    .addHelpText("after", `${snapshotHelp()}${exitCodesHelp([0, 1, 2, 4, 7, 9, 70, 130])}`)
    .action(async (dir, options) => {
      const { runSnapshot } = await import("./snapshot.ts");
      report(await runSnapshot(dir, options, io));
    });
}
