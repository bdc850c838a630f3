/** `runseal prove` and `runseal check-proof` as options; see program.ts. @module */

import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { checkProofHelp, newCommand, proveHelp } from "../../options/help-text.ts";
import {
  BUNDLE_OR_NEWEST,
  PROGRESS,
  ROOT,
  RUN,
  withExpected,
  withRegistry,
  withSignerTrust,
} from "../../options/shared-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** No proof could meet it: a timestamp is of a bundle. */
function refuseTimestamp(): never {
  throw new UsageError(
    "a proof carries no timestamp, so --require-timestamp can't be met; verify the bundle itself",
  );
}

/** Makes the command `prove`. */
export function proveCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withExpected(
    withRegistry(
      newCommand("prove", "print a proof that files were in a run, without the others")
        .usage("[options] [bundle] <file...>")
        .argument(
          "<bundle-or-file...>",
          `${BUNDLE_OR_NEWEST}; then files of the bundle, by their paths in it or on this disk`,
        )
        .addOption(ROOT)
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

/** Makes the command `check-proof`. */
export function checkProofCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withExpected(
    withSignerTrust(
      newCommand("check-proof", "judge files by a proof, without the bundle")
        .argument("<proof>", "the file that holds the proof")
        .argument(
          "[file...]",
          "the files that it is about, or some of them; without any, what it claims is shown",
        )
        .option("--as <path>", "which path of the proof the one file is, where its name doesn't say"),
    ),
  )
    .addOption(new Option("--require-timestamp").hideHelp().argParser(refuseTimestamp))
    .addHelpText("after", checkProofHelp())
    .action(async (proof, files, options) => {
      const { runCheckProof } = await import("./check-proof.ts");
      report(await runCheckProof(proof, files, options, io));
    });
}
