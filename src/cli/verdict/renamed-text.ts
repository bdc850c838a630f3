/** What is said of a run directory that bears another name than its run. @module */

import { quote, type RejectionDetails } from "../../core/internal.ts";
import { runName } from "../text/run-name.ts";

/** The two ways on, where a command takes `--expect-id`; `undefined` where the name is not to blame. */
export function renamedHints({ sealed_as }: RejectionDetails): readonly string[] | undefined {
  if (sealed_as === undefined) return undefined;
  return [
    renameHint(sealed_as),
    `or say --expect-id ${runName(sealed_as)}, which takes a folder of any name`,
  ];
}

/** The way on that every command has. */
export function renameHint(sealedAs: string): string {
  return `rename the folder to ${quote(sealedAs)}, if that is the run you want`;
}
