/** `runseal forget` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { withStore } from "../../options/guard-options.ts";
import { exitCodesHelp, newCommand } from "../../options/help-text.ts";
import { PROGRESS, withSigner } from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `forget`. */
export function forgetCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withSigner(
    withStore(
      newCommand("forget", "take old runs from a guard, and remove the objects that no other run names")
        .argument("[dir]", "the guarded folder, or one below it", ".")
        .option("--keep-last <count>", "keep so many of the newest runs (default: 50, and 30d)")
        .option("--keep-within <time>", "keep runs of this time: 12h, 30d or 8w")
        .option("--dry-run", "say what would be forgotten, and forget nothing"),
    ),
  )
    .addOption(PROGRESS)
    .addHelpText("after", exitCodesHelp([0, 1, 2, 3, 4, 9, 70, 130]))
    .action(async (dir, options) => {
      const { runForget } = await import("./forget.ts");
      report(await runForget(dir, options, io));
    });
}
