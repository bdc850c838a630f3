/** `runseal completion` as options; see program.ts. @module */

import { Argument, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { completionHelp, newCommand } from "../../options/help-text.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Sink } from "../../output/report.ts";
import type { CompletionResult } from "./completion-results.ts";
import { SHELLS, scriptFor } from "./shell-scripts.ts";

/** Makes the command `completion`. */
export function completionCommand(_io: Io, report: Sink): CommandUnknownOpts {
  return newCommand("completion", "print the script that lets a shell complete runseal's command line")
    .addArgument(new Argument("<shell>", "the shell that reads the script").choices(SHELLS))
    .addHelpText("after", completionHelp())
    .action((shell) => {
      const script = scriptFor(shell);
      report({ ...doneReport<CompletionResult>("printed", { shell, script }, script), isProduct: true });
    });
}
