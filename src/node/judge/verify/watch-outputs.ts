/** Progress while outputs are hashed. @module */

import type { HashOptions } from "../../system/hashing/hash-files.ts";
import type { Progress } from "../../system/runtime/progress.ts";
import { sumOf } from "./find-outputs.ts";

/** Reports the progress of hashing outputs, of as many bytes as the bindings of the bundles declare. */
export function watchOutputs(
  progress: Progress | undefined,
  declared: readonly (number | undefined)[],
): HashOptions["watch"] {
  if (progress === undefined) return undefined;
  const bytes = sumOf(declared);
  return (done, files) => progress.begin("verify", { files, bytes }, done);
}
