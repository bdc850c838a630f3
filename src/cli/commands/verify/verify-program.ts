/** `runseal verify` as data; see define-command.ts. @module */

import { type MakeCommand, newCommand } from "../../options/define-command.ts";
import { flag, text } from "../../options/option-kinds.ts";
import {
  CARRIED,
  EXPECTED_HISTORY,
  FILES,
  PROJECT,
  RUN_OR_NEWEST,
  TREE,
  TRUST,
  WORK,
} from "../../options/shared-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import type { HistoryOptions, VerifyOptions } from "./verify-options.ts";

/** The command `verify`. */
export const verifyCommand: MakeCommand = newCommand({
  name: "verify",
  summary: "judge a run and its files, or a history, offline",
  operands: [["[run...]", RUN_OR_NEWEST]],
  options: {
    files: FILES,
    all: flag("--all", "list every difference, not only the first"),
    stored: flag("--stored", "look for the files in the project's store, not in a folder"),
    history: flag("--history", "judge all runs of the project or archive, or those named, as one history"),
    parts: flag("--parts", "judge the runs too whose bundles are outputs of this one"),
    report: text("--report <file>", "write a page without scripts; replaces an older file"),
    ...TRUST,
    ...EXPECTED_HISTORY,
    ...TREE,
    junit: text("--junit <file>", "write what was judged as JUnit XML; replaces an older file"),
    verbose: flag(
      "--verbose",
      "print each phase, also when all are passed; of a history, all that is known of a run",
    ),
    ...CARRIED,
    project: PROJECT,
    ...WORK,
  },
  rules: [
    {
      refused: [
        ...["--all", "--exact", "--expect-id", "--ignore"],
        ...["--parts", "--plain-http", "--report", "--run"],
      ],
      beside: ["--history"],
      why: "it is about one run",
    },
    { refused: ["--all", "--files", "--junit", "--report"], beside: ["--parts"] },
    { refused: ["--exact"], beside: ["--stored"], why: "it looks into a folder; give one" },
  ],
  examples: [
    "runseal verify build-42 --files /srv/data --trust signers.txt --all",
    "runseal verify --history --expect 0d693aec…",
  ],
  more: `
A report holds the verdict, the phases, the signer and why the policy trusts it, the
times, the differences, the sizes of files and the history. It is one file that loads
nothing, runs no script and can be printed. A rejected run gets one too.
`,
  exitCodes: [0, 1, 2, 3, 4, 70, 130],
  call: async ([runs], options, io) => {
    if (options.history === true) return await verifyHistory(runs, options, io);
    if (runs.length > 1)
      throw new UsageError("several runs are named\n--history judges them in this order, oldest first");
    return await verifyRun(runs[0], options, io);
  },
});

async function verifyRun(run: string | undefined, options: VerifyOptions, io: Io): Promise<Report> {
  const { onNamedOrNewest } = await import("../../options/default-run.ts");
  const verify =
    options.parts === true
      ? (await import("./verify-parts.ts")).verifyParts
      : (await import("./verify.ts")).runVerify;
  return await onNamedOrNewest(run, options.project, io, (named) =>
    verify(named, options, io, run === undefined),
  );
}

async function verifyHistory(
  runs: readonly string[],
  options: HistoryOptions & Pick<VerifyOptions, "junit">,
  io: Io,
): Promise<Report> {
  const { junit } = options;
  const verify = async (): Promise<Report> =>
    await (await import("./history-verdict.ts")).runHistoryVerify(runs, options, io);
  if (junit === undefined) return await verify();
  return await (await import("./verify-reports.ts")).withHistoryJunit(junit, io, verify);
}
