/** `runseal prune` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { withStore } from "../../options/guard-options.ts";
import { exitCodesHelp, newCommand } from "../../options/help-text.ts";
import { PROGRESS, PROJECT, withSigner } from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

const HELP = `
Of a project it removes the bytes that no bundle names: no run loses any. --bundles
drops old runs too, and signs where the history begins now, as it does of a guard. A
guard is meant if --guard or --store says so, or if this folder is guarded and no
project is as near. A run is kept if --keep-last or --keep-days keeps it, and so is
all that it needs.
`;

/** Makes the command `prune`. */
export function pruneCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withSigner(
    withStore(
      newCommand("prune", "free what the store of a project or of a guarded folder does not need")
        .addOption(PROJECT)
        .option("--guard <dir>", "drop old snapshots of the guarded folder at or above this one")
        .option("--bundles", "of a project, drop old runs too")
        .option("--keep-last <count>", "keep so many of the newest runs (default: 50, and 30 days)")
        .option("--keep-days <days>", "keep the runs of so many days")
        .option("--dry-run", "say what would be removed, and remove nothing"),
    ),
  )
    .addOption(PROGRESS)
    .addHelpText("after", `${HELP}${exitCodesHelp([0, 1, 2, 3, 4, 9, 70, 130])}`)
    .action(async (options) => {
      const { runPrune } = await import("./prune.ts");
      report(await runPrune(options, io));
    });
}
