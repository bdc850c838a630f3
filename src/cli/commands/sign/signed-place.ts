/** Where a signed run is that gets one more signature or a timestamp. @module */

import { resolve } from "node:path";
import { quote, type Result } from "../../../core/internal.ts";
import type { OperationFault } from "../../../node/index.ts";
import { isUnsignedBundle } from "../../../node/project/waiting-runs.ts";
import { type BundlePlace, placeOfBundle } from "../../options/bundle-place.ts";
import { UsageError } from "../../options/usage-error.ts";
import type { Io } from "../../output/io.ts";
import { isPathText } from "../../text/path-text.ts";
import { shellWord } from "../../text/shell-word.ts";

/** Finds the run. Fails as `placeOfBundle` does. Throws a usage error for an unsigned run. */
export function placeOfSigned(
  run: string,
  root: string | undefined,
  io: Io,
): Result<BundlePlace, OperationFault> {
  const place = placeOfBundle(run, root, io);
  if (place.ok && isUnsignedBundle(resolve(io.cwd, place.value.bundle)))
    throw unsignedError(run, isPathText(run) ? run : `./${run}`);
  if (!place.ok && (place.details.waiting ?? []).length > 0) throw unsignedError(run, run);
  return place;
}

function unsignedError(run: string, named: string): UsageError {
  return new UsageError(`${quote(run)} is not signed yet\nrunseal sign ${shellWord(named)} signs it`);
}
