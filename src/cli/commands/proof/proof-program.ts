/** `runseal prove` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { newCommand, proveHelp } from "../../options/help-text.ts";
import {
  FILES,
  PROGRESS,
  PROJECT,
  RUN,
  RUN_OR_NEWEST,
  withExpected,
  withRegistry,
} from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `prove`. */
export function proveCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withExpected(
    withRegistry(
      newCommand("prove", "print a proof that files were in a run, without the others")
        .usage("[options] [run] <file...>")
        .argument(
          "<run-or-file...>",
          `${RUN_OR_NEWEST}; then files of the run, by their paths in it or on this disk`,
        )
        .addOption(PROJECT)
        .addOption(FILES)
        .addOption(RUN),
    ),
  )
    .option("-o, --out <file>", "write the proof to a new file, not to stdout")
    .addOption(PROGRESS)
    .addHelpText("after", proveHelp())
    .action(async (words, options) => {
      const { runProveOf } = await import("./proven-run.ts");
      report(await runProveOf(words, options, io));
    });
}
