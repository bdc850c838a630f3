/** Where a signed run is that gets one more signature or a timestamp. @module */

import { resolve } from "node:path";
import { quote, type Result } from "../../../core/internal.ts";
import type { BundlePlace, PlaceOptions } from "../../../node/library/places/bundle-place.ts";
import { isUnsignedBundle } from "../../../node/records/project/waiting-runs.ts";
import type { OperationFault } from "../../../node/system/runtime/operation-fault.ts";
import { placeOfBundle } from "../../options/run-operands.ts";
import { UsageError } from "../../options/usage-error.ts";
import type { Io } from "../../output/io.ts";
import { shellWord } from "../../text/shell-word.ts";

/** Finds the run. Fails as `placeOfBundle` does. Throws a usage error for an unsigned run. */
export function placeOfSigned(
  run: string,
  options: PlaceOptions,
  io: Io,
): Result<BundlePlace, OperationFault> {
  const place = placeOfBundle(run, options, io);
  const isUnsigned = place.ok
    ? isUnsignedBundle(resolve(io.cwd, place.value.bundle))
    : place.code === "RUN_NOT_FOUND" && "waiting" in place.details && place.details.waiting.length > 0;
  if (isUnsigned)
    throw new UsageError(`${quote(run)} is not signed yet\nrunseal sign ${shellWord(run)} signs it`);
  return place;
}
