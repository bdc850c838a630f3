/** `runseal check` as options; see program.ts. @module */

import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { SUMS_NAMESPACE } from "../../../core/evidence/ssh-signature.ts";
import { exitCodesHelp, newCommand } from "../../options/help-text.ts";
import { JOBS, PROGRESS, repeatable } from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `check`. */
export function checkCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand(
    "check",
    "judge files by what cosign, ssh-keygen, minisign, signify or model-signing made",
  )
    .argument("<evidence>", "a Sigstore bundle, an envelope, or the signature of a list of digests")
    .option("--list <file>", "the signed list (default: the evidence's name without .sig or .minisig)")
    .option("--root <dir>", "the folder that names are relative to", ".")
    .option("--run <dir>", "the run directory, for a statement about the root of a run")
    .addOption(
      repeatable(
        "--signer <key>",
        "trust this public key: PEM, minisign's, signify's or SSH (may be given several times)",
        "none",
      ),
    )
    .option("--trust <file>", "whom to trust, instead of your own trust file")
    .addOption(
      new Option("--namespace <name>", "the namespace that an SSH signature must be for").default(
        SUMS_NAMESPACE,
      ),
    )
    .option("--exact", "refuse files below the root that the evidence says nothing of")
    .addOption(
      repeatable(
        "--ignore <pattern>",
        "take what a pattern of gitignore's syntax matches for no extra file (repeatable)",
        "none",
      ),
    )
    .option("--all", "list every difference, not only the first")
    .option("-q, --quiet", "print nothing but errors; the exit code says the rest")
    .addOption(JOBS)
    .addOption(PROGRESS)
    .addHelpText("after", exitCodesHelp([0, 1, 2, 3, 4, 70, 130]))
    .action(async (evidence, options) => {
      const { runCheck } = await import("./check.ts");
      report(await runCheck(evidence, options, io));
    });
}
