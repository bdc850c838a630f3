/** `runseal verify` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { exitCodesHelp, newCommand } from "../../options/help-text.ts";
import {
  BUNDLE_OR_NEWEST,
  JOBS,
  PROGRESS,
  ROOT,
  STORED,
  withCarried,
  withExpected,
  withSigner,
  withTree,
  withTrust,
} from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `verify`. */
export function verifyCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withTree(
    withExpected(
      withTrust(
        withSigner(
          withCarried(
            newCommand("verify", "judge a bundle and its files, offline")
              .argument("[bundle]", BUNDLE_OR_NEWEST)
              .addOption(ROOT),
          ).option("--attest <file>", "sign an accepted verdict with your own key, into a new file"),
        ),
      ),
    ).addOption(STORED),
  )
    .option("--junit <file>", "write the phases and the failing files as JUnit XML, into a new file")
    .option("--report-html <file>", "write the report as a page without scripts, into a new file")
    .option("--all", "list every difference, not only the first")
    .option("-q, --quiet", "print nothing but errors; the exit code says the rest")
    .option("--verbose", "print each phase, also when all are passed")
    .addOption(JOBS)
    .addOption(PROGRESS)
    .addHelpText("after", exitCodesHelp([0, 1, 2, 3, 4, 70, 130]))
    .action(async (bundle, options) => {
      const { runVerify } = await import("./verify.ts");
      const { onNamedOrNewest } = await import("../../options/newest-run.ts");
      report(await onNamedOrNewest(bundle, options.root, io, (named) => runVerify(named, options, io)));
    });
}
