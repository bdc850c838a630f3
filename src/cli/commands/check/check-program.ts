/** `runseal check` as options; see program.ts. @module */

import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { checkHelp, newCommand } from "../../options/help-text.ts";
import { JOBS, PROGRESS, repeatable, withExpected, withSignerTrust } from "../../options/shared-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Nothing that is checked could meet it: a timestamp is of a run. */
function refuseTimestamp(): never {
  throw new UsageError(
    "a proof carries no timestamp, and neither does evidence of other tools, so --require-timestamp can't be met; verify the run itself",
  );
}

/** Makes the command `check`. */
export function checkCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withExpected(
    withSignerTrust(
      newCommand("check", "judge files by a proof, or by what cosign, minisign and other tools made")
        .argument(
          "<evidence>",
          "a proof of files, a Sigstore bundle, an envelope, or the signature of a list of digests",
        )
        .argument(
          "[file...]",
          "the files that a proof is about, or some of them; without any, what it claims is shown",
        )
        .option("--as <path>", "which path of the proof the one file is, where its name doesn't say"),
    ),
  )
    .option("--files <dir>", "where the files are that the evidence names (default: this folder)")
    .option("--run <dir>", "the run directory, for a statement about the root of a run")
    .option("--namespace <name>", "the namespace that an SSH signature must be for (default: runseal-sums)")
    .option("--exact", "refuse files below the root that the evidence says nothing of")
    .addOption(
      repeatable(
        "--ignore <pattern>",
        "take what a pattern of gitignore's syntax matches for no extra file (repeatable)",
        "none",
      ),
    )
    .option("--all", "list every difference, not only the first")
    .addOption(JOBS)
    .addOption(PROGRESS)
    .addOption(new Option("--require-timestamp").hideHelp().argParser(refuseTimestamp))
    .addHelpText("after", checkHelp())
    .action(async (evidence, files, options) => {
      const { runCheck } = await import("./check.ts");
      report(await runCheck(evidence, files, options, io));
    });
}
