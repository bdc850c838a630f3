/** `runseal run` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { newCommand, runHelp } from "../../options/help-text.ts";
import {
  PROGRESS,
  repeatable,
  UNSIGNED,
  withAuthority,
  withSealing,
  withSigner,
} from "../../options/shared-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `run`. `behindTerminator`: the arguments behind `--`. */
export function runCommand(
  io: Io,
  report: Sink,
  { behindTerminator }: { readonly behindTerminator: readonly string[] },
): CommandUnknownOpts {
  return withAuthority(
    withSealing(
      withSigner(
        newCommand("run", "run a command, seal what it made, and how it left its scratch folders")
          .argument("<command...>", "behind --: the command to run, and its arguments")
          .addOption(
            repeatable("--output <path>", "a file or folder that the command makes (repeatable)", "none"),
          )
          .addOption(
            repeatable(
              "--scratch <dir>",
              "a folder it leaves as found (repeatable)",
              "the project's .runseal/scratch",
            ),
          )
          .addOption(
            repeatable("--input <path>", "a file or folder whose digests are recorded (repeatable)", "none"),
          )
          .addOption(repeatable("--env <name>", "a variable whose value is recorded (repeatable)", "none")),
      )
        .addOption(UNSIGNED)
        .option(
          "--guard <dir>",
          "guard this folder: keep it before and after, so that runseal undo can take the run back",
        )
        .option("--store <dir>", "with --guard: keep the snapshots there")
        .option("--budget <size>", "with --guard: bytes that a snapshot may add (default: 10G)")
        .option("--even-if-unreadable", "with --guard: go on without what can't be read")
        .option("--confine", "with --guard: let the command write in the folder, TMPDIR and /dev/shm only")
        .option("--even-as-root", "with --confine: go on as root, who may change owners and modes anywhere")
        .addOption(
          repeatable("--confine-write <path>", "let the command write here too (repeatable)", "none"),
        ),
    ),
  )
    .addOption(PROGRESS)
    .option("--report <file>", "write the facts of --json to a file too")
    .addHelpText("after", runHelp())
    .action(async ([file, ...args], options) => {
      checkTerminator(1 + args.length, options, behindTerminator);
      const { runRun } = await import("./run.ts");
      report(await runRun([file ?? "", ...args], options, io));
    });
}

/** Without `--`, an option could belong to runseal or to the command. */
function checkTerminator(words: number, options: object, behindTerminator: readonly string[]): void {
  const values: readonly unknown[] = Object.values(options).flat();
  if (values.includes("--")) throw new UsageError("the option before -- lacks its value");
  if (words !== behindTerminator.length) {
    throw new UsageError("put -- before the command: runseal run [options] -- COMMAND…");
  }
}
