/** `runseal chain` as options; see program.ts. @module */

import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { newCommand } from "../../options/help-text.ts";
import {
  EXPECT_CHAIN_ROOT,
  IGNORE_MODES,
  JOBS,
  PROGRESS,
  ROOT,
  STORED,
  withTrust,
} from "../../options/shared-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import type { Io } from "../../output/io.ts";
import type { Report, Sink } from "../../output/report.ts";

/** The option is for one bundle; the option for a chain has another name. */
function refuseExpectRoot(): never {
  throw new UsageError("--expect-root is of one bundle; a chain has --expect-chain-root");
}

/** Makes the command `chain`. */
export function chainCommand(io: Io, report: Sink): CommandUnknownOpts {
  const verify = withTrust(
    newCommand(
      "chain verify",
      "judge a project's history, or several bundles in the order in which their runs happened",
    )
      .argument(
        "[bundle...]",
        "bundles, oldest first, or one archive; none: all runs of the project, in the order of their links",
      )
      .addOption(ROOT),
  )
    .addOption(EXPECT_CHAIN_ROOT)
    .addOption(new Option("--expect-root <hex>").hideHelp().argParser(refuseExpectRoot))
    .addOption(STORED)
    .addOption(IGNORE_MODES)
    .addOption(JOBS)
    .option("--junit <file>", "write the runs and what does not fit as JUnit XML, into a new file")
    .addOption(PROGRESS)
    .action(async (bundles, options) => {
      const verify = async (): Promise<Report> => {
        if (bundles.length === 0) {
          const { runHistoryVerify } = await import("./chain-history.ts");
          return await runHistoryVerify(options, io);
        }
        const { runChainVerify } = await import("./chain-verify.ts");
        return await runChainVerify(bundles, options, io);
      };
      if (options.junit === undefined) return report(await verify());
      const { withChainJunit } = await import("./chain-junit.ts");
      report(await withChainJunit(options.junit, io, verify));
    });
  return newCommand("chain", "several bundles in order").addCommand(verify);
}
