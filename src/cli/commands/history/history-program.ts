/** `runseal log` and `runseal show` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { withStore } from "../../options/guard-options.ts";
import { exitCodesHelp, newCommand } from "../../options/help-text.ts";
import {
  PROGRESS,
  PROJECT,
  RUN,
  RUN_OR_NEWEST,
  withExpected,
  withRegistry,
  withTrust,
} from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `log`. */
export function logCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withRegistry(
    withTrust(
      withStore(
        newCommand("log", "list the runs of a project, a guarded folder or a repository, newest first")
          .argument("[reference]", "a repository, HOST/REPO or oci-layout:DIR (default: what is here)")
          .addOption(PROJECT)
          .option("--guard <dir>", "list the snapshots and runs of the guarded folder at or above this one"),
      )
        .option("--limit <count>", "list only so many of the newest (default, of a guard: 100 bundles)")
        .option("--verify", "hash the outputs too, not only judge the artifacts"),
    ),
  )
    .addOption(PROGRESS)
    .addHelpText("after", `${logHelp()}${exitCodesHelp([0, 2, 4, 70, 130])}`)
    .action(async (reference, options) => {
      const { runLog } = await import("./log.ts");
      report(await runLog(reference, options, io));
    });
}

/** Makes the command `show`. */
export function showCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withExpected(
    withTrust(
      withRegistry(
        newCommand("show", "show everything that the bundle of a run holds")
          .argument("[run]", RUN_OR_NEWEST)
          .addOption(PROJECT)
          .addOption(RUN),
      ),
    ),
  ).action(async (run, options) => {
    const { runShow } = await import("./show.ts");
    const { onNamedOrNewest } = await import("../../options/newest-run.ts");
    report(await onNamedOrNewest(run, options.project, io, (named) => runShow(named, options, io)));
  });
}

/** The limits of a list. */
function logHelp(): string {
  return `
Each run is judged by its artifacts: its signature holds, nothing in the bundle was
changed. Whether its files are still what was sealed, only --verify looks. A run that
failed says so itself; no verifier accepts it. The exit code is 0 where the list
could be made, whatever is in it: runseal verify --history judges the history.
`;
}
