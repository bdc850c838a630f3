/** `runseal timestamp` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { exitCodesHelp, newCommand } from "../../options/help-text.ts";
import { ROOT, withAuthority } from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `timestamp`. */
export function timestampCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withAuthority(
    newCommand("timestamp", "add an authority's word for when a bundle was signed")
      .argument("<bundle>", "the bundle's folder, or a run id of the project")
      .addOption(ROOT),
  )
    .option("--trust <file>", "whose authorities to trust, instead of your own trust file")
    .addHelpText("after", exitCodesHelp([0, 1, 2, 3, 4, 9, 70, 130]))
    .action(async (bundle, options) => {
      const { runTimestamp } = await import("./timestamp.ts");
      report(await runTimestamp(bundle, options, io));
    });
}
