/** The chain root that a caller expects. @module */

import { UsageError } from "./usage-error.ts";

/** Throws a usage error unless it is one, or none was given. */
export function checkExpectedRoot(expectRoot: string | undefined): void {
  if (expectRoot !== undefined && !/^[0-9a-f]{64}$/.test(expectRoot)) {
    throw new UsageError("--expect-root takes 64 lowercase hex characters");
  }
}
