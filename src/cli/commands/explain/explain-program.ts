/** `runseal explain` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { newCommand } from "../../options/help-text.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `explain`. */
export function explainCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand("explain", "say what a code means and what to do about it")
    .argument("<code>", "such as HASH_MISMATCH")
    .action(async (code) => {
      const { runExplain } = await import("./explain.ts");
      report(runExplain(code, io));
    });
}
