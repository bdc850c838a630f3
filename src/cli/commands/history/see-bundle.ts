/** Looks at the bundle that a person names, wherever it is. @module */

import { ok, type Result } from "../../../core/internal.ts";
import { inspectBundle, inspectCarried, type SeenBundle } from "../../../node/judge/history/inspect-run.ts";
import type { ExpectedBundle } from "../../../node/judge/verify/expected-bundle.ts";
import { readPulledFrom } from "../../../node/records/project/pulled-from.ts";
import type { OperationFault } from "../../../node/system/runtime/operation-fault.ts";
import { readCarriedRun } from "../../options/carried-run.ts";
import type { RegistryOptions } from "../../options/registry-options.ts";
import { type CarriedOptions, placeOfSource, refuseCarriedOptions } from "../../options/source-place.ts";
import { policyOf, type TrustChoice } from "../../options/trust-options.ts";
import type { Io } from "../../output/io.ts";

/** The options that say which bundle is meant. */
export interface SeeOptions extends RegistryOptions, Pick<CarriedOptions, "run"> {
  readonly project?: string | undefined;
}

/** A bundle that was looked at. */
export interface SeenHere extends SeenBundle {
  /** Of a pulled run of the project: where it came from. */
  readonly pulledFrom?: string | undefined;
}

/** Looks at a bundle. Fails where it can't be found, or its carrier can't be read. Throws usage errors. */
export async function seeBundle(
  text: string,
  options: SeeOptions,
  expected: ExpectedBundle,
  choice: TrustChoice,
  io: Io,
): Promise<Result<SeenHere, OperationFault>> {
  const place = placeOfSource(text, options, io);
  if (!place.ok) return place;
  if (place.value.kind === "folder") {
    refuseCarriedOptions(options);
    const { bundle } = place.value.place;
    return ok({ ...inspectBundle(bundle, undefined, expected), pulledFrom: readPulledFrom(bundle) });
  }
  const demand = { policy: policyOf(choice), registry: options };
  const run = await readCarriedRun(place.value.open, options, demand, io);
  return run.ok ? ok(inspectCarried(run.value, expected)) : run;
}
