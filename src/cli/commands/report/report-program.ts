/** `runseal report` as options; see program.ts. It is `verify` with a page as its answer. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { exitCodesHelp, newCommand, reportHelp } from "../../options/help-text.ts";
import {
  BUNDLE_OR_NEWEST,
  JOBS,
  PROGRESS,
  ROOT,
  STORED,
  withCarried,
  withExpected,
  withTree,
  withTrust,
} from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `report`. */
export function reportCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withTree(
    withExpected(
      withTrust(
        withCarried(
          newCommand("report", "verify a run, and write what was found as a page without scripts")
            .argument("[bundle]", BUNDLE_OR_NEWEST)
            .option("-o, --out <file>", "the file to make", "report.html")
            .addOption(ROOT),
        ),
      ),
    ).addOption(STORED),
  )
    .option("--junit <file>", "write the phases and the failing files as JUnit XML, into a new file")
    .addOption(JOBS)
    .addOption(PROGRESS)
    .addHelpText("after", reportHelp() + exitCodesHelp([0, 1, 2, 3, 4, 70, 130]))
    .action(async (bundle, { out, ...options }) => {
      const [{ onNamedOrNewest }, { runVerify }] = await Promise.all([
        import("../../options/newest-run.ts"),
        import("../verify/verify.ts"),
      ]);
      const verify = { ...options, reportHtml: out };
      report(await onNamedOrNewest(bundle, options.root, io, (named) => runVerify(named, verify, io)));
    });
}
