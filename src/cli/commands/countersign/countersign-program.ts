/** `runseal countersign` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { newCommand } from "../../options/help-text.ts";
import { PROGRESS, ROOT, withSigner, withTrust } from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `countersign`. */
export function countersignCommand(io: Io, report: Sink): CommandUnknownOpts {
  return withTrust(
    withSigner(
      newCommand("countersign", "verify another signer's bundle and add your signature to it")
        .argument("<bundle>", "the bundle's folder, or a run id of the project")
        .addOption(ROOT),
    ),
  )
    .addOption(PROGRESS)
    .action(async (bundle, options) => {
      const { runCountersign } = await import("./countersign.ts");
      report(await runCountersign(bundle, options, io));
    });
}
