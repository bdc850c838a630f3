/** `runseal page` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { newCommand } from "../../options/help-text.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `page`. */
export function pageCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand("page", "write the page that verifies a run in a browser, without a network")
    .requiredOption("-o, --out <file>", "the new file, or - for stdout")
    .action(async (options) => {
      const { runPage } = await import("./page.ts");
      report(await runPage(options, io));
    });
}
