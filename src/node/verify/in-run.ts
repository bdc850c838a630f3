/** Saying of which run of a chain a failure tells. @module */

import { inChain } from "../../core/internal.ts";
import type { VerifyFailure } from "../bundle/verify-context.ts";

/** A failure of one bundle as a failure of its chain. What names a path of the caller's own already says which. */
export function inRun(failure: VerifyFailure, runId: string): VerifyFailure {
  return "phase" in failure ? inChain(failure, runId) : failure;
}
