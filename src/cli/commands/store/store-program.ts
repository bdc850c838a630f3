/** `runseal store` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { newCommand } from "../../options/help-text.ts";
import { PROGRESS, PROJECT } from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `store` with its subcommands. */
export function storeCommand(io: Io, report: Sink): CommandUnknownOpts {
  const check = newCommand("store check", "hash everything in the project's store, and list what is wrong")
    .addOption(PROJECT)
    .addOption(PROGRESS)
    .action(async (options) => {
      const { runStoreCheck } = await import("./store-check.ts");
      report(await runStoreCheck(options, io));
    });
  const cat = newCommand("store cat", "write one object of the project's store to stdout, once it was hashed")
    .argument("<digest>", "its SHA-256: 64 hex digits, or sha256: and these")
    .addOption(PROJECT)
    .action(async (digest, options) => {
      const { runCat } = await import("./cat.ts");
      report(await runCat(digest, options, io));
    });
  const size = newCommand("store size", "list this project and the guards of this machine, with their bytes")
    .addOption(PROJECT)
    .action(async (options) => {
      const { runStoreSize } = await import("./store-size.ts");
      report(await runStoreSize(options, io));
    });
  return newCommand("store", "the objects that seals keep")
    .addCommand(check)
    .addCommand(cat)
    .addCommand(size);
}
