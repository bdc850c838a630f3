/** `runseal explain` as options; see program.ts. @module */

import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { commandHelp } from "../../options/help-text.ts";
import { JSON_OUTPUT } from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";

/** Makes the command `explain`. */
export function explainCommand(_io: Io, report: (ended: Report) => void): CommandUnknownOpts {
  return new Command("explain")
    .description("say what a code means and what to do about it")
    .addHelpText("before", commandHelp("explain"))
    .argument("<code>", "such as HASH_MISMATCH")
    .addOption(JSON_OUTPUT)
    .action(async (code) => {
      const { runExplain } = await import("./explain.ts");
      report(runExplain(code));
    });
}
