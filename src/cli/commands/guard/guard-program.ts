/** `runseal snapshot` and `snapshots` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { withGuard, withStore } from "../../options/guard-options.ts";
import { exitCodesHelp, newCommand, snapshotHelp } from "../../options/help-text.ts";
import { JOBS, PROGRESS, withSigner } from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `snapshot`. */
export function snapshotCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withGuard(
    withSigner(
      newCommand("snapshot", "keep everything in a folder, so that it can be brought back")
        .argument("[dir]", "the folder (default: the guarded one at or above this one, else this one)")
        .option("-m, --message <text>", "why the snapshot is taken")
        .option("--id <id>", "the snapshot's name (default: UTC time and 4 random hex)"),
    ),
  )
    .addOption(JOBS)
    .addOption(PROGRESS)
    .addHelpText("after", `${snapshotHelp()}${exitCodesHelp([0, 1, 2, 4, 7, 9, 70, 130])}`)
    .action(async (dir, options) => {
      const { runSnapshot } = await import("./snapshot.ts");
      report(await runSnapshot(dir, options, io));
    });
}

/** Makes the command `snapshots`. */
export function snapshotsCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withStore(
    newCommand("snapshots", "list the snapshots, guarded runs and undos of a folder, newest first")
      .argument("[dir]", "the guarded folder, or one in it", ".")
      .option("--limit <count>", "list only so many of the newest bundles (default: 100)"),
  )
    .addOption(PROGRESS)
    .addHelpText("after", exitCodesHelp([0, 1, 2, 4, 70, 130]))
    .action(async (dir, options) => {
      const { runSnapshots } = await import("./snapshots.ts");
      report(await runSnapshots(dir, options, io));
    });
}
