/** `runseal countersign` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { newCommand } from "../../options/help-text.ts";
import {
  ACCEPT_BEFORE_REVOCATION,
  ANY_SIGNER,
  JSON_OUTPUT,
  KEY,
  KEY_FD,
  PROGRESS,
  ROOT,
  SIGNER,
  SIGNER_COMMAND,
  SIGNER_KEY,
  SIGNER_TIMEOUT,
  SSH_AGENT,
  TRUST,
} from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `countersign`. */
export function countersignCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand("countersign", "verify another signer's bundle and add your signature to it")
    .argument("<bundle>", "the bundle's folder, or a run id of the project")
    .addOption(ROOT)
    .addOption(KEY)
    .addOption(KEY_FD)
    .addOption(SSH_AGENT)
    .addOption(SIGNER_COMMAND)
    .addOption(SIGNER_KEY)
    .addOption(SIGNER_TIMEOUT)
    .addOption(TRUST)
    .addOption(SIGNER)
    .addOption(ANY_SIGNER)
    .addOption(ACCEPT_BEFORE_REVOCATION)
    .addOption(PROGRESS)
    .addOption(JSON_OUTPUT)
    .action(async (bundle, options) => {
      const { runCountersign } = await import("./countersign.ts");
      report(await runCountersign(bundle, options, io));
    });
}
