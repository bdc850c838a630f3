/** `runseal sign` as options; see program.ts. @module */

import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { exitCodesHelp, newCommand, signHelp } from "../../options/help-text.ts";
import {
  FILES,
  HERE,
  JOBS,
  PROGRESS,
  PROJECT,
  withAuthority,
  withSigner,
  withTrust,
} from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `sign`. */
export function signCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withTrust(
    withAuthority(
      withSigner(
        newCommand("sign", "sign an unsigned run, or add your signature or a timestamp to a signed one")
          .argument(
            "<run>",
            "an unsigned run: its id, or its folder with a slash in the path: ./build-42; with --counter or --time the id or folder of a signed run",
          )
          .option("--counter", "verify another signer's run and add your signature to it")
          .option("--time", "add the word of the authority at --tsa for when a run was signed; opens no key")
          .addOption(PROJECT)
          .addOption(HERE)
          .addOption(FILES)
          .option("--no-keep", "don't keep the files' bytes in the project's store")
          .addOption(
            new Option(
              "--links <which>",
              "which links to sign: those that stay inside, or any (default: inside)",
            ).choices(["inside", "any"] as const),
          )
          .option("--yes", "sign the unsigned run that is shown without asking"),
      ),
    ),
  )
    .addOption(JOBS)
    .addOption(PROGRESS)
    .addHelpText("after", `${signHelp()}${exitCodesHelp([0, 1, 2, 3, 4, 9, 70, 130])}`)
    .action(async (run, options) => {
      const { runSign } = await import("./sign.ts");
      report(await runSign(run, options, io));
    });
}
