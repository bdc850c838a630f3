/** The chain root that a caller expects. @module */

import { usageError } from "./usage-error.ts";

/** Throws a usage error unless it is one, or none was given. */
export function checkExpectedRoot(expectRoot: string | undefined): void {
  if (expectRoot !== undefined && !/^[0-9a-f]{64}$/.test(expectRoot)) {
    throw usageError("--expect-root takes 64 lowercase hex characters");
  }
}
