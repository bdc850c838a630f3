/** What to do about a run that is not as it was sealed in the archive or registry that carries it. @module */

import type { RejectionDetails } from "../../core/internal.ts";
import { runName } from "../../core/system/paths/run-name.ts";
import type { CarrierName } from "../../node/judge/source/bundle-source.ts";

/** How to get the run whole. */
const AGAIN: Readonly<Partial<Record<CarrierName, string>>> = {
  archive: "ask for the archive again, or have the run packed again",
  registry: "have the run pushed again",
};

/**
 * What to do about outputs that an archive or registry lacks, or holds changed, and about a run that has another name there;
 * `undefined` for any other code, and for folders and stores. `takesId` says whether the command has `--expect-id`.
 */
export function carriedHints(
  source: CarrierName | undefined,
  code: string | undefined,
  { sealed_as }: Omit<RejectionDetails, "reason">,
  takesId: boolean,
): readonly string[] | undefined {
  const again = source && AGAIN[source];
  if (again === undefined) return undefined;
  if (code === "OUTPUT_MISSING") return [`the ${source} lacks it: ${again}`];
  if (code === "HASH_MISMATCH") return [`the ${source} holds other bytes: ${again}`];
  return sealed_as === undefined ? undefined : renamedInCarrier(sealed_as, takesId);
}

/** What to do about a run that has another name in an archive or registry than it was sealed under. */
export function renamedInCarrier(sealedAs: string, takesId: boolean): readonly string[] {
  const changed =
    "runseal carries a run under the name it was sealed under: another program changed that name";
  return takesId
    ? [changed, `or say --expect-id ${runName(sealedAs)}, if that is the run you want`]
    : [changed];
}
