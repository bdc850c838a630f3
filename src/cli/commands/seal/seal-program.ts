/** `runseal seal` as options; see program.ts. @module */

import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { exitCodesHelp, newCommand, sealHelp } from "../../options/help-text.ts";
import { IGNORE } from "../../options/ignore-option.ts";
import { JOBS, JSON_OUTPUT, PROGRESS, withSigner } from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `seal`. */
export function sealCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withSigner(
    newCommand("seal", "hash files and folders and sign the result into a bundle")
      .argument("<path...>", "files and folders below the root")
      .option("--root <dir>", "the folder that output paths are relative to", ".")
      .option("--id <run-id>", "the bundle's name (default: UTC time and 4 random hex)")
      .option("--task <file>", "a JSON file that becomes TASK_SPEC.json, byte for byte"),
  )
    .option("--out <dir>", "put the bundle there, outside the project's line of runs; nothing is kept then")
    .option("--no-keep", "do not keep the files' bytes in the project's store")
    .addOption(IGNORE)
    .option("--skip-special", "leave links and special files out, and say so")
    .addOption(
      new Option("--names <rule>", "which file names to take")
        .choices(["portable", "posix"] as const)
        .default("portable" as const),
    )
    .addOption(JOBS)
    .addOption(PROGRESS)
    .addOption(JSON_OUTPUT)
    .addHelpText("after", `${sealHelp()}${exitCodesHelp([0, 1, 2, 4, 9, 70, 130])}`)
    .action(async (paths, options) => {
      const { runSeal } = await import("./seal.ts");
      report(await runSeal(paths, options, io));
    });
}
