/** `runseal sign` as options; see program.ts. @module */

import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { exitCodesHelp, newCommand, signHelp } from "../../options/help-text.ts";
import { JOBS, PROGRESS, withAuthority, withSigner } from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `sign`. */
export function signCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withAuthority(
    withSigner(
      newCommand("sign", "hash the outputs of an unsigned bundle again, sign it, put it into your line")
        .argument(
          "<unsigned>",
          "a run id below .runseal/unsigned, or a folder with a slash in its path: ./build-42",
        )
        .option(
          "--root <dir>",
          "your project, whose line the bundle continues (default: the nearest one upwards, else this folder)",
        )
        .option(
          "--files <dir>",
          "where output paths begin (default: the project that the unsigned bundle is in, else your own)",
        )
        .option("--no-keep", "don't keep the files' bytes in the project's store")
        .addOption(
          new Option("--links <which>", "which links to sign: those that stay inside, or any")
            .choices(["inside", "any"] as const)
            .default("inside" as const),
        )
        .option("--yes", "sign what is shown without asking"),
    ),
  )
    .addOption(JOBS)
    .addOption(PROGRESS)
    .addHelpText("after", `${signHelp()}${exitCodesHelp([0, 1, 2, 4, 9, 70, 130])}`)
    .action(async (unsigned, options) => {
      const { runSign } = await import("./sign.ts");
      report(await runSign(unsigned, options, io));
    });
}
