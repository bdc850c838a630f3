/** `runseal verify` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { exitCodesHelp, newCommand, verifyHelp } from "../../options/help-text.ts";
import {
  EXPECT_CHAIN_ROOT,
  FILES,
  JOBS,
  PROGRESS,
  PROJECT,
  RUN_OR_NEWEST,
  STORED,
  withCarried,
  withExpected,
  withTree,
  withTrust,
} from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Report, Sink } from "../../output/report.ts";
import { asksForHistory, type VerifyAsked } from "./history-options.ts";

/** Makes the command `verify`. */
export function verifyCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withTree(
    withExpected(
      withTrust(
        withCarried(
          newCommand("verify", "judge a run and its files, or a history, offline")
            .argument("[run...]", RUN_OR_NEWEST)
            .addOption(PROJECT)
            .addOption(FILES),
        ),
      ),
    ).addOption(STORED),
  )
    .option(
      "--history",
      "judge all runs of the project in the order of their links, those of an archive, or several in the order named",
    )
    .addOption(EXPECT_CHAIN_ROOT)
    .option("--junit <file>", "write what was judged as JUnit XML; an older file of yours is replaced")
    .option("--report <file>", "write a page without scripts; an older file of yours is replaced")
    .option("--all", "list every difference, not only the first")
    .option("--verbose", "print each phase, also when all are passed")
    .addOption(JOBS)
    .addOption(PROGRESS)
    .addHelpText("after", verifyHelp() + exitCodesHelp([0, 1, 2, 3, 4, 70, 130]))
    .action(async (runs, options) => {
      report(
        asksForHistory(runs, options)
          ? await verifyHistory(runs, options, io)
          : await verifyRun(runs[0], options, io),
      );
    });
}

async function verifyRun(run: string | undefined, options: VerifyAsked, io: Io): Promise<Report> {
  const { runVerify } = await import("./verify.ts");
  const { onNamedOrNewest } = await import("../../options/newest-run.ts");
  return await onNamedOrNewest(run, options.project, io, (named) =>
    runVerify(named, options, io, run === undefined),
  );
}

async function verifyHistory(runs: readonly string[], options: VerifyAsked, io: Io): Promise<Report> {
  const verify = async (): Promise<Report> => {
    if (runs.length === 0) {
      const { runHistoryVerify } = await import("./verify-history.ts");
      return await runHistoryVerify(options, io);
    }
    const { runRunsVerify } = await import("./verify-runs.ts");
    return await runRunsVerify(runs, options, io);
  };
  const { junit } = options;
  const withJunit = async (file: string): Promise<Report> =>
    await (await import("./history-junit.ts")).withHistoryJunit(file, io, verify);
  return junit === undefined ? await verify() : await withJunit(junit);
}
