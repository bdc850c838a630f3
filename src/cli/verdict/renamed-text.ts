/** Hints for a run directory whose name is not its run id. @module */

import { quote, type RejectionDetails } from "../../core/internal.ts";
import { runName } from "../../core/system/paths/run-name.ts";
import { renamedInCarrier } from "./carried-hints.ts";

/** The remedies, for commands that take `--expect-id`; `undefined` if the name is not the cause. */
export function renamedHints(
  { sealed_as }: Omit<RejectionDetails, "reason">,
  isCarried = false,
): readonly string[] | undefined {
  if (sealed_as === undefined) return undefined;
  if (isCarried) return renamedInCarrier(sealed_as, true);
  return [
    renameHint(sealed_as),
    `or say --expect-id ${runName(sealed_as)}, which takes a folder of any name`,
  ];
}

/** The remedy for any command. */
export function renameHint(sealedAs: string): string {
  return `rename the folder to ${quote(sealedAs)}, if that is the run you want`;
}
